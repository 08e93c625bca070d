//! The statement row: the header's elements, the globals leaf and the root.
//!
//! What the contract builds itself it publishes, so the circuit only ties the header to the state:
//! the batch number goes up by one, time does not go back, the cursors move by what the batch holds,
//! the configuration stays (STM-1 to STM-6).

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, PrimeField};

use crate::gadgets::cs::Cs;
use crate::gadgets::hash::circuit::poseidon;
use crate::gadgets::int::{Int, is_zero};
use crate::gadgets::prefix;
use crate::gadgets::range::{enforce_nonnegative, enforce_range};
use crate::gadgets::row::{Padded, Row};
use crate::gadgets::var::{Committed, Var, Wire};
use crate::ops::deposit::circuit::Deposit;
use crate::ops::place::circuit::Place;
use crate::ops::prices::observed;
use crate::ops::prices::signer::{self, SignerRow};
use crate::params::{EPOCH_BITS, EPOCH_SECONDS, HOUR_BITS, HOUR_SECONDS, ORDER_BITS, TIME_BITS};
use crate::publication::lists::{GLOBALS_LIST, HEADER_LIST};
use crate::publication::{CURSORS, DOMAIN_LABEL, ELEMENT_BYTES, NUMBERS};
use crate::state::globals::{GLOBALS_ELEMENT, GLOBALS_WORD};
use crate::state::tags::{FEES, NODE};
use crate::state::wires;

/// Tag of the globals leaf.
const GLOBALS_TAG: u64 = 6;
/// Address of the globals leaf: child 3 of the root.
const GLOBALS_ADDRESS: u64 = 11;
const ROOT_ADDRESS: u64 = 1;
/// Bits of the seconds of an hour.
const PASSED_BITS: u32 = HOUR_SECONDS.ilog2() + 1;

/// First element of every batch: the top 31 bytes of `keccak256("zkmargin/batch/v1")`.
pub fn domain_tag() -> Fr {
    use sha3::{Digest, Keccak256};
    Fr::from_be_bytes_mod_order(&Keccak256::digest(DOMAIN_LABEL)[..ELEMENT_BYTES])
}

/// What the contract knows of a batch, and the globals leaf around it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// Header element 1: chain id and contract address.
    pub domain: Fr,
    /// Number of this batch; the leaf held the number before.
    pub batch: u64,
    /// Header element 2 without batch and time ([`Shape::constants`](super::shape::Shape::constants)).
    pub shape_constants: Fr,
    pub time: u64,
    /// Time of the batch before.
    pub last_time: u64,
    /// Header element 3.
    pub key_id: Fr,
    pub old_root: Fr,
    pub new_root: Fr,
    pub deposits_before: u64,
    pub deposits_after: u64,
    pub next_order: u64,
    /// Orders placed in this batch.
    pub places: u64,
    /// Header element 9.
    pub config: Fr,
    /// Epoch of prices after the batch, and before.
    pub epoch: u64,
    pub last_epoch: u64,
    /// Digest of the price signers, and their number.
    pub signers: Fr,
    pub signer_count: u64,
    /// The batch has lists of premiums.
    pub premiums: bool,
    /// The hour in which the prices of its ticks were observed, since 1970.
    pub hour: u64,
    /// Time of the last touch of the pending fees.
    pub fees_at: u32,
}

impl Statement {
    /// Values of the global wires that the statement fixes; the transcript is filled in later.
    pub fn globals(&self, transcript: Fr, isolated_offset: u64) -> Vec<Fr> {
        let is_signed = self.signer_count != 0;
        let observed = observed(self.time, self.epoch, is_signed);
        let mut values = vec![Fr::ZERO; wires::COUNT];
        values[usize::from(wires::DOMAIN)] = self.domain;
        values[usize::from(wires::TIME)] = Fr::from(self.time);
        values[usize::from(wires::NEXT_ORDER)] = Fr::from(self.next_order);
        values[usize::from(wires::TRANSCRIPT)] = transcript;
        values[usize::from(wires::ISOLATED_OFFSET)] = Fr::from(isolated_offset);
        values[usize::from(wires::SHAPE_CONSTANTS)] = self.shape_constants;
        values[usize::from(wires::EPOCH)] = Fr::from(self.epoch);
        values[usize::from(wires::LAST_EPOCH)] = Fr::from(self.last_epoch);
        values[usize::from(wires::SIGNERS)] = Fr::from(self.signer_count);
        values[usize::from(wires::SIGNED)] = Fr::from(is_signed);
        values[usize::from(wires::OBSERVED)] = Fr::from(observed);
        values[usize::from(wires::HOUR)] = Fr::from(self.hour);
        values[usize::from(wires::PREMIUMS)] = Fr::from(self.premiums);
        values[usize::from(wires::NEXT_ORDER_AFTER)] = Fr::from(self.next_order + self.places);
        values
    }
}

/// `(high, low)` halves of 128 bits.
pub fn halves(root: Fr) -> (Fr, Fr) {
    let [a, b, c, d] = root.into_bigint().0;
    let join = |high: u64, low: u64| Fr::from(u128::from(high) << 64 | u128::from(low));
    (join(d, c), join(b, a))
}

/// The one row of its kind.
pub struct StatementRow;

impl Row for StatementRow {
    type Record = Statement;
    const NAME: &'static str = "statement";

    fn dummy() -> Statement {
        Statement { batch: 1, ..Statement::default() }
    }

    fn synthesize(cs: &mut Cs<'_>, record: &Padded<Statement>) {
        let numbers = Numbers::hint(cs, record);
        let oracle = Oracle::hint(cs, record, &numbers.time);
        globals_leaf(cs, &numbers, &oracle);
        let roots = receive_roots(cs, record);
        clear_fees(cs, record.fees_at);
        publish_header(cs, record, &numbers, roots);
        cs.publish(GLOBALS_LIST, 0, &GLOBALS_ELEMENT.pack_ints([&numbers.next_order_after, &oracle.epoch]));
    }
}

/// The numbers of the globals leaf, before and after the batch.
struct Numbers {
    batch: Int,
    time: Int,
    last_time: Int,
    next_order: Int,
    next_order_after: Int,
    deposits: Int,
    deposits_after: Int,
    config: Var<Committed>,
}

impl Numbers {
    /// Advice and global wires in their ranges; the cursors move by what the batch holds.
    fn hint(cs: &mut Cs<'_>, record: &Statement) -> Self {
        let batch = Int::hint_unsigned(&mut cs.check("STM-1"), "statement.batch", Fr::from(record.batch), 64);
        let (time, next_order) = (cs.global(wires::TIME), cs.global(wires::NEXT_ORDER));
        // Not negative; the upper ends follow, as each of the three grows and ends in its width.
        let mut grows = |id, name, value, bits| {
            let value = cs.hint(name, Fr::from(value));
            enforce_nonnegative(&mut cs.check(id), &value, bits);
            Int::new_unchecked(value, bits)
        };
        let last_time = grows("STM-2", "statement.last_time", record.last_time, TIME_BITS);
        let deposits = grows("STM-10", "statement.deposits", record.deposits_before, 64);
        let time = ranged(&mut cs.check("STM-2"), time, TIME_BITS);
        enforce_nonnegative(&mut cs.check("STM-2"), &(time.var() - last_time.var()), TIME_BITS);
        enforce_nonnegative(&mut cs.check("STM-3"), &next_order, ORDER_BITS);
        let next_order = Int::new_unchecked(next_order, ORDER_BITS);
        let places = cs.boundary(Wire::Final(Place::NAME, prefix::COUNT), Fr::from(record.places));
        let next_order_after = ranged(&mut cs.check("STM-3"), next_order.var() + &places, ORDER_BITS);
        let stated = cs.global(wires::NEXT_ORDER_AFTER);
        cs.enforce_equal("STM-14", &stated, next_order_after.var());
        let credited = Fr::from(record.deposits_after - record.deposits_before);
        let credited = cs.boundary(Wire::Final(Deposit::NAME, prefix::COUNT), credited);
        let deposits_after = ranged(&mut cs.check("STM-10"), deposits.var() + &credited, 64);
        let config = cs.hint("statement.config", record.config);
        Self { batch, time, last_time, next_order, next_order_after, deposits, deposits_after, config }
    }
}

/// The epoch of prices and who signs them.
struct Oracle {
    epoch: Int,
    last_epoch: Int,
    /// Digest of the signers' keys.
    signers: Var<Committed>,
}

impl Oracle {
    /// Epochs do not go back, and none is ahead of the batch; signers are those of the state.
    fn hint(cs: &mut Cs<'_>, record: &Statement, time: &Int) -> Self {
        let (epoch, last_epoch) = (cs.global(wires::EPOCH), cs.global(wires::LAST_EPOCH));
        // The upper ends follow: 10·epoch is at most the batch's time.
        enforce_nonnegative(&mut cs.check("STM-11"), &last_epoch, EPOCH_BITS);
        enforce_nonnegative(&mut cs.check("STM-11"), &(&epoch - &last_epoch), EPOCH_BITS);
        let (epoch, last_epoch) =
            (Int::new_unchecked(epoch, EPOCH_BITS), Int::new_unchecked(last_epoch, EPOCH_BITS));
        let at = epoch.scale(EPOCH_SECONDS);
        enforce_nonnegative(&mut cs.check("STM-11"), &(time.var() - at.var()), TIME_BITS);
        let signers = cs.boundary(Wire::Final(SignerRow::NAME, signer::DIGEST), record.signers);
        let count = Fr::from(record.signer_count);
        let count = cs.boundary(Wire::Final(SignerRow::NAME, prefix::COUNT), count);
        let registered = cs.global(wires::SIGNERS);
        cs.enforce_equal("STM-12", &registered, &count);
        let signed = is_zero(&mut cs.check("STM-12"), &count).not();
        let stated = cs.global(wires::SIGNED);
        cs.enforce_equal("STM-12", &stated, signed.var());
        let observed = signed.select_var(&mut cs.check("STM-13"), at.var(), time.var());
        let stated = cs.global(wires::OBSERVED);
        cs.enforce_equal("STM-13", &stated, &observed);
        hour(&mut cs.check("STM-15"), &observed);
        let premiums = cs.global(wires::PREMIUMS);
        cs.enforce("STM-16", &premiums, &(signed.var() - &premiums), &Var::<Committed>::zero());
        Self { epoch, last_epoch, signers }
    }
}

/// The hour of a time: what is left of it is below an hour.
fn hour(cs: &mut Cs<'_>, observed: &Var<Committed>) {
    let hour = cs.global(wires::HOUR);
    // Its upper end follows: the time has 40 bits.
    enforce_nonnegative(cs, &hour, HOUR_BITS);
    let passed = observed - &hour.scale(Fr::from(HOUR_SECONDS));
    enforce_nonnegative(cs, &passed, PASSED_BITS);
    let left = (-&passed).add_constant(Fr::from(HOUR_SECONDS - 1));
    enforce_nonnegative(cs, &left, PASSED_BITS);
}

/// Sends the globals leaf, old and new.
fn globals_leaf(cs: &mut Cs<'_>, numbers: &Numbers, oracle: &Oracle) {
    let Oracle { epoch, last_epoch, signers } = oracle;
    let Numbers { batch, time, last_time, next_order, next_order_after, .. } = numbers;
    let Numbers { deposits, deposits_after, config, .. } = numbers;
    // The contract publishes its number plus one, at least 1: the number before is not negative.
    let batch_before = Int::new_unchecked(batch.var().add_constant(-Fr::ONE), 64);
    let old = GLOBALS_WORD.pack_ints([&batch_before, next_order, deposits, last_time, last_epoch]);
    let new = GLOBALS_WORD.pack_ints([batch, next_order_after, deposits_after, time, epoch]);
    let tag = Var::constant(Fr::from(GLOBALS_TAG));
    let old_leaf = poseidon(&mut cs.check("STM-4"), &[tag.clone(), old, config.clone(), signers.clone()]);
    let new_leaf = poseidon(&mut cs.check("STM-4"), &[tag, new, config.clone(), signers.clone()]);
    let address = Var::constant(Fr::from(GLOBALS_ADDRESS));
    cs.check("STM-4").send(NODE, &[address, old_leaf, new_leaf], &Var::one());
}

/// The halves of a root, as two elements publish it.
struct RootVar {
    high: Var<Committed>,
    low: Var<Committed>,
}

impl RootVar {
    fn whole(&self) -> Var<Committed> {
        self.high.shift(128) + self.low.clone()
    }
}

/// Receives the root, old and new.
fn receive_roots(cs: &mut Cs<'_>, record: &Statement) -> [RootVar; 2] {
    let mut root = |(high_name, low_name), root| {
        let (high, low) = halves(root);
        RootVar { high: cs.hint(high_name, high), low: cs.hint(low_name, low) }
    };
    let roots = [
        root(("statement.old_root_high", "statement.old_root_low"), record.old_root),
        root(("statement.new_root_high", "statement.new_root_low"), record.new_root),
    ];
    let root = Var::constant(Fr::from(ROOT_ADDRESS));
    cs.check("STM-5").receive(NODE, &[root, roots[0].whole(), roots[1].whole()], &Var::one());
    roots
}

/// Pending fees start at nothing and end at nothing: they were credited.
fn clear_fees(cs: &mut Cs<'_>, last_touch: u32) {
    cs.check("STM-6").send(FEES, &[Var::zero(), Var::zero()], &Var::one());
    let fees_at = cs.hint("statement.fees_at", Fr::from(last_touch));
    cs.check("STM-6").receive(FEES, &[fees_at, Var::zero()], &Var::one());
}

/// Publishes the elements of the header.
fn publish_header(cs: &mut Cs<'_>, record: &Statement, numbers: &Numbers, roots: [RootVar; 2]) {
    let key_id = cs.hint("statement.key_id", record.key_id);
    // Shape, element count and the places of lists are one constant.
    let zero = Int::zero();
    let second = NUMBERS.pack_ints([&numbers.time, &zero, &zero, &numbers.batch, &zero, &zero, &zero, &zero])
        + cs.global(wires::SHAPE_CONSTANTS);
    let cursors = CURSORS.pack_ints([&zero, &numbers.deposits_after, &numbers.deposits]);
    let [old, new] = roots;
    let elements = [
        Var::constant(domain_tag()),
        cs.global(wires::DOMAIN),
        second,
        key_id,
        old.high,
        old.low,
        new.high,
        new.low,
        cursors,
        numbers.config.clone(),
    ];
    for (number, element) in elements.iter().enumerate() {
        cs.publish(HEADER_LIST, number as u8, element);
    }
}

/// A wire ranged to `bits` bits.
fn ranged(cs: &mut Cs<'_>, var: Var<Committed>, bits: u32) -> Int {
    enforce_range(cs, &var, bits);
    Int::new_unchecked(var, bits)
}
