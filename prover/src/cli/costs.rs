//! `zkmargin costs`: what a shape's circuit costs, piece by piece.

use super::arguments::Costs;
use super::{Failure, memory, prepare, print_json, print_line};
use crate::record::relation::BatchRelation;
use crate::report::Table;
use serde::Serialize;
use zkmargin_circuits::batch::compile::{Piece, compile, pieces};
use zkmargin_circuits::batch::shape::Shape;
use zkmargin_groth16::{Fingerprint, Relation};

/// The costs of a shape.
#[derive(Debug, Serialize)]
pub struct Summary {
    shape: String,
    fingerprint: String,
    /// Constraints in all, and committed and derived wires.
    constraints: usize,
    committed: usize,
    derived: usize,
    /// Trades that fit, and constraints for each, all in.
    trades: usize,
    per_trade: usize,
    /// Size of the evaluation domain, its logarithm, and rows still free in it.
    domain: usize,
    domain_log2: u32,
    headroom: usize,
    /// What proving takes at its peak, MiB, key and the rows of the next batch included; estimated.
    memory_mib: u64,
    /// Published elements of a batch.
    elements: usize,
    pieces: Vec<Cost>,
    /// Constraints by group of pieces.
    groups: Vec<Group>,
}

#[derive(Debug, Serialize)]
struct Cost {
    name: String,
    group: &'static str,
    rows: usize,
    constraints_per_row: usize,
    constraints: usize,
    committed: usize,
    per_trade: f64,
}

#[derive(Debug, Serialize)]
struct Group {
    name: &'static str,
    constraints: usize,
    per_trade: f64,
}

/// Groups of pieces and the rows that are in them. A piece that stands in none is a group of its own.
const GROUPS: &[(&str, &[&str])] = &[
    ("tree", &["tree node"]),
    (
        "accounts, markets, orders",
        &[
            "cross account",
            "isolated account",
            "mode change",
            "market leaf",
            "tick",
            "configure",
            "signer",
            "quotes",
            "order leaf",
        ],
    ),
    ("signatures", &["signature", "combine signatures", "chunk"]),
    ("fills", &["fill", "place"]),
    (
        "other ops",
        &[
            "cancel",
            "withdraw",
            "transfer",
            "set leverage",
            "set mode",
            "change key",
            "deposit",
            "collect fees",
            "liquidate",
        ],
    ),
    ("range table", &["range table"]),
    ("publication", &["publication", "statement", "challenge", "changed position"]),
];

fn group(name: &'static str) -> &'static str {
    GROUPS.iter().find(|(_, pieces)| pieces.contains(&name)).map_or(name, |(group, _)| group)
}

pub fn run(options: &Costs) -> Result<(), Failure> {
    let shape = prepare::shape(&options.shape)?;
    let summary = summary(&shape);
    if options.json {
        return print_json(&summary);
    }
    print_line(&text(&summary))
}

fn summary(shape: &Shape) -> Summary {
    let circuit = compile(shape);
    let relation = BatchRelation::new(&circuit);
    let layout = relation.layout();
    let trades = shape.capacities["fills"].max(1);
    let share = |constraints: usize| (constraints as f64 / trades as f64 * 10.0).round() / 10.0;
    let cost = |piece: &Piece| Cost {
        name: piece.name.to_owned(),
        group: group(piece.name),
        rows: piece.rows,
        constraints_per_row: piece.constraints_per_row,
        constraints: piece.constraints(),
        committed: piece.committed(),
        per_trade: share(piece.constraints()),
    };
    let pieces: Vec<Cost> = pieces(&circuit).iter().map(cost).collect();
    let groups = groups(&pieces, &share);
    let domain = layout.domain_size();
    Summary {
        shape: shape.name.clone(),
        fingerprint: Fingerprint(relation.fingerprint()).to_string(),
        constraints: circuit.constraints(),
        committed: circuit.committed(),
        derived: circuit.derived(),
        trades,
        per_trade: circuit.constraints().div_ceil(trades),
        domain,
        domain_log2: domain.ilog2(),
        headroom: domain - layout.rows(),
        memory_mib: memory::of_proofs(domain),
        elements: shape.element_count(),
        pieces,
        groups,
    }
}

/// Sums over the groups, the table's groups first.
fn groups(pieces: &[Cost], share: &dyn Fn(usize) -> f64) -> Vec<Group> {
    let mut names: Vec<&'static str> = GROUPS.iter().map(|(name, _)| *name).collect();
    names.extend(
        pieces.iter().map(|piece| piece.group).filter(|of| GROUPS.iter().all(|(name, _)| name != of)),
    );
    let sum = |name: &str| -> usize {
        pieces.iter().filter(|piece| piece.group == name).map(|piece| piece.constraints).sum()
    };
    let group = |name| Group { name, constraints: sum(name), per_trade: share(sum(name)) };
    names.into_iter().map(group).collect()
}

fn text(summary: &Summary) -> String {
    let mut table = Table::new(&["piece", "rows", "per row", "constraints", "committed", "per trade"]);
    for piece in &summary.pieces {
        table.row([
            piece.name.clone(),
            piece.rows.to_string(),
            piece.constraints_per_row.to_string(),
            piece.constraints.to_string(),
            piece.committed.to_string(),
            format!("{:.1}", piece.per_trade),
        ]);
    }
    table.row([
        "total".to_owned(),
        String::new(),
        String::new(),
        summary.constraints.to_string(),
        summary.committed.to_string(),
        summary.per_trade.to_string(),
    ]);
    let mut groups = Table::new(&["group", "constraints", "per trade"]);
    for group in &summary.groups {
        let share = format!("{:.1}", group.per_trade);
        groups.row([group.name.to_owned(), group.constraints.to_string(), share]);
    }
    format!(
        "{}\n\n{}\n\nshape {}: {} trades, {} constraints per trade, all in\ndomain 2^{}, {} rows free; {} committed and {} derived wires; {} published elements\nproving takes about {} MiB of memory\ncircuit {}",
        table.to_text(),
        groups.to_text(),
        summary.shape,
        summary.trades,
        summary.per_trade,
        summary.domain_log2,
        summary.headroom,
        summary.committed,
        summary.derived,
        summary.elements,
        summary.memory_mib,
        summary.fingerprint
    )
}
