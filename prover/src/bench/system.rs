//! One constraint system without commitment, with all its wires.

use ark_bn254::Fr;
use ark_ff::Zero;
use std::ops::Range;
use zkmargin_groth16::{Assignment, Derived, Layout, Matrix, Relation};
use zkmargin_kernels::Backend;

/// The rows of a matrix, each a list of coefficients with their columns.
pub type Rows = Vec<Vec<(Fr, usize)>>;

/// A constraint system without commitment and all its wires: what every prover proves.
pub struct System<'a> {
    /// The name of the system in reports.
    pub name: String,
    /// The rows of the system.
    pub relation: Box<dyn Relation + 'a>,
    /// The wires `[1, public… | private…]`, as the relation numbers its columns.
    pub wires: Vec<Fr>,
}

impl System<'_> {
    /// The sizes of the system.
    pub fn layout(&self) -> Layout {
        self.relation.layout()
    }

    /// The values of the public inputs, without the one.
    pub fn inputs(&self) -> &[Fr] {
        &self.wires[1..self.layout().public]
    }

    /// The three matrices with one term per column of a row, in the order of columns, none of them zero.
    ///
    /// A relation may visit an entry in parts; here the parts are added.
    pub fn matrices(&self) -> [Rows; 3] {
        let constraints = self.layout().constraints;
        let mut matrices = [(); 3].map(|()| vec![Vec::new(); constraints]);
        self.relation.for_each_entry(0..constraints, &mut |matrix, row, column, coefficient| {
            matrices[matrix as usize][row].push((*coefficient, column));
        });
        for row in matrices.iter_mut().flatten() {
            merge(row);
        }
        matrices
    }
}

fn merge(row: &mut Vec<(Fr, usize)>) {
    row.sort_by_key(|(_, column)| *column);
    row.dedup_by(|later, kept| {
        let same = later.1 == kept.1;
        if same {
            kept.0 += later.0;
        }
        same
    });
    row.retain(|(coefficient, _)| !coefficient.is_zero());
    row.shrink_to_fit();
}

/// The wires of a system as our prover takes them.
impl Assignment for &System<'_> {
    fn committed_public(&self) -> Vec<Fr> {
        Vec::new()
    }

    fn committed(&self) -> &[Fr] {
        &[]
    }

    fn derive(&mut self, _z: Fr) -> Derived {
        let private = self.layout().public;
        Derived { public: self.inputs().to_vec(), wires: self.wires[private..].to_vec() }
    }
}

/// A relation with its challenge fixed: the challenge is a public input like any other, every other
/// wire is private, and nothing is committed. As a statement it is worth nothing (whoever chooses
/// the wires knows the challenge); as work for a prover it is the same rows and columns.
pub struct Plain<R>(
    /// The relation with its challenge.
    pub R,
);

impl<R: Relation> Relation for Plain<R> {
    fn layout(&self) -> Layout {
        let layout = self.0.layout();
        Layout { committed_public: 0, committed: 0, derived: layout.committed + layout.derived, ..layout }
    }

    fn fingerprint(&self) -> [u8; 32] {
        let mut fingerprint = self.0.fingerprint();
        // Another circuit than the committed one: keys must not be mistaken.
        for byte in &mut fingerprint {
            *byte ^= 0xff;
        }
        fingerprint
    }

    fn for_each_entry(&self, rows: Range<usize>, visit: &mut dyn FnMut(Matrix, usize, usize, &Fr)) {
        self.0.for_each_entry(rows, visit);
    }

    fn products(&self, backend: Backend, wires: &[Fr], products: [&mut [Fr]; 3]) {
        self.0.products(backend, wires, products);
    }
}

/// The wires of a relation with the challenge `z`, for [`Plain`].
///
/// Order: one, committed public inputs, the other public inputs, `z`, committed wires, derived wires.
pub fn plain_wires<A: Assignment + ?Sized>(assignment: &mut A, z: Fr) -> Vec<Fr> {
    let derived = assignment.derive(z);
    let mut wires = vec![Fr::from(1u64)];
    wires.extend(assignment.committed_public());
    wires.extend(derived.public);
    wires.push(z);
    wires.extend_from_slice(assignment.committed());
    wires.extend(derived.wires);
    wires
}
