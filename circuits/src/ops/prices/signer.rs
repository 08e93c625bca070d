//! The row of a registered price signer: its key, and its nonces in the batch.

use crate::gadgets::cs::Cs;
use crate::gadgets::curve::GENERATOR;
use crate::gadgets::curve::circuit::PointVar;
use crate::gadgets::hash::circuit::poseidon;
use crate::gadgets::int::Bit;
use crate::gadgets::memory::{cell_key, closing_time};
use crate::gadgets::prefix;
use crate::gadgets::row::{Padded, Row};
use crate::gadgets::var::{Committed, Var, power_of_two};
use crate::state::PublicKey;
use crate::state::tags::{KEY, NONCE, price_signer};
use crate::state::wires;

/// Carried wire: the digest of the signers so far. The seed is zero.
pub const DIGEST: u32 = 2;
/// Padding rows provide keys under numbers from `2^46` on.
const PADDING_KEY_BITS: u32 = 46;

/// A registered signer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignerRecord {
    /// The key.
    pub key: PublicKey,
    /// Its prices are in the batch.
    pub signed: bool,
    /// When its nonces were touched last; 0 without a list.
    pub at: u32,
}

/// Row i is the signer with the number i; registered ones come first.
pub struct SignerRow;

impl Row for SignerRow {
    type Record = SignerRecord;
    const NAME: &'static str = "signer";
    const SEED: &'static [u64] = &[prefix::SEED[0], prefix::SEED[1], 0];

    fn dummy() -> SignerRecord {
        SignerRecord { key: GENERATOR, signed: false, at: 0 }
    }

    // ORC-1 to ORC-6. The statement row has the digest of all of them, as the state keeps it.
    fn synthesize(cs: &mut Cs<'_>, record: &Padded<SignerRecord>) {
        let enable = prefix::enable(cs, record.enabled);
        let key = PointVar::hint(cs, "signer.key", &record.key);
        key.enforce_valid_key(cs);
        let before = cs.carry_in(DIGEST);
        let hashed = poseidon(&mut cs.check("ORC-1"), &[before.clone(), key.x.clone(), key.y.clone()]);
        let digest = enable.select_var(&mut cs.check("ORC-1"), &hashed, &before);
        let after = cs.carry_out(DIGEST, digest.value());
        cs.enforce_equal("ORC-1", &after, &digest);

        // Linear: the two numbers differ by a constant.
        let (number, padding) = (price_signer(&cs.row_index()), padding(cs));
        let known = padding.add_scaled(enable.var(), (&number - &padding).value());
        cs.check("ORC-2").provide(KEY, &[known.clone(), key.x, key.y, Var::zero()]);

        let signed = Bit::hint(&mut cs.check("ORC-3"), "signer.signed", record.signed && record.enabled);
        let (last, now) = (cs.global(wires::LAST_EPOCH), cs.global(wires::EPOCH));
        let epoch = signed.select_var(&mut cs.check("ORC-3"), &now, &last);
        let premiums = Bit::new_unchecked(cs.global(wires::PREMIUMS));
        let premiums_epoch = premiums.select_var(&mut cs.check("ORC-6"), &epoch, &last);
        let at = closing_time(&mut cs.check("ORC-4"), "signer.closed_at", record.at);
        let opening = [cell_key(&known, &Var::zero()), last.clone(), last];
        cs.check("ORC-5").send(NONCE, &opening, enable.var());
        let closing = [cell_key(&known, &at), epoch, premiums_epoch];
        cs.check("ORC-5").receive(NONCE, &closing, enable.var());
    }
}

/// The key of a padding row: a constant above every account's.
fn padding(cs: &Cs<'_>) -> Var<Committed> {
    cs.row_index().add_constant(power_of_two(PADDING_KEY_BITS))
}
