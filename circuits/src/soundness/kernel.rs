//! The kernel gate: at a witness, with the inputs fixed, no wire may move.
//!
//! The constraints of all rows are linearised at the witness. A direction in which every linearised
//! constraint keeps holding is a wire that nothing determines. The bus is replaced by its ideal
//! (SOUNDNESS: a looked-up limb is discrete, a looked-up tuple equals the provided one, a received
//! cell equals the cell last sent); challenges and the transcript are inputs. The other inputs (ops, what
//! only a hash binds: preimages of old leaves and nodes, signatures) are named by the caller; what the
//! batch publishes must follow from them.

use std::collections::{BTreeMap, HashMap};

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, Zero};

use crate::batch::assembly::Witness;
use crate::batch::layout::{Circuit, PUBLIC};
use crate::gadgets::cs::{Direction, InteractionValue};
use crate::gadgets::range::RANGE;

/// A wire that nothing determines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FreeWire {
    pub kind: &'static str,
    pub row: usize,
    /// The hint's name, or `derived`, or `committed` for products and digests.
    pub name: &'static str,
    /// Local number of the wire.
    pub wire: usize,
}

type Equation = BTreeMap<usize, Fr>;

/// Free wires of the witness. `is_input(kind, hint name)` names the advice that is fixed from outside.
pub fn free_wires(
    circuit: &Circuit,
    witness: &Witness<'_>,
    is_input: &dyn Fn(&'static str, &'static str) -> bool,
) -> Vec<FreeWire> {
    let mut fixed = vec![false; circuit.columns()];
    fixed[..PUBLIC].fill(true);
    circuit.constants.iter().for_each(|constant| fixed[constant.column] = true);
    fix_inputs(circuit, is_input, &mut fixed);
    let values = values(circuit, witness);
    let mut equations = Vec::new();
    row_equations(circuit, &values, &mut equations);
    bus_equations(circuit, witness, &mut equations);
    let equations = peel(equations, &mut fixed);
    let mut pivots = eliminate(equations, &fixed);
    let mut free = names(circuit, &fixed, &mut pivots);
    free.retain(|wire| !is_idle(circuit, witness, wire));
    free
}

/// Whether the row of a wire takes no part in the batch: it sends, receives and publishes nothing, so
/// that its wires, whatever they are, reach no other row. Look-ups of limbs and offered tuples do not count.
fn is_idle(circuit: &Circuit, witness: &Witness<'_>, wire: &FreeWire) -> bool {
    let block = circuit.blocks.iter().position(|b| b.template.name == wire.kind);
    let row = &witness.rows()[block.expect("free wires name their block")][wire.row];
    let speaks =
        |i: &InteractionValue| i.tag != RANGE && i.provided_by.is_none() && !i.multiplicity.is_zero();
    !row.interactions.iter().any(speaks) && row.published.iter().all(Zero::is_zero)
}

/// Committed and row-derived values by column; challenges and bus wires are left at zero, no
/// equation names them.
fn values(circuit: &Circuit, witness: &Witness<'_>) -> Vec<Fr> {
    let mut values = vec![Fr::ZERO; circuit.columns()];
    values[0] = Fr::ONE;
    values[PUBLIC..PUBLIC + witness.committed().len()].copy_from_slice(witness.committed());
    let first_derived = PUBLIC + circuit.committed();
    for (block, rows) in witness.rows().iter().enumerate() {
        for (number, row) in rows.iter().enumerate() {
            let start = first_derived + circuit.derived_start(block, number);
            values[start..start + row.derived.len()].copy_from_slice(&row.derived);
        }
    }
    values
}

fn fix_inputs(circuit: &Circuit, is_input: &dyn Fn(&'static str, &'static str) -> bool, fixed: &mut [bool]) {
    for block in &circuit.blocks {
        let template = &block.template;
        let counts = template.interactions.iter().filter_map(|i| i.provided_by);
        let inputs = template.hints.iter().filter(|(name, _)| is_input(template.name, name)).map(|(_, w)| *w);
        let wires: Vec<u32> = counts.chain(inputs).collect();
        for row in 0..block.rows {
            let start = PUBLIC + block.committed_range(row).start;
            wires.iter().for_each(|wire| fixed[start + *wire as usize] = true);
        }
        if template.carries > 0 {
            let seed = block.carry_range(0);
            if template.seed.is_empty() {
                fixed[PUBLIC + seed.start..PUBLIC + seed.end].fill(is_input(template.name, "seed"));
            }
        }
    }
}

fn equation(terms: impl IntoIterator<Item = (usize, Fr)>) -> Equation {
    let mut equation = Equation::new();
    for (column, coefficient) in terms {
        *equation.entry(column).or_insert(Fr::ZERO) += coefficient;
    }
    equation.remove(&0);
    equation.retain(|_, c| !c.is_zero());
    equation
}

// d(a·b - c) = b·da + a·db - dc.
fn row_equations(circuit: &Circuit, values: &[Fr], equations: &mut Vec<Equation>) {
    let dot = |terms: &[(usize, Fr)]| terms.iter().map(|(column, c)| values[*column] * c).sum::<Fr>();
    for (number, block) in circuit.blocks.iter().enumerate().skip(1) {
        for row in 0..block.rows {
            for constraint in &block.template.constraints[..block.template.own_constraints] {
                let [a, b, c] = [&constraint.a, &constraint.b, &constraint.c]
                    .map(|terms| circuit.columns_of(number, row, terms));
                let (at_a, at_b) = (dot(&a), dot(&b));
                let moved = a.into_iter().map(|(column, k)| (column, k * at_b));
                let moved = moved.chain(b.into_iter().map(|(column, k)| (column, k * at_a)));
                equations.push(equation(moved.chain(c.into_iter().map(|(column, k)| (column, -k)))));
            }
        }
    }
}

type Place = (usize, usize, usize);

// Receives equal the sends they match, component by component.
fn bus_equations(circuit: &Circuit, witness: &Witness<'_>, equations: &mut Vec<Equation>) {
    let mut sends: HashMap<(u8, Vec<Fr>), Vec<Place>> = HashMap::new();
    let mut receives: Vec<(Place, (u8, Vec<Fr>))> = Vec::new();
    for (block, rows) in witness.rows().iter().enumerate() {
        for (number, row) in rows.iter().enumerate() {
            for (i, interaction) in row.interactions.iter().enumerate() {
                let key = (interaction.tag.code, row.tuple(i).to_vec());
                let place = (block, number, i);
                match interaction.direction {
                    _ if interaction.tag == RANGE && interaction.direction == Direction::Receive => {
                        let terms = &circuit.blocks[block].template.interactions[i].tuple[0];
                        equations.push(equation(circuit.columns_of(block, number, terms)));
                    }
                    _ if interaction.tag == RANGE || interaction.multiplicity.is_zero() => {}
                    Direction::Send => sends.entry(key).or_default().push(place),
                    Direction::Receive => receives.push((place, key)),
                }
            }
        }
    }
    for (place, key) in receives {
        let provided = circuit.blocks[place.0].template.interactions[place.2].tag.provider;
        let Some(sources) = sends.get_mut(&key) else { continue };
        let source =
            if provided || sources.len() == 1 { sources[0] } else { sources.pop().expect("not empty") };
        let tuple = |(block, row, i): Place, component: usize| {
            circuit.columns_of(block, row, &circuit.blocks[block].template.interactions[i].tuple[component])
        };
        for component in 0..key.1.len() {
            let received = tuple(place, component).into_iter().map(|(column, c)| (column, -c));
            equations.push(equation(tuple(source, component).into_iter().chain(received)));
        }
    }
}

// A constraint with one unknown wire determines it. Returns what is left, known wires removed.
fn peel(mut equations: Vec<Equation>, fixed: &mut [bool]) -> Vec<Equation> {
    let mut uses: HashMap<usize, Vec<usize>> = HashMap::new();
    for (number, equation) in equations.iter_mut().enumerate() {
        equation.retain(|column, _| !fixed[*column]);
        equation.keys().for_each(|column| uses.entry(*column).or_default().push(number));
    }
    let mut ready: Vec<usize> = (0..equations.len()).filter(|i| equations[*i].len() == 1).collect();
    while let Some(number) = ready.pop() {
        let Some(column) = equations[number].keys().next().copied() else { continue };
        fixed[column] = true;
        for user in uses.remove(&column).unwrap_or_default() {
            equations[user].remove(&column);
            if equations[user].len() == 1 {
                ready.push(user);
            }
        }
    }
    equations.retain(|equation| !equation.is_empty());
    equations
}

// Sparse elimination, shortest equations first; returns the reduced equations by pivot.
fn eliminate(mut equations: Vec<Equation>, fixed: &[bool]) -> BTreeMap<usize, Equation> {
    equations.sort_by_key(Equation::len);
    let mut pivots: BTreeMap<usize, Equation> = BTreeMap::new();
    for mut equation in equations {
        debug_assert!(equation.keys().all(|column| !fixed[*column]));
        while let Some((column, factor)) =
            equation.iter().find(|(column, _)| pivots.contains_key(column)).map(|(column, c)| (*column, *c))
        {
            for (other, c) in &pivots[&column] {
                let entry = equation.entry(*other).or_insert(Fr::ZERO);
                *entry -= factor * c;
                if entry.is_zero() {
                    equation.remove(other);
                }
            }
        }
        let Some((column, c)) = equation.iter().next().map(|(column, c)| (*column, *c)) else { continue };
        let inverse = c.inverse().expect("kept coefficients are not zero");
        equation.values_mut().for_each(|value| *value *= inverse);
        pivots.insert(column, equation);
    }
    pivots
}

// A wire that is neither fixed nor determined by the reduced equations alone is free.
fn names(circuit: &Circuit, fixed: &[bool], pivots: &mut BTreeMap<usize, Equation>) -> Vec<FreeWire> {
    // Highest pivot first, an equation of which only the pivot is left determines it.
    let mut determined = fixed.to_vec();
    for (pivot, equation) in pivots.iter_mut().rev() {
        equation.retain(|column, _| column == pivot || !determined[*column]);
        determined[*pivot] = equation.len() == 1;
    }
    let mut free = Vec::new();
    let first_derived = PUBLIC + circuit.committed();
    for (number, block) in circuit.blocks.iter().enumerate().skip(1) {
        let hints: HashMap<u32, &'static str> = block.template.hints.iter().map(|(n, w)| (*w, *n)).collect();
        for row in 0..block.rows {
            let kind = block.template.name;
            let committed = PUBLIC + block.committed_range(row).start;
            for wire in 0..block.template.committed as usize {
                if !determined[committed + wire] {
                    let name = hints.get(&(wire as u32)).copied().unwrap_or("committed");
                    free.push(FreeWire { kind, row, name, wire });
                }
            }
            let derived = first_derived + circuit.derived_start(number, row);
            for wire in 0..block.template.derived as usize {
                if !determined[derived + wire] {
                    free.push(FreeWire { kind, row, name: "derived", wire });
                }
            }
            let carries = PUBLIC + block.carry_range(row + 1).start;
            for wire in 0..block.template.carries as usize {
                if !determined[carries + wire] {
                    free.push(FreeWire { kind, row, name: "carry", wire });
                }
            }
        }
    }
    free
}
