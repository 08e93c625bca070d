//! An account without positions goes from cross to isolated, or back.

use ark_bn254::Fr;

use super::leaf::leaf_hash;
use super::{AccountRecord, CIRCUIT_MARKET_BITS, Ends, Kind, base, ends, send, start};
use crate::gadgets::cs::Cs;
use crate::gadgets::curve::circuit::PointVar;
use crate::gadgets::int::{Bit, Int};
use crate::gadgets::row::{Padded, Row};
use crate::gadgets::var::{Committed, Var};
use crate::state::Mode;
use crate::state::tags::MODE;

/// An account without positions, and the mode that it closes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModeChangeRecord {
    /// The account as it opens and closes, with the mode of the opening.
    pub account: AccountRecord<0>,
    /// The mode that the account closes with; one of the two modes is cross.
    pub new_mode: Mode,
}

/// An account whose mode an op of the batch changes: from cross to isolated, or from isolated to cross.
///
/// It opens one of the two leaves of an account without positions, and closes the other. Within the batch
/// the mode of the opening holds.
///
/// - Advice: which leaf is the old one, pinned by its hash; the market, by MODE or by the old leaf.
/// - Cost: see `tests::mode_changes`.   Spec: state-account.md
pub struct ModeChange;

pub(super) const KIND: Kind = Kind { list: "mode_changes", padding_key_bits: 43 };

impl Row for ModeChange {
    type Record = ModeChangeRecord;
    const NAME: &'static str = "mode change";

    fn dummy() -> Self::Record {
        ModeChangeRecord { account: AccountRecord::padding(Mode::Cross), new_mode: Mode::Isolated(1) }
    }

    fn synthesize(cs: &mut Cs<'_>, record: &Padded<Self::Record>) {
        let row = start(cs, record.enabled, record.account.id, KIND);
        let modes = modes(cs, record);
        let moved = [row.id.var().clone(), modes.new.var().clone()];
        cs.check("MODE-3").receive(MODE, &moved, row.enable.var());
        let base = base(cs, &record.account, &modes.old);
        let ends = ends(cs, &record.account, &row, &base, &modes.new, &[]);
        let [old, new] = leaves(cs, &modes.isolated, &ends);
        send(cs, &row, &ends, &old, &new);
    }
}

struct Modes {
    /// The old mode is isolated.
    isolated: Bit,
    old: Int,
    new: Int,
}

// One of the two is the market, the other 0.
fn modes(cs: &mut Cs<'_>, record: &ModeChangeRecord) -> Modes {
    let old_market = record.account.mode_market;
    let market = Fr::from(if old_market == 0 { record.new_mode.market() } else { old_market });
    let market = Int::hint_unsigned(&mut cs.check("MODE-1"), "mode.market", market, CIRCUIT_MARKET_BITS);
    let inverse = cs.hint("mode.market_inverse", Cs::inverse_or_zero(market.var().value()));
    cs.enforce("MODE-1", market.var(), &inverse, &Var::<Committed>::one());
    let isolated = Bit::hint(&mut cs.check("MODE-2"), "mode.was_isolated", old_market != 0);
    let old = cs.check("MODE-2").product(isolated.var(), market.var());
    let new = market.var() - &old;
    let [old, new] = [old, new].map(|mode| Int::new_unchecked(mode, CIRCUIT_MARKET_BITS));
    Modes { isolated, old, new }
}

/// Both leaves' hashes, old and new: one hash of each kind, of which `isolated` says which is the old one.
fn leaves(cs: &mut Cs<'_>, isolated: &Bit, ends: &Ends) -> [Var<Committed>; 2] {
    let cs = &mut cs.check("MODE-4");
    let [cross_x, isolated_x] = exchange(cs, isolated, &ends.owner.x, &ends.new_owner.x);
    let [cross_y, isolated_y] = exchange(cs, isolated, &ends.owner.y, &ends.new_owner.y);
    let [cross_word, isolated_word] = exchange(cs, isolated, &ends.old_word, &ends.new_word);
    let cross = leaf_hash(cs, &PointVar { x: cross_x, y: cross_y }, &cross_word, &[]);
    let owner = PointVar { x: isolated_x, y: isolated_y };
    let alone = leaf_hash(cs, &owner, &isolated_word, &[Var::zero()]);
    exchange(cs, isolated, &cross, &alone)
}

// `[a, b]`, or `[b, a]` if the bit is set.
fn exchange(cs: &mut Cs<'_>, bit: &Bit, a: &Var<Committed>, b: &Var<Committed>) -> [Var<Committed>; 2] {
    let first = bit.select_var(cs, b, a);
    let second = &(a + b) - &first;
    [first, second]
}
