//! `zkmargin demo`: invented flow, proved batch by batch, applied by the contract in an EVM.

use super::arguments::Demo;
use super::progress::Progress;
use super::replay::{SPAN, settings};
use super::{Failure, prepare, print_json, print_line};
use crate::engine::{Batch, Engine, Settings};
use crate::flow::Flow;
use crate::prove::{Machine, Proven, pipeline};
use crate::record::relation::{BatchRelation, ELEMENT_BYTES};
use crate::report::{ProvenBatch, peak_memory_mib, proven};
use crate::verify::{Header, field_hex};
use ark_ff::{BigInteger, PrimeField};
use serde::Serialize;
use std::time::Instant;
use zkmargin_circuits::batch::compile::compile;
use zkmargin_circuits::batch::shape::Shape;
use zkmargin_circuits::ops::Domain;
use zkmargin_circuits::ops::deposit::DepositRecord;
use zkmargin_groth16::{HashToField, VerifyingKey, verify};
use zkmargin_verifier_solidity as evm;

/// Chain of the demo, the operator's address and the address of all users on L1.
const CHAIN: u64 = 31_337;
const OPERATOR: [u8; 20] = [0x0b; 20];
const DEPOSITOR: [u8; 20] = [0xd0; 20];

/// What `demo --json` prints.
#[derive(Serialize)]
struct Summary {
    insecure: bool,
    shape: String,
    constraints: usize,
    key_seconds: f64,
    seconds: f64,
    peak_memory_mib: Option<u64>,
    batches: Vec<ProvenBatch>,
    trades: usize,
    refused: Vec<String>,
    root: String,
}

pub fn run(options: &Demo) -> Result<(), Failure> {
    let started = Instant::now();
    let shape = prepare::shape("demo")?;
    let circuit = compile(&shape);
    let relation = BatchRelation::new(&circuit);
    prepare::require_memory(&shape, &relation)?;
    let loaded = prepare::key(options.keys.clone(), &shape, &relation)?;
    let key_seconds = started.elapsed().as_secs_f64();
    let key = loaded.key.verifying_key();
    let machine = Machine::new(&shape, &circuit, &relation, &loaded.key)?;
    let flow = Flow { seed: options.seed, ..Flow::default() };
    let fills = flow.refresh * (options.batches as u32 + 1);
    let tape = Flow { fills, ..flow }.generate()?;
    let rules = settings(&shape, options.seed, Domain::default(), SPAN);
    let rules = Settings { signers: options.oracle.signers, ..rules };
    let mut engine = Engine::new(tape, rules)?;
    let mut chain = Chain::deploy(&engine, &shape, key)?;
    // Signatures are valid on this contract only.
    engine.set_settings(Settings { domain: chain.domain(), ..rules });
    let rows = prove(&machine, &mut engine, &mut chain, options.batches)?;
    let summary = Summary {
        insecure: key.origin.is_insecure(),
        shape: shape.name.clone(),
        constraints: circuit.constraints(),
        key_seconds,
        seconds: started.elapsed().as_secs_f64(),
        peak_memory_mib: peak_memory_mib(),
        trades: rows.iter().map(|row| row.trades).sum(),
        refused: rows.iter().flat_map(|row| row.refused.clone()).collect(),
        batches: rows,
        root: field_hex(engine.state().root()),
    };
    if options.json { print_json(&summary) } else { print_line(&text(&summary)) }
}

/// Proves the first batches, verifies each proof, and applies it.
fn prove(
    machine: &Machine<'_>,
    engine: &mut Engine,
    chain: &mut Chain,
    batches: u64,
) -> Result<Vec<ProvenBatch>, Failure> {
    let bar = Progress::of_batches("demo", batches);
    let mut rows = Vec::new();
    let mut ignore = |_| ();
    let flow = engine.batches(&mut ignore).map(|batch| batch.map_err(Failure::from));
    let flow = flow.take(batches.try_into().unwrap_or(usize::MAX));
    let done = |batch: Batch, proven: Proven| {
        verify(machine.verifying_key(), &proven.inputs, &proven.proof, HashToField::Keccak256)
            .map_err(|error| Failure::new(format!("batch {}: {error}", batch.number)))?;
        bar.say("the contract verifies");
        let gas = chain.apply(&batch, &proven)?;
        let row = ProvenBatch::new(&batch, &proven, machine.constraints());
        rows.push(row.with_gas(gas.execution, gas.total));
        bar.batch_done(rows.len() as u64, batches, 0);
        Ok::<(), Failure>(())
    };
    bar.say("signing");
    pipeline::run(machine, flow, |batch: &Batch| &batch.trace, &|phase| bar.say(phase), done)?;
    Ok(rows)
}

/// The contract on its chain.
struct Chain {
    rollup: evm::Rollup,
    shape_id: u32,
}

impl Chain {
    fn deploy(engine: &Engine, shape: &Shape, key: &VerifyingKey) -> Result<Self, Failure> {
        let globals = engine.state().globals();
        let mut config_digest = [0; ELEMENT_BYTES];
        config_digest.copy_from_slice(&globals.config.into_bigint().to_bytes_be()[1..]);
        let deployment = evm::Deployment {
            chain_id: CHAIN,
            time: globals.time,
            operator: evm::Address::from(OPERATOR),
            genesis_root: engine.state().root(),
            genesis_time: globals.time,
            lag: evm::DEFAULT_LAG,
            config_digest,
            // Nobody proposes here.
            governor: evm::Address::ZERO,
            config_delay: evm::DEFAULT_CONFIG_DELAY,
            markets: engine.tape().listings.len() as u16,
            pools: engine.tape().listings.len() as u16,
            allow_insecure_key: true,
        };
        let rollup = evm::Rollup::deploy(&deployment, &[registered(shape, key)?]).map_err(failure)?;
        Ok(Self { rollup, shape_id: shape.id })
    }

    fn domain(&self) -> Domain {
        Domain { chain_id: CHAIN, contract: self.rollup.contract.into_array() }
    }

    /// Deposits what the batch credits, then applies it; the contract must agree on the new root.
    fn apply(&mut self, batch: &Batch, proven: &Proven) -> Result<evm::GasUse, Failure> {
        for deposit in batch.trace.of::<DepositRecord>() {
            let owner = (deposit.owner.x, deposit.owner.y);
            let mode = deposit.header.mode.market();
            let from = evm::Address::from(DEPOSITOR);
            self.rollup.deposit(from, owner, mode, deposit.amount).map_err(failure)?;
        }
        let globals = &batch.trace.new_globals;
        self.rollup.evm.set_time(globals.time);
        let call = evm::Batch {
            shape_id: self.shape_id,
            new_root: batch.trace.new_root,
            time: globals.time,
            deposits_after: globals.deposits,
        };
        let header_bytes = crate::verify::HEADER_ELEMENTS * ELEMENT_BYTES;
        let lists = &proven.bytes[header_bytes..];
        let expected = self.rollup.header(&call).map_err(failure)?.published(lists);
        if expected != proven.bytes {
            let header = Header::read(&proven.bytes).map_err(|error| Failure::from_error(&error))?;
            let text = format!("batch {}: the contract builds another header", header.batch);
            return Err(Failure::new(text));
        }
        let receipt = self.rollup.apply_batch(&call, lists, &proven.proof).map_err(failure)?;
        if receipt.new_root != batch.trace.new_root {
            return Err(Failure::new(format!("batch {}: the contract has another root", batch.number)));
        }
        Ok(receipt.gas)
    }
}

/// The shape as the contract registers it.
fn registered<'a>(shape: &Shape, key: &'a VerifyingKey) -> Result<evm::Shape<'a>, Failure> {
    let places = shape.places();
    let narrow = |value: usize| {
        u16::try_from(value)
            .map_err(|_| Failure::new(format!("shape {}: {value} elements are too many", shape.name)))
    };
    Ok(evm::Shape {
        id: shape.id,
        key,
        elements: narrow(places.element_count)?,
        deposit_capacity: narrow(places.deposit_capacity)?,
        withdrawal_start: narrow(places.withdrawal_start)?,
        withdrawal_capacity: narrow(places.withdrawal_capacity)?,
        configuration_capacity: narrow(places.configuration_capacity)?,
    })
}

fn failure(error: evm::RollupError) -> Failure {
    Failure::new(format!("the contract refuses: {error}"))
}

fn text(summary: &Summary) -> String {
    let mut text = String::from("INSECURE development key: whoever made it can forge proofs\n\n");
    text.push_str(&proven::table(&summary.batches).to_text());
    for batch in &summary.batches {
        text.push_str(&format!("\nbatch {}: {}", batch.batch, batch.closed));
        for refused in &batch.refused {
            text.push_str(&format!("; refused {refused}"));
        }
    }
    text.push_str(&format!(
        "\n\n{} trades in {} batches proved, verified and applied by the contract in {:.0} s ({:.0} s of it the key)",
        summary.trades,
        summary.batches.len(),
        summary.seconds,
        summary.key_seconds
    ));
    if let Some(peak) = summary.peak_memory_mib {
        text.push_str(&format!(", peak memory {peak} MiB"));
    }
    text.push_str(&format!("\nroot {}", summary.root));
    text
}
