//! The pinned counts, and the tables of README and the changelog, belong to the circuits that the shapes
//! compile to.
//!
//! A change of a count or of a fingerprint is a change of the circuit, and of every key. Run with
//! `UPDATE=1` to pin the new figures, and say so in the changelog.

use std::fmt::Write;
use std::path::PathBuf;

use zkmargin_circuits::batch::compile::{compile, pieces};
use zkmargin_circuits::batch::layout::{Circuit, PUBLIC, Side};
use zkmargin_circuits::batch::shape::Shape;

const SHAPES: [&str; 4] = ["tiny", "demo", "trade-64", "trade-256"];

/// Rows that the proof system adds: the row of the blinding wire, the row of s, one for each public column.
const ADDED_ROWS: usize = 2 + PUBLIC;

fn circuits() -> Vec<(Shape, Circuit)> {
    let circuit = |name| {
        let shape = Shape::named(name).unwrap();
        let circuit = compile(&shape);
        (shape, circuit)
    };
    SHAPES.map(circuit).into()
}

fn piece_table(circuits: &[(Shape, Circuit)]) -> String {
    let mut table =
        String::from("shape,piece,rows,constraints_per_row,constraints,committed_per_row,committed\n");
    for (shape, circuit) in circuits {
        for piece in pieces(circuit) {
            writeln!(
                table,
                "{},{},{},{},{},{},{}",
                shape.name,
                piece.name,
                piece.rows,
                piece.constraints_per_row,
                piece.constraints(),
                piece.committed_per_row,
                piece.committed()
            )
            .unwrap();
        }
    }
    table
}

fn interactions(circuit: &Circuit) -> usize {
    circuit.blocks.iter().map(|b| b.rows * b.template.interactions.len()).sum()
}

/// Columns with an entry in A and in B. A multiplication of the prover in G1 takes the former, one in G1 and
/// one in G2 the latter.
fn columns_of_factors(circuit: &Circuit) -> [usize; 2] {
    let mut columns = [Side::A, Side::B].map(|side| (side, vec![false; circuit.columns()]));
    circuit.for_each_entry(0..circuit.constraints(), &mut |of, _, column, _| {
        columns.iter_mut().filter(|(side, _)| *side == of).for_each(|(_, used)| used[column] = true);
    });
    columns.map(|(_, used)| used.into_iter().filter(|used| *used).count())
}

fn circuit_table(circuits: &[(Shape, Circuit)]) -> String {
    let mut table = String::from(
        "shape,id,constraints,committed,derived,columns_a,columns_b,interactions,elements,domain,per_trade,fingerprint\n",
    );
    for (shape, circuit) in circuits {
        let domain = (circuit.constraints() + ADDED_ROWS).next_power_of_two();
        let interactions = interactions(circuit);
        let [columns_a, columns_b] = columns_of_factors(circuit);
        let fingerprint: String = circuit.fingerprint().iter().map(|byte| format!("{byte:02x}")).collect();
        writeln!(
            table,
            "{},{},{},{},{},{columns_a},{columns_b},{interactions},{},2^{},{},{fingerprint}",
            shape.name,
            shape.id,
            circuit.constraints(),
            circuit.committed(),
            circuit.derived(),
            circuit.elements.len(),
            domain.ilog2(),
            circuit.constraints().div_ceil(shape.capacities["fills"])
        )
        .unwrap();
    }
    table
}

fn compare(file: &str, now: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        std::fs::write(&path, now).unwrap();
        return;
    }
    let pinned = std::fs::read_to_string(&path).unwrap_or_default();
    let differences: Vec<String> = pinned
        .lines()
        .filter(|line| !now.lines().any(|l| l == *line))
        .map(|line| format!("- {line}"))
        .chain(now.lines().filter(|line| !pinned.lines().any(|l| l == *line)).map(|line| format!("+ {line}")))
        .collect();
    assert!(
        pinned == now,
        "{file} is not what the shapes compile to; UPDATE=1 pins the new figures:\n{}",
        differences.join("\n")
    );
}

/// Pieces as README groups them: what a group is, and the rows that are in it.
const GROUPS: &[(&str, &[&str])] = &[
    ("signatures: four per row, and their combination", &["signature", "combine signatures"]),
    (
        "accounts: open, settle, close, both leaves",
        &["cross account", "isolated account", "flat account", "mode change"],
    ),
    ("fills, both sides", &["fill"]),
    ("tree nodes", &["tree node"]),
    ("placed orders", &["place"]),
    ("bulk actions' hash chains", &["chunk"]),
    ("markets, ticks and configurations", &["market leaf", "tick", "configure"]),
    ("price signers and their lists", &["signer", "quotes"]),
    ("range table", &["range table"]),
    ("order leaves", &["order leaf"]),
    ("liquidations", &["liquidate"]),
    (
        "deposits, withdrawals, transfers, cancels, limits, modes, keys, fees",
        &[
            "deposit",
            "withdraw",
            "transfer",
            "cancel",
            "set leverage",
            "set mode",
            "change key",
            "collect fees",
        ],
    ),
    ("publication, statement, challenge", &["publication", "changed position", "statement", "challenge"]),
];

/// A number with its thousands.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The table of README's pieces; every piece stands in one group. A shape without room for an op has no
/// piece of it.
fn readme_pieces(shape: &Shape, circuit: &Circuit) -> String {
    let pieces = pieces(circuit);
    let trades = shape.capacities["fills"];
    let share = |constraints: usize| thousands((2 * constraints + trades) / (2 * trades));
    let mut table =
        String::from("| piece | rows × constraints | constraints | per trade |\n|---|---|---|---|\n");
    let mut left: Vec<&str> = pieces.iter().map(|piece| piece.name).collect();
    for (what, names) in GROUPS {
        let of: Vec<_> =
            names.iter().filter_map(|name| pieces.iter().find(|piece| piece.name == *name)).collect();
        left.retain(|name| !names.contains(name));
        let rows: Vec<String> = of
            .iter()
            .map(|piece| format!("{} × {}", piece.rows, thousands(piece.constraints_per_row)))
            .collect();
        let sum: usize = of.iter().map(|piece| piece.constraints()).sum();
        writeln!(table, "| {what} | {} | {} | {} |", rows.join(" + "), thousands(sum), share(sum)).unwrap();
    }
    assert!(left.is_empty(), "{left:?} are in no group of README's table");
    let all = thousands(circuit.constraints());
    let per_trade = thousands(circuit.constraints().div_ceil(trades));
    writeln!(table, "| **total** | | **{all}** | **{per_trade}** |").unwrap();
    table
}

/// The table of README's shapes.
fn readme_shapes(circuits: &[(Shape, Circuit)]) -> String {
    let mut table = String::from(
        "| shape | constraints | committed wires | bus interactions | published elements | domain | per trade |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for (shape, circuit) in circuits {
        let constraints = circuit.constraints();
        let domain = (constraints + ADDED_ROWS).next_power_of_two().ilog2();
        // The small ones are not made for trades.
        let per_trade = match shape.name.strip_prefix("trade-") {
            Some(_) => thousands(constraints.div_ceil(shape.capacities["fills"])),
            None => String::new(),
        };
        writeln!(
            table,
            "| `{}` | {} | {} | {} | {} | 2^{domain} | {per_trade} |",
            shape.name,
            thousands(constraints),
            thousands(circuit.committed()),
            thousands(interactions(circuit)),
            circuit.elements.len(),
        )
        .unwrap();
    }
    table
}

/// The table of the changelog's circuits.
fn changelog_circuits(circuits: &[(Shape, Circuit)]) -> String {
    let mut table = String::from("| shape | constraints | committed | fingerprint |\n|---|---|---|---|\n");
    for (shape, circuit) in circuits {
        let start: String = circuit.fingerprint()[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        let (constraints, committed) = (thousands(circuit.constraints()), thousands(circuit.committed()));
        writeln!(table, "| `{}` | {constraints} | {committed} | `{start}…` |", shape.name).unwrap();
    }
    table
}

/// The document with what stands between two marks replaced.
fn with_table(document: &str, mark: &str, table: &str) -> String {
    let (before, rest) = document.split_once(&format!("<!-- {mark} -->\n")).expect(mark);
    let (_, after) = rest.split_once(&format!("<!-- /{mark} -->")).expect(mark);
    format!("{before}<!-- {mark} -->\n{table}<!-- /{mark} -->{after}")
}

/// What the bound on the bus's error assumes (`circuits/spec/src/bus.md`).
const INTERACTIONS_MAX: usize = 1 << 18;

#[test]
fn the_pinned_counts_are_those_of_the_circuits() {
    let circuits = circuits();
    assert!(circuits.iter().all(|(_, circuit)| interactions(circuit) < INTERACTIONS_MAX));
    compare("constraints.csv", &piece_table(&circuits));
    compare("circuits.csv", &circuit_table(&circuits));
    let read =
        |file: &str| std::fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let (shape, circuit) = circuits.last().unwrap();
    let readme = with_table(&read("../README.md"), "SHAPES", &readme_shapes(&circuits));
    compare("../README.md", &with_table(&readme, "PIECES", &readme_pieces(shape, circuit)));
    let changelog = with_table(&read("../CHANGELOG.md"), "CIRCUITS", &changelog_circuits(&circuits));
    compare("../CHANGELOG.md", &changelog);
}

#[test]
fn pieces_add_up_to_their_circuit() {
    for name in ["tiny", "demo"] {
        let circuit = compile(&Shape::named(name).unwrap());
        let pieces = pieces(&circuit);
        assert_eq!(pieces.iter().map(|p| p.constraints()).sum::<usize>(), circuit.constraints());
        assert_eq!(pieces.iter().map(|p| p.committed()).sum::<usize>(), circuit.committed());
        let mut last = 0;
        circuit.for_each_entry(0..circuit.constraints(), &mut |_, row, _, _| last = last.max(row));
        assert_eq!(last + 1, circuit.constraints());
    }
}
