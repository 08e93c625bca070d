//! One batch of generated flow as a system without commitment.

use super::{Failure, tell};
use crate::bench::system::{Plain, plain_wires};
use crate::bench::{Span, System, measure};
use crate::cli::replay::{SPAN, settings};
use crate::engine::Engine;
use crate::flow::Flow;
use crate::record::relation::{BatchAssignment, BatchRelation};
use ark_bn254::Fr;
use ark_ff::PrimeField;
use zkmargin_circuits::batch::layout::Circuit;
use zkmargin_circuits::batch::shape::Shape;
use zkmargin_circuits::batch::witness::witness;
use zkmargin_circuits::ops::Domain;
use zkmargin_circuits::publication::Deployment;
use zkmargin_groth16::Relation;

/// The first batch of a tape with as many fills as the shape takes, and how long its wires took.
///
/// The challenge is a fixed number, a public input like others, and every wire is private: any prover
/// of plain Groth16 can prove the system. It is work to measure, not a statement about the batch.
pub fn system<'a>(shape: &Shape, circuit: &'a Circuit, seed: u64) -> Result<(System<'a>, Span), Failure> {
    tell(&format!("a batch of shape {}", shape.name));
    let fills = u32::try_from(shape.capacities["fills"]).unwrap_or(u32::MAX).saturating_add(1);
    let tape = Flow { seed, fills, ..Flow::default() }.generate()?;
    let mut engine = Engine::new(tape, settings(shape, seed, Domain::default(), SPAN))?;
    let Some(batch) = engine.next_batch(&mut |_| ())? else {
        return Err(Failure::new(format!("shape {}: the generated flow has no batch", shape.name)));
    };
    let relation = BatchRelation::new(circuit);
    let z = Fr::from_be_bytes_mod_order(&relation.fingerprint());
    // No key exists that the header could name.
    let deployment = Deployment { shape_id: shape.id, key_id: [0; 31] };
    let (wires, span) = measure(|| {
        let filled = witness(circuit, shape, &batch.trace, &deployment, true)?;
        Ok(plain_wires(&mut BatchAssignment::new(filled), z))
    });
    let wires = wires.map_err(|error: zkmargin_circuits::batch::assembly::AssemblyError| {
        Failure::new(format!("shape {}: {error}", shape.name))
    })?;
    let name = format!("batch {} with {} trades", shape.name, batch.trades());
    Ok((System { name, relation: Box::new(Plain(relation)), wires }, span))
}
