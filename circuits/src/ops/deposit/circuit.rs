//! The deposit row.

use ark_bn254::Fr;
use ark_ff::PrimeField;
use num_bigint::BigUint;

use super::{DEPOSIT_FIRST, DEPOSIT_SECOND, DEPOSIT_THIRD, X_HIGH_BITS, X_LOW_BITS, Y_HIGH_BITS, Y_LOW_BITS};
use crate::gadgets::checks::Checks;
use crate::gadgets::cs::Cs;
use crate::gadgets::curve::GENERATOR;
use crate::gadgets::curve::circuit::PointVar;
use crate::gadgets::int::{Bit, Int};
use crate::gadgets::memory::RowTime;
use crate::gadgets::prefix;
use crate::gadgets::row::{Padded, Row};
use crate::gadgets::var::{Committed, Var};
use crate::margin::Header;
use crate::margin::circuit::{Change, HeaderVar, add_collateral};
use crate::ops::blank;
use crate::ops::cells::{Clock, TouchAt, amount};
use crate::params::ACCOUNT_BITS;
use crate::reject::Reject;
use crate::state::PublicKey;
use crate::state::tags::KEY;

/// List of deposits among the published lists.
const LIST: &str = "deposits";

/// A deposit and the header before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepositRecord {
    /// T of the row, below 2^20: it touches its cells at `16T + j`.
    pub sequence: u32,
    /// The account that is credited; the new id, if it is created.
    pub account: u64,
    /// The account's key, which the batch publishes.
    pub owner: PublicKey,
    /// Quote quanta, in `1..2^63`; 0 in padding.
    pub amount: u64,
    /// The account is new: this deposit creates it.
    pub creates: bool,
    /// Header before the deposit, which the row touches at `16T + 1`.
    pub header: Header,
    /// When the header was touched last; `16T` for a new account.
    pub header_at: u32,
}

/// Credits the queue's next entries; enabled rows come first, in the queue's order.
pub struct Deposit;

impl Row for Deposit {
    type Record = DepositRecord;
    const NAME: &'static str = "deposit";
    const SEED: &'static [u64] = prefix::SEED;

    fn dummy() -> DepositRecord {
        let leg = blank::leg();
        DepositRecord {
            sequence: 1,
            account: 0,
            owner: leg.owner,
            amount: 0,
            creates: false,
            header: leg.header,
            header_at: 0,
        }
    }

    fn synthesize(cs: &mut Cs<'_>, record: &Padded<DepositRecord>) {
        deposit(cs, record);
    }
}

/// The row's checks: `AmountRange`, `CollateralRange`. Owner and mode are the account's, and
/// published; the contract compares them with its queue (DEP-1 to DEP-7).
pub fn deposit(cs: &mut Cs<'_>, record: &Padded<DepositRecord>) -> Checks<Reject> {
    let enable = prefix::enable(cs, record.enabled);
    let mut checks = Checks::new(&enable);
    // An id: its HEADER cell, opened by a row that ranges its id (ACC-1), is received below.
    let account = Int::new_unchecked(cs.hint("deposit.account", Fr::from(record.account)), ACCOUNT_BITS);
    let amount = amount(&mut cs.check("DEP-2"), &mut checks, "deposit.amount", record.amount);
    let before = HeaderVar::hint(cs, &record.header);
    let after = add_collateral(&mut cs.check("DEP-2"), &mut checks, &before, &amount);

    let (x, x_high, x_low) = split(&mut cs.check("DEP-3"), record.owner.x, X_LOW_BITS, X_HIGH_BITS);
    let (y, y_high, y_low) = split(&mut cs.check("DEP-3"), record.owner.y, Y_LOW_BITS, Y_HIGH_BITS);
    // Only of an account whose key was never another: else its positions may be another owner's work.
    cs.check("DEP-3").lookup(KEY, &[account.var().clone(), x.clone(), y.clone(), Var::zero()], enable.var());
    let clock = Clock { time: RowTime::hint(cs, record.sequence), enable: &enable };
    let creates = Bit::hint(&mut cs.check("DEP-5"), "deposit.births", record.creates);
    cs.enforce("DEP-5", creates.var(), enable.not().var(), &Var::<Committed>::zero());
    clock.send_creation(&mut cs.check("DEP-5"), &account, &creates);
    enforce_valid_new_key(cs, &creates, &PointVar { x, y });
    clock.touch_header(
        &mut cs.check("DEP-6"),
        TouchAt { j: 1, previous: record.header_at },
        &account,
        Change { before: &before, after: &after },
    );

    let first = DEPOSIT_FIRST.pack_ints([&x_high, &amount, &before.mode_market, &account]);
    let second = DEPOSIT_SECOND.pack_ints([&x_low, &y_high]);
    let third = DEPOSIT_THIRD.pack_ints([&y_low]);
    for (number, element) in [first, second, third].iter().enumerate() {
        let element = cs.check("DEP-4").product(enable.var(), element);
        cs.publish(LIST, number as u8, &element);
    }
    checks
}

/// Here keys enter the state, and with a change of key: of a new account the key is a point of the curve, not of small
/// order. So what is paid in for a pool, whose key is no point, goes to the pool.
fn enforce_valid_new_key(cs: &mut Cs<'_>, creates: &Bit, key: &PointVar) {
    let [x, y] = [(&key.x, GENERATOR.x), (&key.y, GENERATOR.y)]
        .map(|(own, other)| creates.select_var(&mut cs.check("DEP-7"), own, &Var::constant(other)));
    PointVar { x, y }.enforce_valid_key(cs);
}

// A coordinate and its two parts. A coordinate below 2^254 - r has a second decomposition, of the
// coordinate plus r; the contract hashes the coordinate it was given, below r, so that one fails there.
fn split(cs: &mut Cs<'_>, coordinate: Fr, low_bits: u32, high_bits: u32) -> (Var<Committed>, Int, Int) {
    let whole: BigUint = coordinate.into_bigint().into();
    let low = &whole & ((BigUint::from(1u8) << low_bits) - 1u8);
    let high = Int::hint_unsigned(cs, "deposit.key_high", Fr::from(whole >> low_bits), high_bits);
    let low = Int::hint_unsigned(cs, "deposit.key_low", Fr::from(low), low_bits);
    (high.var().shift(low_bits) + low.var().clone(), high, low)
}
