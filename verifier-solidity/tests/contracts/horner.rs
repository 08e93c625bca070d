//! A small real circuit with the statement of a batch: committed elements whose value at z is v.

use ark_bn254::Fr;
use ark_ff::{One, PrimeField};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::str::FromStr;
use zkmargin_circuits::ops::configure::CONFIGURATION_ELEMENTS;
use zkmargin_groth16::{
    ClosureAssignment, Derived, HashToField, KnowledgeBase, Layout, Proof, Prover, ProvingKey,
    SparseRelation, SparseRow, setup_with_knowledge_base,
};
use zkmargin_verifier_solidity::statement::{digest, field_elements};
use zkmargin_verifier_solidity::{
    Address, Batch, DEFAULT_CONFIG_DELAY, DEFAULT_LAG, Deployment, Rollup, RollupError, Shape, U256,
};

/// The number of elements that the bounds on gas are stated for.
pub const ELEMENTS: usize = 289;
pub const DEPOSITS: usize = 24;
pub const WITHDRAWALS: usize = 24;
pub const WITHDRAWAL_START: usize = 194;
pub const CONFIGURATIONS: usize = 2;
pub const SHAPE: u32 = 7;
pub const NOW: u64 = 1_800_000_000;
pub const LISTS: usize = (ELEMENTS - 10) * 31;

const OPERATOR: Address = Address::repeat_byte(0x0a);
pub const GOVERNOR: Address = Address::repeat_byte(0x60);
pub const TRADER: Address = Address::repeat_byte(0x77);

/// Columns one, s, v, z; then `n` elements; then the partial sums of Horner's rule.
pub fn relation(n: usize) -> SparseRelation {
    let layout = Layout { constraints: n - 1, public: 4, committed_public: 1, committed: n, derived: n - 2 };
    // The sum over elements i and above: the last is an element, the first is v.
    let sum = |i: usize| match i {
        0 => 2,
        i if i == n - 1 => 4 + i,
        i => 4 + n + (n - 2 - i),
    };
    let rows = (0..n - 1).rev().map(|i| SparseRow {
        a: vec![(sum(i + 1), Fr::one())],
        b: vec![(3, Fr::one())],
        c: vec![(sum(i), Fr::one()), (4 + i, -Fr::one())],
    });
    SparseRelation::new(layout, rows.collect()).unwrap()
}

/// The circuit for a number of elements, with its key.
pub struct Circuit {
    pub relation: SparseRelation,
    pub key: ProvingKey,
    rng: ChaCha20Rng,
}

impl Circuit {
    pub fn new(elements: usize, base: KnowledgeBase) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let relation = relation(elements);
        let key = setup_with_knowledge_base(&relation, base, &mut rng).unwrap();
        Circuit { relation, key, rng }
    }

    /// Proves whatever the bytes are: the circuit does not check them.
    pub fn prove(&mut self, published: &[u8]) -> Proof {
        self.prove_with_hash(published, HashToField::Keccak256)
    }

    /// The same with another hash for the challenge.
    pub fn prove_with_hash(&mut self, published: &[u8], hash: HashToField) -> Proof {
        let elements = field_elements(published);
        let summands = elements.clone();
        let mut assignment = ClosureAssignment {
            committed_public: vec![digest(published)],
            committed: elements,
            derive: |z: Fr| {
                let (last, others) = summands.split_last().unwrap();
                let mut sum = *last;
                let mut wires = Vec::with_capacity(summands.len());
                for element in others.iter().rev() {
                    sum = sum * z + element;
                    wires.push(sum);
                }
                let value = wires.pop().unwrap();
                Derived { public: vec![value], wires }
            },
        };
        let prover = Prover::new(&self.key, &self.relation).unwrap().with_hash(hash);
        prover.prove(&mut assignment, &mut self.rng).unwrap()
    }
}

/// A contract with the circuit's key, and what proves batches for it.
pub struct Bed {
    pub circuit: Circuit,
    pub rollup: Rollup,
}

impl Bed {
    pub fn new() -> Self {
        Self::with_base(KnowledgeBase::Gamma)
    }

    pub fn with_base(base: KnowledgeBase) -> Self {
        let circuit = Circuit::new(ELEMENTS, base);
        let rollup = deploy(&circuit.key, &deployment()).unwrap();
        Bed { circuit, rollup }
    }

    /// Proves the bytes with the header that the contract will build.
    pub fn prove(&mut self, batch: &Batch, lists: &[u8]) -> Proof {
        let published = self.rollup.header(batch).unwrap().published(lists);
        self.circuit.prove(&published)
    }

    pub fn next(&mut self, new_root: u64) -> Batch {
        let cursors = self.rollup.cursors().unwrap();
        Batch {
            shape_id: SHAPE,
            new_root: Fr::from(new_root),
            time: NOW,
            deposits_after: cursors.deposits_queued,
        }
    }
}

pub fn deployment() -> Deployment {
    Deployment {
        chain_id: 31_337,
        time: NOW,
        operator: OPERATOR,
        genesis_root: Fr::from(11u64),
        genesis_time: NOW - 100,
        lag: DEFAULT_LAG,
        config_digest: [0x5a; 31],
        governor: GOVERNOR,
        config_delay: DEFAULT_CONFIG_DELAY,
        markets: 20,
        pools: 22,
        allow_insecure_key: true,
    }
}

pub fn shape(key: &ProvingKey) -> Shape<'_> {
    Shape {
        id: SHAPE,
        key: key.verifying_key(),
        elements: ELEMENTS as u16,
        deposit_capacity: DEPOSITS as u16,
        withdrawal_start: WITHDRAWAL_START as u16,
        withdrawal_capacity: WITHDRAWALS as u16,
        configuration_capacity: CONFIGURATIONS as u16,
    }
}

pub fn deploy(key: &ProvingKey, deployment: &Deployment) -> Result<Rollup, RollupError> {
    Rollup::deploy(deployment, &[shape(key)])
}

/// Empty deposits, withdrawals and configurations, and something in every other element.
pub fn lists() -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..LISTS).map(|i| (i * 7 + i / 31) as u8).collect();
    bytes[..DEPOSITS * 3 * 31].fill(0);
    let start = (WITHDRAWAL_START - 10) * 31;
    bytes[start..start + WITHDRAWALS * 31].fill(0);
    bytes[LISTS - CONFIGURATIONS * CONFIGURATION_ELEMENTS * 31..].fill(0);
    bytes
}

/// Writes an element of the batch (the header's ten included in `index`).
pub fn set(lists: &mut [u8], index: usize, element: U256) {
    let at = (index - 10) * 31;
    lists[at..at + 31].copy_from_slice(&element.to_be_bytes::<32>()[1..]);
}

/// The three elements of a deposit.
pub fn set_deposit(lists: &mut [u8], index: usize, entry: &Entry) {
    let [x, y] = [entry.owner.0, entry.owner.1].map(|c| U256::from_limbs(c.into_bigint().0));
    let low = |value: U256, bits: usize| value & ((U256::from(1) << bits) - U256::from(1));
    let first = 10 + 3 * index;
    let header = (x >> 128)
        | (U256::from(entry.amount) << 126)
        | (U256::from(entry.mode) << 190)
        | (U256::from(entry.account) << 206);
    set(lists, first, header);
    set(lists, first + 1, low(x, 128) | ((y >> 136) << 128));
    set(lists, first + 2, low(y, 136));
}

/// What a batch says of a deposit.
#[derive(Clone, Copy)]
pub struct Entry {
    pub owner: (Fr, Fr),
    pub amount: u64,
    pub mode: u16,
    pub account: u64,
}

/// The generator of BabyJubJub's large subgroup (EIP-2494's Base8): a key that the contract takes.
pub fn owner() -> (Fr, Fr) {
    let x = "5299619240641551281634865583518297030282874472190772894086521144482721001553";
    let y = "16950150798460657717958625567821834550301663161624707787222815936182638968203";
    (Fr::from_str(x).unwrap(), Fr::from_str(y).unwrap())
}
