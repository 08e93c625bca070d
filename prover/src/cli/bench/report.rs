//! What `zkmargin bench` and `zkmargin-peers` print.

use super::scaling::Scaling;
use crate::bench::field::Products;
use crate::bench::floor::Floor;
use crate::bench::kernels::Pair;
use crate::bench::machine::Machine;
use crate::bench::{Comparison, OURS, Preparation, Span, System};
use crate::report::Table;
use serde::Serialize;
use std::collections::BTreeMap;

/// The report of a whole run.
#[derive(Serialize)]
pub struct Report {
    pub machine: Machine,
    pub field: Products,
    pub system: Size,
    pub runs: usize,
    pub kernel_runs: usize,
    pub preparation: Preparation,
    /// One for each number of threads.
    pub proofs: Vec<Comparison>,
    pub kernels: Vec<Pair>,
    pub floor: Floor,
    pub distances: Vec<Distance>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scaling: Option<Scaling>,
    /// Wall-clock times over ours with the first number of threads.
    pub ratios: BTreeMap<&'static str, f64>,
}

/// The sizes of the constraint system.
#[derive(Serialize)]
pub struct Size {
    name: String,
    constraints: usize,
    columns: usize,
    public: usize,
    domain_log2: u32,
    /// The time to compute the wires, which every prover is given.
    witness: Span,
}

impl Size {
    pub fn of(system: &System<'_>, witness: Span) -> Self {
        let layout = system.layout();
        Size {
            name: system.name.clone(),
            constraints: layout.constraints,
            columns: layout.columns(),
            public: layout.public,
            domain_log2: layout.domain_size().ilog2(),
            witness,
        }
    }
}

/// How far our prover is from doing nothing but products.
#[derive(Serialize)]
pub struct Distance {
    threads: usize,
    /// Products that are needed, times what one costs here, over all threads.
    floor_seconds: f64,
    seconds: f64,
    /// `seconds / floor_seconds`.
    distance: f64,
}

impl Distance {
    pub fn of(floor: &Floor, field: &Products, proofs: &Comparison) -> Self {
        let floor_seconds = floor.seconds(field, proofs.threads);
        let seconds = proofs.provers[OURS].median.wall;
        Distance { threads: proofs.threads, floor_seconds, seconds, distance: seconds / floor_seconds }
    }
}

/// The ratios with so many threads: peers by name, kernels and setup by kernel and library.
pub fn ratios(
    threads: usize,
    proofs: &[Comparison],
    preparation: &Preparation,
    kernels: &[Pair],
) -> BTreeMap<&'static str, f64> {
    let of_threads = proofs.iter().filter(|proofs| proofs.threads == threads);
    let mut ratios: BTreeMap<_, _> = of_threads.flat_map(|proofs| proofs.ratios.clone()).collect();
    if let (Some(ours), Some(ark)) = (preparation.setup, preparation.ark_setup) {
        ratios.insert("setup_ark_groth16", ark.wall / ours.wall);
    }
    for pair in kernels.iter().filter(|pair| pair.threads == threads) {
        let name = match pair.kernel {
            "msm_g1" => "msm_g1_ark_ec",
            "msm_g2" => "msm_g2_ark_ec",
            _ => "ntt_ark_poly",
        };
        ratios.extend(pair.ratio().map(|ratio| (name, ratio)));
    }
    ratios
}

impl Report {
    /// The report as text for people.
    pub fn text(&self) -> String {
        let mut parts = vec![self.machine_text()];
        if !self.proofs.is_empty() {
            parts.extend([self.proofs_text(), self.phases_text()]);
        }
        parts.extend((!self.kernels.is_empty()).then(|| self.kernels_text()));
        parts.join("\n\n")
    }

    /// Whether nothing is measured beside ours.
    fn alone(&self) -> bool {
        self.ratios.is_empty()
    }

    fn machine_text(&self) -> String {
        let (machine, field, system) = (&self.machine, &self.field, &self.system);
        let memory = machine.memory_mib.map_or_else(String::new, |mib| format!(", {mib} MiB"));
        let load = machine.load.map_or_else(String::new, |load| format!(", load {load:.1} at the start"));
        format!(
            "{} ({}), {} threads{memory}{load}\nproducts ({}): Fq {:.2} ns, Fr {:.2} ns\n{}: {} constraints, {} wires, {} public, domain 2^{}; wires in {:.2} s",
            machine.cpu,
            machine.features.join(" "),
            machine.cores,
            field.path,
            field.fq_ns,
            field.fr_ns,
            system.name,
            system.constraints,
            system.columns,
            system.public,
            system.domain_log2,
            system.witness.wall
        )
    }

    fn proofs_text(&self) -> String {
        let heads = ["prover", "threads", "wall s", "CPU s", "added MiB", "× ours", "× ours, CPU"];
        let columns = if self.alone() { 5 } else { heads.len() };
        let mut table = Table::new(&heads[..columns]);
        for proofs in &self.proofs {
            for (name, series) in &proofs.provers {
                let ratio = |ratios: &BTreeMap<&str, f64>| {
                    ratios.get(name).map_or_else(String::new, |ratio| format!("{ratio:.2}"))
                };
                let row = [
                    (*name).to_owned(),
                    proofs.threads.to_string(),
                    format!("{:.3}", series.median.wall),
                    format!("{:.3}", series.median.cpu),
                    series.memory_mib.map_or_else(String::new, |mib| mib.to_string()),
                    ratio(&proofs.ratios),
                    ratio(&proofs.cpu_ratios),
                ];
                table.row(row.into_iter().take(columns));
            }
        }
        let mut text = format!("proofs, medians of {}, all verified\n{}", self.runs, table.to_text());
        let seconds = |span: Option<Span>| span.map(|span| span.wall);
        let preparation = &self.preparation;
        for (name, time) in [
            ("our setup", seconds(preparation.setup)),
            ("ark_groth16's setup", seconds(preparation.ark_setup)),
            ("ark_groth16's synthesis, not in its proofs", seconds(preparation.ark_synthesis)),
        ] {
            text.extend(time.map(|time| format!("\n{name}: {time:.2} s")));
        }
        text
    }

    fn phases_text(&self) -> String {
        let threads: Vec<String> = self.proofs.iter().map(|proofs| proofs.threads.to_string()).collect();
        let heads: Vec<String> = threads.iter().map(|threads| format!("s, threads {threads}")).collect();
        let heads: Vec<&str> = std::iter::once("phase").chain(heads.iter().map(String::as_str)).collect();
        let mut table = Table::new(&heads);
        let ours = || self.proofs.iter().map(|proofs| &proofs.provers[OURS].phases);
        for phase in ours().next().into_iter().flat_map(|phases| phases.keys()) {
            let times =
                ours().map(|phases| phases.get(phase).map_or_else(String::new, |time| format!("{time:.3}")));
            table.row(std::iter::once((*phase).to_owned()).chain(times));
        }
        let mut text = format!("our phases\n{}", table.to_text());
        for distance in &self.distances {
            let Distance { threads, floor_seconds, seconds, distance } = distance;
            text.push_str(&format!(
                "\nthreads {threads}: {:.0} million products in Fq and {:.0} in Fr take {floor_seconds:.3} s; we take {seconds:.3} s, {distance:.2} times the floor",
                self.floor.fq_products as f64 * 1e-6,
                self.floor.fr_products as f64 * 1e-6
            ));
        }
        text.extend(self.scaling.iter().map(|scaling| format!("\n{}", scaling.text())));
        text
    }

    fn kernels_text(&self) -> String {
        let heads = ["kernel", "threads", "ours ms", "ark ms", "ark ÷ ours"];
        let columns = if self.alone() { 3 } else { heads.len() };
        let mut table = Table::new(&heads[..columns]);
        for pair in &self.kernels {
            let row = [
                format!("{} 2^{}", pair.kernel, self.system.domain_log2),
                pair.threads.to_string(),
                format!("{:.1}", pair.ours.wall * 1e3),
                pair.ark.map_or_else(String::new, |ark| format!("{:.1}", ark.wall * 1e3)),
                pair.ratio().map_or_else(String::new, |ratio| format!("{ratio:.2}")),
            ];
            table.row(row.into_iter().take(columns));
        }
        format!("kernels\n{}", table.to_text())
    }
}
