//! The inputs that the fuzzers start from: a small valid file for each reader, and what no search would find because
//! a proof or a checksum must fit.

use crate::targets::NEXT_FILE;
use alloy_sol_types::SolCall;
use ark_bn254::Fr;
use ark_ff::One;
use flate2::{Compression, GzBuilder};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::io::Write;
use zkmargin::prove::manifest::{FORMAT, Manifest, Statement, json};
use zkmargin::verify::{field_hex, folder_name, hex, inputs};
use zkmargin_groth16::{
    ClosureAssignment, Derived, Fingerprint, KnowledgeBase, Layout, Proof, Prover, ProvingKey,
    SparseRelation, SparseRow, VerifyingKey, setup_with_knowledge_base,
};
use zkmargin_verifier_solidity::abi::IVerifier::keyIdCall;
use zkmargin_verifier_solidity::rollup::{proof_words, verify_call};
use zkmargin_verifier_solidity::statement::{digest, field_elements};
use zkmargin_verifier_solidity::{Address, Batch, Header, key_id};

/// A file of a corpus that this module makes.
pub struct Seed {
    /// The reader's name.
    pub target: &'static str,
    /// The file's name.
    pub name: &'static str,
    /// What the file holds.
    pub bytes: Vec<u8>,
}

fn seed(target: &'static str, name: &'static str, bytes: impl Into<Vec<u8>>) -> Seed {
    Seed { target, name, bytes: bytes.into() }
}

/// All seeds. Deterministic: the keys' secrets and the proofs' blinding are drawn from a fixed seed.
pub fn all() -> Vec<Seed> {
    let mut seeds = events();
    seeds.extend(shapes());
    seeds.extend(proofs());
    seeds
}

/// Published elements of a batch of the seeds: the header's ten and two more.
const ELEMENTS: usize = 12;

/// A key of a circuit that evaluates [`ELEMENTS`] committed elements at z.
pub fn verifying_key() -> VerifyingKey {
    Circuit::new().key.verifying_key().clone()
}

/// Horner's rule over committed elements, as in the tests of the contracts.
struct Circuit {
    relation: SparseRelation,
    key: ProvingKey,
    rng: ChaCha20Rng,
}

impl Circuit {
    /// Columns one, s, v, z; then the elements; then the partial sums.
    fn new() -> Self {
        let n = ELEMENTS;
        let layout =
            Layout { constraints: n - 1, public: 4, committed_public: 1, committed: n, derived: n - 2 };
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
        let relation = SparseRelation::new(layout, rows.collect()).expect("a relation");
        let mut rng = ChaCha20Rng::seed_from_u64(15);
        let key = setup_with_knowledge_base(&relation, KnowledgeBase::Gamma, &mut rng).expect("a key");
        Self { relation, key, rng }
    }

    fn prove(&mut self, published: &[u8]) -> Proof {
        let elements = field_elements(published);
        let summands = elements.clone();
        let mut assignment = ClosureAssignment {
            committed_public: vec![digest(published)],
            committed: elements,
            derive: |z: Fr| {
                let (last, others) = summands.split_last().expect("elements");
                let mut sum = *last;
                let mut wires = Vec::with_capacity(summands.len());
                for element in others.iter().rev() {
                    sum = sum * z + element;
                    wires.push(sum);
                }
                let value = wires.pop().expect("a sum");
                Derived { public: vec![value], wires }
            },
        };
        let prover = Prover::new(&self.key, &self.relation).expect("a prover");
        prover.prove(&mut assignment, &mut self.rng).expect("a proof")
    }
}

/// A proven batch of the seeds' circuit.
struct Proven {
    header: Header,
    bytes: Vec<u8>,
    proof: Proof,
}

impl Circuit {
    /// A batch whose roots follow from its number.
    fn batch(&mut self, number: u64) -> Proven {
        let root = |number: u64| Fr::from(u128::from(number) + 10);
        self.proven(Header {
            chain_id: 1,
            contract: Address::repeat_byte(0xab),
            batch: number,
            shape_id: 7,
            elements: ELEMENTS as u32,
            deposit_capacity: 0,
            withdrawal_start: 10,
            withdrawal_capacity: 2,
            configuration_capacity: 0,
            time: 1_800_000_000,
            key_id: key_id(self.key.verifying_key()).expect("a key of batches"),
            old_root: root(number.wrapping_sub(1)),
            new_root: root(number),
            deposits_before: 0,
            deposits_after: 0,
            config_digest: [8; 31],
        })
    }

    fn proven(&mut self, header: Header) -> Proven {
        let bytes = header.published(&[1; 62]);
        let proof = self.prove(&bytes);
        Proven { header, bytes, proof }
    }

    /// The files of a run with these batches, as one input.
    fn run(&self, batches: &[Proven]) -> Vec<u8> {
        let key = self.key.verifying_key();
        let statements: Vec<Statement> =
            batches.iter().enumerate().map(|(index, batch)| batch.statement(index)).collect();
        let first = &batches[0].header;
        let manifest = Manifest {
            format: FORMAT.to_owned(),
            insecure: key.origin.is_insecure(),
            shape: "horner".to_owned(),
            shape_id: first.shape_id,
            circuit: Fingerprint(key.fingerprint).to_string(),
            key_id: hex(&first.key_id),
            chain_id: first.chain_id,
            contract: hex(first.contract.as_slice()),
            genesis_root: field_hex(first.old_root),
            batches: statements.clone(),
        };
        let mut files = vec![json(&manifest), key.to_bytes()];
        for (batch, statement) in batches.iter().zip(&statements) {
            files.extend([batch.bytes.clone(), json(statement), batch.proof.to_bytes()]);
        }
        files.join(NEXT_FILE)
    }
}

impl Proven {
    fn statement(&self, index: usize) -> Statement {
        let [s, v] = inputs(&self.bytes, &self.proof).map(field_hex);
        Statement {
            batch: self.header.batch,
            folder: folder_name(index as u64 + 1),
            time: self.header.time,
            trades: 0,
            elements: ELEMENTS,
            old_root: field_hex(self.header.old_root),
            new_root: field_hex(self.header.new_root),
            s,
            v,
            closed: "end".to_owned(),
        }
    }
}

fn proofs() -> Vec<Seed> {
    let mut circuit = Circuit::new();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("key");
    circuit.key.write(&path).expect("a file");
    let [one, two] = [1, 2].map(|number| circuit.batch(number));
    // The last number that there is, and the one that a sum without carry would give after it.
    let last = circuit.batch(u64::MAX);
    let wrapped = circuit.proven(Header { batch: 0, old_root: last.header.new_root, ..last.header });
    let [s, v] = inputs(&one.bytes, &one.proof);
    let call = verify_call(s, v, &one.proof).expect("a call");
    let batch =
        Batch { shape_id: 7, new_root: one.header.new_root, time: one.header.time, deposits_after: 0 };
    let lists = &one.bytes[310..];
    let apply = batch.call(lists, proof_words(&one.proof).expect("a committed proof")).expect("a time");
    let mut plain = one.proof.to_bytes();
    plain.truncate(256);
    vec![
        seed("verifying_key", "seed-key", circuit.key.verifying_key().to_bytes()),
        seed("proving_key", "seed-key", std::fs::read(&path).expect("the key")),
        seed("proof", "seed-committed", one.proof.to_bytes()),
        seed("proof", "seed-plain", plain),
        seed("published_bytes", "seed-batch", one.bytes.clone()),
        seed("published_bytes", "seed-last-number", last.bytes.clone()),
        seed("calldata", "seed-verify", call.abi_encode()),
        seed("calldata", "seed-apply-batch", apply.abi_encode()),
        seed("calldata", "seed-key-id", keyIdCall {}.abi_encode()),
        seed("run_directory", "seed-number-ends", circuit.run(std::slice::from_ref(&last))),
        seed("run_directory", "seed-number-wraps", circuit.run(&[last, wrapped])),
        seed("run_directory", "seed-one-batch", circuit.run(std::slice::from_ref(&one))),
        seed("run_directory", "seed-two-batches", circuit.run(&[one, two])),
    ]
}

const HYPERLIQUID: &str = "\
time,kind,user,coin,side,px_or_liq_notional,sz_or_liq_account_value,ledger_delta_usd,taker_maker,margin_mode
2023-02-26T16:44:05Z,L,u0,,,,,4,,
2023-02-26T16:44:06Z,L,u0,,,,,-1.5,,
2023-02-27T15:02:26Z,F,u2,ETH,S,1655.5,0.0452,,T,
2023-02-27T15:02:26Z,F,u3,ETH,B,1655.5,0.0452,,M,
2023-02-27T15:02:27Z,X,u2,,,100.25,0,,,Cross
";
/// A history that our own format has words for: it is written and read again.
const HYPERLIQUID_LEDGER: &str = "\
time,kind,user,coin,side,px_or_liq_notional,sz_or_liq_account_value,ledger_delta_usd,taker_maker,margin_mode
1677429845,L,u0,,,,,0.0000001,,
1677429846,L,u1,,,,,9000000000.5,,
";
const HYPERLIQUID_API: &str = r#"[{"coin":"ETH","px":"3000","sz":"0.5","side":"B","time":17,"crossed":true},
{"coin":"@107","px":"3","sz":"5","side":"A","time":18,"crossed":false},
{"time":5,"delta":{"type":"deposit","usdc":"10.5"}},{"time":6,"delta":{"type":"spotGenesis"}},
{"time":7,"delta":{"type":"accountClassTransfer","usdc":"1","toPerp":false}},
{"time":8,"delta":{"type":"vaultWithdraw","netWithdrawnUsd":"1"}},
{"time":9,"delta":{"type":"internalTransfer","usdc":"1","user":"0xb","destination":"0xA"}}]
[]"#;
/// Names that steer a terminal; they are shown as rows that were left out.
const HYPERLIQUID_API_NAMES: &str = r#"[{"time":5,"delta":{"type":"deposit","usdc":"10.5"}},
{"time":6,"delta":{"type":"\u001b[2J\n"}},{"coin":"@\u001b[2J","px":"3","sz":"5","side":"A","time":18,"crossed":false}]"#;
const DYDX: &str = "created_at,market,taker_side,price,size
2025-03-01T09:00:00Z,ETH,BUY,2500.5,1.25
2025-03-01T09:00:00.5+01:00,ETH,SELL,2500,70
";
const DYDX_INDEXER: &str = r#"{"fills":[{"side":"SELL","liquidity":"MAKER","market":"A","price":"3","size":"2",
"createdAt":"2024-05-01T10:00:02Z","subaccountNumber":3}],"pageSize":100,
"trades":[{"side":"BUY","size":"0.5","price":"64001","createdAt":1714557600000}]}"#;
const BINANCE_TRADES: &str = "id,price,qty,quote_qty,time,is_buyer_maker
501,3000.10,0.200,600.02,1704067200123,true
502,3000.2,1,3000.2,1704067200124,False
";
const BINANCE_AGG_TRADES: &str = "71,3000.10,0.200,501,504,1704067200123,true
72,3000.10,0.200,501,504,1704067200123456,false,true
";
const NDJSON: &str = r#"{"event":"header","quote_decimals":7}
{"time":1704067200,"event":"market","market":"ETH","price_decimals":2,"size_decimals":-1,"price":"1650"}
{"time":"2024-01-01T00:00:00Z","event":"market","market":"1000X","price_decimals":0,"size_decimals":3,"price":"7","band":1000}
{"time":1704067201,"event":"order","id":"a","user":"u","market":"ETH","side":"buy","price":"1650.1","size":"20","expiry":1704067299}
{"time":1704067201,"event":"order","id":"b","user":"v","market":"ETH","side":"sell","price":"1650","size":"20","isolated":true,"fok":true}
{"time":1704067202,"event":"deposit","user":"u","amount":"0.00001","isolated":"ETH"}
{"time":1704067202,"event":"transfer","user":"u","amount":"0.00001","from":"ETH"}
{"time":1704067203,"event":"fill","maker":"a","taker":"b","size":"10"}
{"time":1704067203,"event":"cancel","user":"u","id":"a"}
{"time":1704067204,"event":"tick","market":"1000X","price":"7.125","rate":-3}
{"time":1704067204,"event":"liquidate","user":"v","market":"ETH","size":"10","price":"1650","isolated":true,"taker":"a"}
{"time":1704067205,"event":"withdraw","user":"u","amount":"1"}
"#;

/// A market with and one without bounds of the open interest, and a row that cannot be read.
const LISTINGS_DYDX_V4: &str = "\
ticker,atomic_resolution,imf_ppm,maint_fraction_of_imf_ppm,step_base_quantums,subticks_per_tick,quantum_conversion_exponent,price_exponent,genesis_price_int,base_position_notional_quote_q,open_interest_lower_cap,open_interest_upper_cap,tier
AAA-USD,-9,50000,600000,1000000,100000,-9,-6,2500060000,0,20000000000000,50000000000000,Big
BBB-USD,-5,100000,500000,1000000,1000000,-9,-10,4000000000,250000000000,0,0,Mid
CCC-USD,-5,100000,500000,0,1000000,-9,-10,4000000000,0,0,0,Mid
";

/// One that trades, one that does not, one that breaks a rule.
const LISTINGS_DYDX_V3: &str = "\
market,status,stepSize,tickSize,minOrderSize,oraclePrice,initialMarginFraction,maintenanceMarginFraction,baselinePositionSize
C-USD,ONLINE,0.1,0.01,1,40.005,0.04,0.03,9000.05
D-USD,PAUSED,10,0.0001,10,0.5,0.1,0.05,2000000
E-USD,ONLINE,0.2,0.01,1,40,0.03,0.0296,9000
";

/// Two symbols with their tiers.
const LISTINGS_BINANCE: &str = "\
symbol,tier,min_notional,max_notional,mmr,max_leverage,maint_amount_cum
X/T:T,1,0,50000,0.004,125,0.0
X/T:T,2,50000,600000,0.005,100,50.0
Y/T:T,1,0,5000,0.01,75.0,0
";

fn events() -> Vec<Seed> {
    vec![
        seed("events_ndjson", "seed-all-events", NDJSON),
        seed("events_ndjson", "seed-gzip", gzip(NDJSON.as_bytes())),
        seed("events_hyperliquid", "seed-rows", HYPERLIQUID),
        seed("events_hyperliquid", "seed-ledger", HYPERLIQUID_LEDGER),
        seed("events_hyperliquid_api", "seed-entries", HYPERLIQUID_API),
        seed("events_hyperliquid_api", "seed-names", HYPERLIQUID_API_NAMES),
        seed("events_dydx", "seed-rows", DYDX),
        seed("events_dydx_indexer", "seed-pages", DYDX_INDEXER),
        seed("events_binance_trades", "seed-rows", BINANCE_TRADES),
        seed("events_binance_agg_trades", "seed-rows", BINANCE_AGG_TRADES),
        seed("listings", "seed-dydx-v4", LISTINGS_DYDX_V4),
        seed("listings", "seed-dydx-v3", LISTINGS_DYDX_V3),
        seed("listings", "seed-binance", LISTINGS_BINANCE),
        seed("listings", "seed-gzip", gzip(LISTINGS_BINANCE.as_bytes())),
    ]
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzBuilder::new().write(Vec::new(), Compression::best());
    packed.write_all(bytes).expect("memory");
    packed.finish().expect("memory")
}

fn shapes() -> Vec<Seed> {
    // What the messages quote may steer a terminal.
    let names = "name = \"\\u001b[2J\\n\"\nid = 1\nlimb_bits = 8\ncapacities = {}\n";
    vec![
        seed("shape", "seed-tiny", include_str!("../../shapes/tiny.toml")),
        seed("shape", "seed-trade-256", include_str!("../../shapes/trade-256.toml")),
        seed("shape", "seed-name", names),
    ]
}
