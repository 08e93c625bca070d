//! Ticks, deposits, actions, fees.

use ark_bn254::Fr;

use super::{BATCH_TIME, Fields, Outcome, Row, Vectors, row};
use crate::gadgets::row::Padded;
use crate::gadgets::signature::SecretKey;
use crate::margin::Header;
use crate::ops::action::{Nonces, SignatureCheck, require_fields};
use crate::ops::collect_fees::circuit::CollectFeesRecord;
use crate::ops::deposit::circuit::DepositRecord;
use crate::ops::*;
use crate::params::FUNDING_SCALE;
use crate::reject::Reject::*;
use crate::soundness::fixture::{context, flat, market, owner};
use crate::state::{Flags, Market, Mode, Side};

fn tick(f: &Fields) -> Outcome {
    let market = Market {
        max_price: f.get("max_price"),
        funding_cap: f.get("funding_cap"),
        funding_index: f.get("funding_index"),
        ..market()
    };
    let time = BATCH_TIME + f.get::<u64>("seconds");
    let context = Context { time, observed: time, ..context() };
    let op = Tick { market: 1, price: f.get("price"), rate: f.get("rate") };
    Outcome { native: tick::apply(&context, &op, &market).err(), row: Row::Elsewhere }
}

fn deposit(f: &Fields) -> Outcome {
    let header = Header { mode: Mode::from_market(f.get("account.mode")), ..flat(f.get("collateral")) };
    let (amount, key) = (f.get("amount"), owner(f.get("owner")));
    let op = Deposit { account: 600, owner: key, mode: Mode::from_market(f.get("mode")), amount };
    let input =
        DepositRecord { sequence: 2, account: 600, owner: key, amount, creates: false, header, header_at: 0 };
    Outcome {
        native: deposit::apply(&op, &owner(f.get("account.owner")), f.get("account.orders_from"), &header)
            .err(),
        row: row(|cs| deposit::circuit::deposit(cs, &Padded::enabled(input.clone()))),
    }
}

fn action(f: &Fields) -> Outcome {
    let key = |number: u8| SecretKey::from_seed(&[number; 32]);
    let lane = if f.flag("cancel_lane") { Lane::Cancels } else { Lane::Orders };
    let item = Item::Order(OrderItem {
        market: 1,
        side: Side::Buy,
        limit: 100,
        lots: f.get("lots"),
        flags: Flags::default(),
        max_fee: 0,
        expiry: f.get("expiry"),
    });
    let items = vec![item; f.get("orders")];
    let (strict, nonce, signature) = (f.flag("strict"), f.get("nonce"), key(1).sign(Fr::from(0u64)));
    let mut op = Action { account: 600, lane, strict, nonce, items, signature };
    if require_fields(&op).is_ok() {
        op.signature = key(f.get("signer")).sign(op.message(&context().domain).hash);
    }
    let nonces = Nonces { order: f.get("last.order_nonce"), cancel: f.get("last.cancel_nonce") };
    let owner = key(f.get("owner")).public_key();
    let native = action::apply(&context(), &op, &owner, &nonces, SignatureCheck::Verify).err();
    Outcome { native, row: Row::Elsewhere }
}

fn collect_fees(f: &Fields) -> Outcome {
    let (fees, header) = (f.get("fees"), flat(f.get("collateral")));
    let input = CollectFeesRecord { sequence: 50, fees, fees_at: 399, header, header_at: 9 };
    Outcome {
        native: collect_fees::apply(fees, &header).err(),
        row: row(|cs| collect_fees::circuit::collect_fees(cs, &Padded::enabled(input.clone()))),
    }
}

const TWO_63: i128 = 1 << 63;
const INDEX_MAX: i128 = (1 << 95) - 1;
const PRICE: i128 = 100 << 32;
/// What a long of one quantum pays for an hour at 0.1 % of that price.
const PAID: i128 = FUNDING_SCALE / 10;

pub fn vectors() -> Vec<Vectors> {
    vec![
        Vectors {
            op: "tick",
            before: &[
                ("price", PRICE),
                ("rate", 0),
                ("seconds", 3_600),
                ("max_price", 1 << 45),
                ("funding_cap", 1_000_000),
                ("funding_index", 0),
            ],
            run: tick,
            cases: &[
                (&[("price", 0)], Some(PriceRange)),
                (&[("price", 1)], None),
                (&[("price", 1 << 45)], None),
                (&[("price", (1 << 45) + 1)], Some(PriceRange)),
                (&[("rate", 1_000_000)], None),
                (&[("rate", 1_000_001)], Some(RateAboveCap)),
                (&[("rate", -1_000_000)], None),
                (&[("rate", -1_000_001)], Some(RateAboveCap)),
                (&[("rate", 1_000_000), ("funding_index", INDEX_MAX - PAID)], None),
                (&[("rate", 1_000_000), ("funding_index", INDEX_MAX - PAID + 1)], Some(FundingIndexRange)),
            ],
        },
        Vectors {
            op: "deposit",
            before: &[
                ("amount", 7),
                ("owner", 1),
                ("mode", 0),
                ("account.owner", 1),
                ("account.mode", 0),
                ("account.orders_from", 0),
                ("collateral", -3),
            ],
            run: deposit,
            cases: &[
                (&[("amount", 0)], Some(AmountRange)),
                (&[("amount", 1)], None),
                (&[("amount", 2)], None),
                (&[("amount", TWO_63 - 1)], None),
                (&[("amount", TWO_63)], Some(AmountRange)),
                (&[("amount", TWO_63 + 1)], Some(AmountRange)),
                (&[("amount", 2 * TWO_63 - 1)], Some(AmountRange)),
                (&[("owner", 2)], Some(OwnerMismatch)),
                (&[("account.orders_from", 1)], Some(RekeyedAccount)),
                (&[("mode", 1)], Some(ModeMismatch)),
                (&[("account.mode", 1)], Some(ModeMismatch)),
                (&[("collateral", TWO_63 - 8)], None),
                (&[("collateral", TWO_63 - 7)], Some(CollateralRange)),
            ],
        },
        Vectors {
            op: "action",
            before: &[
                ("cancel_lane", 0),
                ("strict", 0),
                ("nonce", 11),
                ("last.order_nonce", 10),
                ("last.cancel_nonce", 4),
                ("orders", 1),
                ("lots", 10),
                ("expiry", 2_000),
                ("owner", 1),
                ("signer", 1),
            ],
            run: action,
            cases: &[
                (&[("orders", 0)], Some(ItemCount)),
                (&[("orders", 5)], None),
                (&[("lots", (1 << 56) - 1)], None),
                (&[("lots", 1 << 56)], Some(FieldRange)),
                (&[("expiry", (1 << 36) - 1)], None),
                (&[("expiry", 1 << 36)], Some(FieldRange)),
                (&[("nonce", 1 << 40)], Some(FieldRange)),
                (&[("cancel_lane", 1)], Some(WrongLane)),
                (&[("cancel_lane", 1), ("orders", 2)], None),
                (&[("nonce", 10)], Some(NonceTooLow)),
                (&[("nonce", 10 + (1 << 20))], None),
                (&[("nonce", 11 + (1 << 20))], Some(NonceTooHigh)),
                (&[("strict", 1)], None),
                (&[("strict", 1), ("nonce", 12)], Some(NonceNotNext)),
                (&[("signer", 2)], Some(BadSignature)),
            ],
        },
        Vectors {
            op: "collect_fees",
            before: &[("fees", 8), ("collateral", 0)],
            run: collect_fees,
            cases: &[
                (&[("fees", 0)], None),
                (&[("collateral", TWO_63 - 9)], None),
                (&[("collateral", TWO_63 - 8)], Some(CollateralRange)),
            ],
        },
    ]
}
