//! Items of actions: orders placed and cancelled, collateral that leaves or moves.

use super::{Fields, Outcome, Row, Vectors, flags, row};
use crate::gadgets::row::Padded;
use crate::margin::Header;
use crate::ops::cancel::circuit::CancelRecord;
use crate::ops::change_key::circuit::ChangeKeyRecord;
use crate::ops::change_key::tests::{key_of_x, key_of_y};
use crate::ops::change_key::{X_HIGH_MAX, Y_HIGH_MAX};
use crate::ops::place::circuit::PlaceRecord;
use crate::ops::set_leverage::circuit::SetLeverageRecord;
use crate::ops::set_mode::Standing;
use crate::ops::set_mode::circuit::SetModeRecord;
use crate::ops::transfer::circuit::TransferRecord;
use crate::ops::withdraw::circuit::WithdrawRecord;
use crate::ops::*;
use crate::params::{M, U};
use crate::reject::Reject::*;
use crate::soundness::fixture::{context, entry, flat, order, owner};
use crate::state::{Mode, Order, PublicKey, Side};

fn place(f: &Fields) -> Outcome {
    let mut entry = entry();
    entry.market.min_lots = f.get("market.min_lots");
    let item = OrderItem {
        market: entry.id,
        side: Side::Sell,
        limit: f.get("limit"),
        lots: f.get("lots"),
        flags: flags(f, ""),
        max_fee: 0,
        expiry: f.get("expiry"),
    };
    let OrderItem { market, side, limit, lots, flags, max_fee, expiry } = item;
    let (size, left) = (lots, lots);
    let order = Order { account: 600, market, side, limit, size, left, flags, max_fee, expiry, fee_carry: 0 };
    let min_lots = entry.market.min_lots;
    let input = PlaceRecord { sequence: 5, id: 70, order, min_lots, left, fee_carry: 0, at: 40 };
    Outcome {
        native: place::apply(&context(), 600, &item, &entry).err(),
        row: row(|cs| place::circuit::place(cs, &Padded::enabled(input))),
    }
}

fn cancel(f: &Fields) -> Outcome {
    let (size, left) = (f.get("size"), f.get("left"));
    let order = Order { size, left, flags: flags(f, ""), ..order(f.get("account"), Side::Sell) };
    let input = CancelRecord { sequence: 9, single_cancel: true, id: 77, order, order_at: 40 };
    Outcome {
        native: cancel::apply(f.get("signer"), &order).err(),
        row: row(|cs| cancel::circuit::cancel(cs, &Padded::enabled(input.clone()))),
    }
}

fn sums(f: &Fields) -> Header {
    let (value, initial, entry) = (f.get("value"), f.get("initial"), f.get("entry"));
    Header { value, initial, entry, still: f.get("still"), ..flat(f.get("collateral")) }
}

fn withdraw(f: &Fields) -> Outcome {
    let (amount, recipient, header) = (f.get("amount"), [0xa7; 20], sums(f));
    let input = WithdrawRecord {
        sequence: 4,
        single_cancel: false,
        account: 600,
        amount,
        recipient,
        header,
        header_at: 3,
    };
    Outcome {
        native: withdraw::apply(&WithdrawItem { amount, recipient }, &header).err(),
        row: row(|cs| withdraw::circuit::withdraw(cs, &Padded::enabled(input.clone()))),
    }
}

fn transfer(f: &Fields) -> Outcome {
    let (from_header, to_header) = (sums(f), flat(f.get("to.collateral")));
    let item = TransferItem { to: 601, amount: f.get("amount"), mode: Mode::Cross };
    let input = TransferRecord {
        sequence: 4,
        single_cancel: false,
        from: 600,
        named: 601,
        to: 601,
        mode_market: 0,
        amount: item.amount,
        creates: false,
        from_owner: owner(3),
        from_orders: 0,
        from_header,
        from_at: 3,
        to_header,
        to_at: 0,
    };
    Outcome {
        native: transfer::apply(&item, &from_header, &to_header).err(),
        row: row(|cs| transfer::circuit::transfer(cs, &Padded::enabled(input.clone()))),
    }
}

fn set_leverage(f: &Fields) -> Outcome {
    let limit = f.get("limit");
    let native = set_leverage::apply(limit, f.flag("set_before").then_some(9)).err();
    let record = SetLeverageRecord { single_cancel: false, account: 600, limit };
    let row = if f.flag("set_before") {
        // Two rows of one account each hold; the account's row receives one of them.
        Row::Elsewhere
    } else {
        row(|cs| set_leverage::circuit::set_leverage(cs, &Padded::enabled(record)))
    };
    Outcome { native, row }
}

fn set_mode(f: &Fields) -> Outcome {
    let (account, mode_market) = (f.get("account"), f.get("mode"));
    let changed = f.flag("set_before").then_some(Mode::Cross);
    let mode = Mode::from_market(f.get("account.mode"));
    let standing = Standing { account, mode, used_slots: f.get("account.used_slots"), changed };
    let native = set_mode::apply(Mode::from_market(mode_market), &standing).err();
    let record = SetModeRecord { single_cancel: false, account, mode_market, min_lots: 10 };
    let row = match native.as_ref().map(|refusal| refusal.reason) {
        // What the mode change row has, or has not: two modes of which one is cross, no slots, one MODE.
        Some(ModePath | NotFlat | ModeTwice) => Row::Elsewhere,
        _ => row(|cs| set_mode::circuit::set_mode(cs, &Padded::enabled(record))),
    };
    Outcome { native, row }
}

fn change_key(f: &Fields) -> Outcome {
    let PublicKey { x, y } = match (f.get("x_high"), f.get("y_high")) {
        (0, 0) => crate::gadgets::curve::GENERATOR,
        (x_high, 0) => key_of_x(x_high),
        (_, y_high) => key_of_y(y_high),
    };
    let key = PublicKey { x, y: y + ark_bn254::Fr::from(f.get::<u64>("off_curve")) };
    let native = change_key::apply(&key, f.flag("set_before").then_some(key)).err();
    let record = ChangeKeyRecord { single_cancel: false, account: 600, key };
    let row = if f.flag("set_before") {
        // Two rows of one account each hold; the account's row receives one of them.
        Row::Elsewhere
    } else {
        row(|cs| change_key::circuit::change_key(cs, &Padded::enabled(record)))
    };
    Outcome { native, row }
}

const TWO_63: i128 = 1 << 63;

/// Integers for `take`: 9 held, 5 taken.
const SUMS: [(&str, i128); 6] =
    [("amount", 5), ("collateral", 9), ("value", 0), ("initial", 0), ("entry", 0), ("still", 0)];

pub fn vectors() -> Vec<Vectors> {
    vec![
        Vectors {
            op: "place",
            before: &[
                ("limit", 100),
                ("lots", 10),
                ("expiry", 1_000),
                ("post_only", 0),
                ("reduce_only", 0),
                ("immediate_or_cancel", 0),
                ("fill_or_kill", 0),
                ("market.min_lots", 10),
            ],
            run: place,
            cases: &[
                (&[("post_only", 1)], None),
                (&[("post_only", 1), ("immediate_or_cancel", 1)], Some(BadFlags)),
                (&[("post_only", 1), ("fill_or_kill", 1)], Some(BadFlags)),
                (&[("immediate_or_cancel", 1), ("fill_or_kill", 1)], None),
                (&[("limit", 0)], Some(ZeroLimit)),
                (&[("limit", 1)], None),
                (&[("limit", 2)], None),
                (&[("lots", 9)], Some(BelowMinimumOrder)),
                (&[("lots", 11)], None),
                (&[("lots", 1), ("reduce_only", 1)], None),
                (&[("lots", 0), ("reduce_only", 1)], Some(BelowMinimumOrder)),
                (&[("expiry", 999)], Some(OrderExpired)),
                (&[("expiry", 1_001)], None),
            ],
        },
        Vectors {
            op: "cancel",
            before: &[
                ("signer", 600),
                ("account", 600),
                ("size", 50),
                ("left", 20),
                ("post_only", 0),
                ("reduce_only", 0),
                ("immediate_or_cancel", 0),
                ("fill_or_kill", 0),
            ],
            run: cancel,
            cases: &[
                (&[("left", 0)], Some(UnknownOrder)),
                (&[("left", 1)], None),
                (&[("left", 2)], None),
                (&[("signer", 601)], Some(NotOrderOwner)),
                (&[("immediate_or_cancel", 1)], None),
                (&[("fill_or_kill", 1), ("left", 0)], Some(UnknownOrder)),
                (&[("fill_or_kill", 1), ("left", 1)], Some(FillOrKill)),
                (&[("fill_or_kill", 1), ("left", 49)], Some(FillOrKill)),
                (&[("fill_or_kill", 1), ("left", 50)], None),
                (&[("fill_or_kill", 1), ("left", 51)], Some(FillOrKill)),
            ],
        },
        Vectors {
            op: "withdraw",
            before: &SUMS,
            run: withdraw,
            cases: &[
                (&[("amount", 0)], Some(AmountRange)),
                (&[("amount", 1)], None),
                (&[("amount", 2)], None),
                (&[("amount", TWO_63)], Some(AmountRange)),
                (&[("amount", TWO_63 + 1)], Some(AmountRange)),
                (&[("amount", 2 * TWO_63 - 1)], Some(AmountRange)),
                (&[("amount", TWO_63 - 1), ("collateral", TWO_63 - 1)], None),
                (&[("collateral", -TWO_63 + 4)], Some(CollateralRange)),
                (&[("collateral", -TWO_63 + 5)], Some(UnrealisedProfit)),
                (&[("still", 1)], Some(HoldsStillMarket)),
                (&[("still", 16), ("amount", 10)], Some(HoldsStillMarket)),
                (&[("amount", 8)], None),
                (&[("amount", 9)], None),
                (&[("amount", 10)], Some(UnrealisedProfit)),
                (&[("entry", -4)], None),
                (&[("entry", -5)], Some(UnrealisedProfit)),
                (&[("initial", 4 * U * M - 1)], None),
                (&[("initial", 4 * U * M)], None),
                (&[("initial", 4 * U * M + 1)], Some(BelowInitialMargin)),
                (&[("value", -4 * U)], None),
                (&[("value", -4 * U - 1)], Some(BelowInitialMargin)),
            ],
        },
        Vectors {
            op: "transfer",
            before: &[SUMS[0], SUMS[1], SUMS[2], SUMS[3], SUMS[4], SUMS[5], ("to.collateral", -8)],
            run: transfer,
            cases: &[
                (&[("amount", 0)], Some(AmountRange)),
                (&[("amount", TWO_63)], Some(AmountRange)),
                (&[("collateral", -TWO_63 + 4)], Some(CollateralRange)),
                (&[("still", 1)], Some(HoldsStillMarket)),
                (&[("amount", 9)], None),
                (&[("amount", 10)], Some(UnrealisedProfit)),
                (&[("initial", 4 * U * M + 1)], Some(BelowInitialMargin)),
                (&[("to.collateral", TWO_63 - 6)], None),
                (&[("to.collateral", TWO_63 - 5)], Some(CollateralRange)),
            ],
        },
        Vectors {
            op: "set_leverage",
            before: &[("limit", 200_000), ("set_before", 0)],
            run: set_leverage,
            cases: &[
                (&[("limit", 0)], None),
                (&[("limit", M - 1)], None),
                (&[("limit", M)], None),
                (&[("limit", M + 1)], Some(LeverageRange)),
                (&[("limit", (1 << 20) - 1)], Some(LeverageRange)),
                (&[("set_before", 1)], Some(LeverageTwice)),
                (&[("limit", M + 1), ("set_before", 1)], Some(LeverageRange)),
            ],
        },
        Vectors {
            op: "set_mode",
            before: &[
                ("account", 600),
                ("mode", 9),
                ("account.mode", 0),
                ("account.used_slots", 0),
                ("set_before", 0),
            ],
            run: set_mode,
            cases: &[
                (&[("account", 601)], None),
                (&[("account", 599)], Some(ReservedAccount)),
                (&[("account", 1)], Some(ReservedAccount)),
                (&[("mode", 511)], None),
                (&[("mode", 0)], Some(ModePath)),
                (&[("account.mode", 9)], Some(ModePath)),
                (&[("account.mode", 8)], Some(ModePath)),
                (&[("account.mode", 9), ("mode", 0)], None),
                (&[("account.used_slots", 1)], Some(NotFlat)),
                (&[("set_before", 1)], Some(ModeTwice)),
            ],
        },
        Vectors {
            op: "change_key",
            before: &[("x_high", 0), ("y_high", 0), ("off_curve", 0), ("set_before", 0)],
            run: change_key,
            cases: &[
                (&[("x_high", X_HIGH_MAX - 1)], None),
                (&[("x_high", X_HIGH_MAX)], None),
                (&[("x_high", X_HIGH_MAX + 1)], Some(KeyRange)),
                (&[("y_high", Y_HIGH_MAX - 1)], None),
                (&[("y_high", Y_HIGH_MAX)], None),
                (&[("y_high", Y_HIGH_MAX + 1)], Some(KeyRange)),
                (&[("off_curve", 1)], Some(InvalidOwner)),
                (&[("set_before", 1)], Some(KeyTwice)),
                (&[("x_high", X_HIGH_MAX + 1), ("set_before", 1)], Some(KeyRange)),
            ],
        },
    ]
}
