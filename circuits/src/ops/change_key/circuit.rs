//! The change key row.

use ark_bn254::Fr;

use super::{KEY_DIGEST_BITS, REKEY_FIRST, REKEY_SECOND, REKEY_THIRD, X_HIGH_MAX, Y_HIGH_MAX};
use crate::gadgets::checks::Checks;
use crate::gadgets::cs::Cs;
use crate::gadgets::curve::GENERATOR;
use crate::gadgets::curve::circuit::PointVar;
use crate::gadgets::hash::circuit::poseidon;
use crate::gadgets::int::{Bit, Int};
use crate::gadgets::range::{enforce_nonnegative, enforce_range};
use crate::gadgets::row::{Padded, Row};
use crate::gadgets::var::{Committed, Var, inverse_power_of_two};
use crate::gadgets::word::Bits;
use crate::ops::action::CHANGE_KEY_ITEM;
use crate::ops::deposit::{X_HIGH_BITS, X_LOW_BITS, Y_HIGH_BITS, Y_LOW_BITS};
use crate::params::ACCOUNT_BITS;
use crate::reject::Reject;
use crate::state::tags::{ITEM, REKEY, signer};
use crate::state::{AccountId, PublicKey};

/// List of changes of key among the published lists.
const LIST: &str = "rekeys";
/// Bits of a key's hash above its digest: a field element has 254.
const REST_BITS: u32 = 254 - KEY_DIGEST_BITS;

/// A signed change of key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeKeyRecord {
    /// The item was signed alone, in the cancel lane.
    pub single_cancel: bool,
    /// The account whose key is changed.
    pub account: AccountId,
    /// The new key.
    pub key: PublicKey,
}

/// Sets the key that an account closes with.
pub struct ChangeKey;

impl Row for ChangeKey {
    type Record = ChangeKeyRecord;
    const NAME: &'static str = "change key";

    fn dummy() -> ChangeKeyRecord {
        ChangeKeyRecord { single_cancel: false, account: 0, key: GENERATOR }
    }

    fn synthesize(cs: &mut Cs<'_>, record: &Padded<ChangeKeyRecord>) {
        change_key(cs, record);
    }
}

/// The row's checks, in order: `InvalidOwner`, `KeyRange`; that it is the only one, the account's row says
/// (CKEY-1 to CKEY-6).
pub fn change_key(cs: &mut Cs<'_>, record: &Padded<ChangeKeyRecord>) -> Checks<Reject> {
    let enable = Bit::hint(&mut cs.check("CKEY-6"), "change_key.enable", record.enabled);
    let mut checks = Checks::new(&enable);
    // An id: the account's row, which ranges its own (ACC-1), receives the REKEY below.
    let account = Int::new_unchecked(cs.hint("change_key.account", Fr::from(record.account)), ACCOUNT_BITS);
    let key = &record.key;
    checks.note_implied(Reject::InvalidOwner, key.is_valid_key());
    let x = Halves { coordinate: key.x, low_bits: X_LOW_BITS, high_bits: X_HIGH_BITS, high_max: X_HIGH_MAX };
    let y = Halves { coordinate: key.y, low_bits: Y_LOW_BITS, high_bits: Y_HIGH_BITS, high_max: Y_HIGH_MAX };
    let [x_high, x_low] = x.enforce(cs, &mut checks);
    let [y_high, y_low] = y.enforce(cs, &mut checks);
    let whole = |high: &Int, low: &Int, low_bits| high.var().shift(low_bits) + low.var().clone();
    let owner = PointVar { x: whole(&x_high, &x_low, X_LOW_BITS), y: whole(&y_high, &y_low, Y_LOW_BITS) };
    owner.enforce_valid_key(cs);

    let digest = digest(&mut cs.check("CKEY-2"), &owner);
    let cancel_lane = Bit::hint(&mut cs.check("CKEY-6"), "change_key.lane", record.single_cancel);
    let item = [CHANGE_KEY_ITEM.pack_ints([&digest]), signer(&account, &cancel_lane)];
    cs.check("CKEY-1").receive(ITEM, &item, enable.var());
    let rekey = [account.var().clone(), owner.x, owner.y];
    cs.check("CKEY-4").send(REKEY, &rekey, enable.var());

    let first = REKEY_FIRST.pack_ints([&account, &x_high]);
    let second = REKEY_SECOND.pack_ints([&x_low, &y_high]);
    let third = REKEY_THIRD.pack_ints([&y_low]);
    for (number, element) in [first, second, third].iter().enumerate() {
        let element = cs.check("CKEY-5").product(enable.var(), element);
        cs.publish(LIST, number as u8, &element);
    }
    checks
}

/// A coordinate and the widths of its published parts.
struct Halves {
    coordinate: Fr,
    low_bits: u32,
    high_bits: u32,
    high_max: i128,
}

impl Halves {
    /// The high and the low part. The high one is at most `high_max`, so the whole is below the modulus and no
    /// other pair of parts is the same coordinate.
    fn enforce(&self, cs: &mut Cs<'_>, checks: &mut Checks<Reject>) -> [Int; 2] {
        let cs = &mut cs.check("CKEY-3");
        let whole = Bits::from(self.coordinate);
        let part = |from, bits| whole.part(from, bits).to_field();
        let high = part(self.low_bits, self.high_bits);
        let high = cs.hint("change_key.high", high);
        // Not negative; the room below is the upper end.
        enforce_nonnegative(cs, &high, self.high_bits);
        let high = Int::new_unchecked(high, self.high_bits);
        let low = part(0, self.low_bits);
        let low = Int::hint_unsigned(cs, "change_key.low", low, self.low_bits);
        let room = Int::constant(self.high_max).sub(&high);
        checks.require_nonnegative_always(cs, Reject::KeyRange, &room);
        [high, low]
    }
}

/// The low 240 bits of the key's hash. What is above them has 14 bits, so the two together have 254, which a
/// hash below `2^254 - r` fits a second time, with r added: then two digests fit one key.
fn digest(cs: &mut Cs<'_>, owner: &PointVar) -> Int {
    let hash: Var<Committed> = poseidon(cs, &[owner.x.clone(), owner.y.clone()]);
    let honest = Bits::from(hash.value()).part(0, KEY_DIGEST_BITS).to_field();
    let digest = Int::hint_unsigned(cs, "change_key.digest", honest, KEY_DIGEST_BITS);
    let rest = (&hash - digest.var()).scale(inverse_power_of_two(KEY_DIGEST_BITS));
    enforce_range(cs, &rest, REST_BITS);
    digest
}
