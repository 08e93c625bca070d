//! Reads `testvectors/orders.json`: actions that JavaScript encoded, hashed and signed.

use std::str::FromStr;

use ark_bn254::Fr;
use ark_ff::BigInt;
use num_bigint::BigUint;
use serde_json::Value;
use zkmargin_circuits::gadgets::signature::{Point, Signature};
use zkmargin_circuits::ops::{Action, Domain, Item, Lane, OrderItem, TransferItem, WithdrawItem};
use zkmargin_circuits::state::{Flags, Mode, PublicKey, Side};

const VECTORS: &str = include_str!("../../../testvectors/orders.json");

/// What JavaScript computed on the way to the message.
#[derive(Debug, PartialEq, Eq)]
pub struct Computed {
    pub words: Vec<Fr>,
    /// `H_1, H_2, …`; empty for a single item.
    pub chain: Vec<Fr>,
    pub domain: Fr,
    pub header: Fr,
    pub payload: Fr,
    pub message: Fr,
}

pub struct Case {
    pub name: String,
    pub key: PublicKey,
    pub action: Action,
    pub computed: Computed,
}

pub fn read() -> (Domain, Vec<Case>) {
    let file: Value = serde_json::from_str(VECTORS).expect("orders.json");
    let domain = &file["domain"];
    let domain = Domain { chain_id: number(&domain["chain_id"]), contract: address(&domain["contract"]) };
    (domain, list(&file["cases"]).iter().map(case).collect())
}

fn case(value: &Value) -> Case {
    let lane = match text(&value["lane"]) {
        "orders" => Lane::Orders,
        "cancels" => Lane::Cancels,
        other => panic!("lane {other}"),
    };
    let signature = &value["signature"];
    let s: BigUint = number(&signature["s"]);
    let action = Action {
        account: number(&value["account"]),
        lane,
        strict: value["strict"].as_bool().expect("strict"),
        nonce: number(&value["nonce"]),
        items: list(&value["items"]).iter().map(item).collect(),
        signature: Signature { r: point(&signature["r"]), s: BigInt::try_from(s).expect("256 bits") },
    };
    let computed = &value["computed"];
    let computed = Computed {
        words: list(&computed["words"]).iter().map(number).collect(),
        chain: list(&computed["chain"]).iter().map(number).collect(),
        domain: number(&computed["domain_word"]),
        header: number(&computed["header"]),
        payload: number(&computed["payload"]),
        message: number(&computed["message"]),
    };
    Case { name: text(&value["name"]).to_owned(), key: point(&value["key"]), action, computed }
}

fn item(value: &Value) -> Item {
    match text(&value["kind"]) {
        "order" => Item::Order(order(value)),
        "cancel" => Item::Cancel(number(&value["order"])),
        "withdraw" => Item::Withdraw(WithdrawItem {
            amount: number(&value["amount"]),
            recipient: address(&value["recipient"]),
        }),
        "transfer" => Item::Transfer(TransferItem {
            to: number(&value["to"]),
            amount: number(&value["amount"]),
            mode: Mode::from_market(number(&value["mode_market"])),
        }),
        "set_leverage" => Item::SetLeverage(number(&value["limit"])),
        "set_mode" => Item::SetMode(Mode::from_market(number(&value["mode_market"]))),
        "change_key" => Item::ChangeKey(PublicKey { x: number(&value["x"]), y: number(&value["y"]) }),
        other => panic!("kind {other}"),
    }
}

fn order(value: &Value) -> OrderItem {
    let mut flags = Flags::default();
    for flag in list(&value["flags"]) {
        *match text(flag) {
            "post_only" => &mut flags.post_only,
            "reduce_only" => &mut flags.reduce_only,
            "immediate_or_cancel" => &mut flags.immediate_or_cancel,
            "fill_or_kill" => &mut flags.fill_or_kill,
            other => panic!("flag {other}"),
        } = true;
    }
    let side = match text(&value["side"]) {
        "buy" => Side::Buy,
        "sell" => Side::Sell,
        other => panic!("side {other}"),
    };
    OrderItem {
        market: number(&value["market"]),
        side,
        limit: number(&value["limit"]),
        lots: number(&value["lots"]),
        flags,
        max_fee: number(&value["max_fee"]),
        expiry: number(&value["expiry"]),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not text"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value} is not a list"))
}

/// Decimal text.
fn number<T: FromStr>(value: &Value) -> T {
    text(value).parse().unwrap_or_else(|_| panic!("{value} is not a number of its width"))
}

fn point(value: &Value) -> Point {
    Point { x: number(&value[0]), y: number(&value[1]) }
}

/// `0x` and 40 hexadecimal digits.
fn address(value: &Value) -> [u8; 20] {
    let digits = text(value).strip_prefix("0x").expect("0x");
    assert_eq!(digits.len(), 40, "{value}");
    std::array::from_fn(|i| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).expect("hexadecimal"))
}
