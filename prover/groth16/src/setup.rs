//! Development setup: one process draws all secrets. INSECURE, and the keys say so.

use crate::columns::Columns;
use crate::kernel::Domain;
use crate::keys::{CommitmentKey, KeyBuilder, KeyError, KeyOrigin, ProvingKey, Section, VerifyingKey};
use crate::relation::{Layout, LayoutError, Relation};
use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{Field, UniformRand, Zero};
use rand::{CryptoRng, RngCore};
use rayon::prelude::*;
use thiserror::Error;
use zkmargin_kernels::fixed_base::FixedBase;
use zkmargin_kernels::points::{Packed, PackedG1};

/// Why no key can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SetupError {
    /// The layout of the relation describes no circuit.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The relation has an entry outside its layout.
    #[error("row {row} of {rows}, column {column} of {columns}: outside the layout")]
    Entry {
        /// Index of the row of the entry.
        row: usize,
        /// Number of rows of the layout.
        rows: usize,
        /// Index of the column of the entry.
        column: usize,
        /// Number of columns of the layout.
        columns: usize,
    },
    /// A committed column occurs in no constraint.
    #[error("committed column {column} occurs in no constraint: it would not be committed to")]
    UnusedCommitted {
        /// Index of the column in the relation.
        column: usize,
    },
    /// The verifying key that came out is unacceptable.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// The choice of the point G that the knowledge proof is checked against.
///
/// σ never leaves the exponents of `σ·Kᵢ/γ` and `σ·G`, and G occurs in G2 only, so in the algebraic
/// group model `e(P, G) = e(D, σ·G)` forces P = σ·D and D into the span of the committed basis,
/// whatever G is; and `σ·γ` in G2 helps no forger in the main equation, because no element of G1 has
/// the factor that would cancel its product with α. So G = γ is sound too, and lets a contract
/// that adds both equations use five pairings instead of six.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KnowledgeBase {
    /// G is a random point, as in gnark.
    #[default]
    Separate,
    /// G is γ.
    Gamma,
}

/// The secrets of a key. Who knows them can prove anything.
pub(crate) struct Trapdoor {
    pub alpha: Fr,
    pub beta: Fr,
    pub gamma: Fr,
    pub delta: Fr,
    pub tau: Fr,
    pub sigma: Fr,
    /// The logarithm of G.
    pub knowledge: Fr,
}

impl Trapdoor {
    fn random<G: RngCore + CryptoRng>(base: KnowledgeBase, domain: &Domain, rng: &mut G) -> Self {
        let [alpha, beta, gamma, delta, sigma, separate] = std::array::from_fn(|_| nonzero(rng));
        let mut tau = nonzero(rng);
        while domain.vanishing_at(tau).is_zero() {
            tau = nonzero(rng);
        }
        let knowledge = match base {
            KnowledgeBase::Separate => separate,
            KnowledgeBase::Gamma => gamma,
        };
        Trapdoor { alpha, beta, gamma, delta, tau, sigma, knowledge }
    }
}

fn nonzero<G: RngCore>(rng: &mut G) -> Fr {
    loop {
        let value = Fr::rand(rng);
        if !value.is_zero() {
            return value;
        }
    }
}

/// Makes an INSECURE development key; its `verifying_key()` belongs to it.
///
/// Refuses layouts that are inconsistent or too large, entries outside the layout, and committed
/// columns that no constraint uses.
pub fn setup<R, G>(relation: &R, rng: &mut G) -> Result<ProvingKey, SetupError>
where
    R: Relation + ?Sized,
    G: RngCore + CryptoRng,
{
    setup_with_knowledge_base(relation, KnowledgeBase::Separate, rng)
}

/// Makes an INSECURE development key as [`setup`] does, with a choice of the knowledge proof's G.
pub fn setup_with_knowledge_base<R, G>(
    relation: &R,
    base: KnowledgeBase,
    rng: &mut G,
) -> Result<ProvingKey, SetupError>
where
    R: Relation + ?Sized,
    G: RngCore + CryptoRng,
{
    let layout = relation.layout();
    layout.check()?;
    let domain = Domain::new(layout.rows()).ok_or(LayoutError::TooLarge)?;
    let trapdoor = Trapdoor::random(base, &domain, rng);
    setup_with_trapdoor(relation, &trapdoor)
}

pub(crate) fn setup_with_trapdoor<R: Relation + ?Sized>(
    relation: &R,
    trapdoor: &Trapdoor,
) -> Result<ProvingKey, SetupError> {
    let key = setup_unchecked(relation, trapdoor)?;
    key.verifying_key().check()?;
    Ok(key)
}

/// A key whose secrets may have any relation. (Tests forge under keys that a setup refuses.)
pub(crate) fn setup_unchecked<R: Relation + ?Sized>(
    relation: &R,
    trapdoor: &Trapdoor,
) -> Result<ProvingKey, SetupError> {
    let layout = relation.layout();
    layout.check()?;
    let domain = Domain::new(layout.rows()).ok_or(LayoutError::TooLarge)?;
    let columns = Columns::at(relation, &layout, domain.lagrange_at(trapdoor.tau))?;
    let combined = columns.combined(trapdoor.alpha, trapdoor.beta);
    let committed = layout.public..layout.public + layout.basis();
    if let Some(index) = combined[committed].iter().position(Fr::is_zero) {
        return Err(SetupError::UnusedCommitted { column: layout.public + index });
    }

    let expected = 3 * layout.key_columns() + domain.size();
    let g1 = FixedBase::new(G1Projective::from(G1Affine::generator()), expected);
    let verifying_key = verifying_key(relation, trapdoor, &g1, &combined[..layout.public]);
    let mut key = KeyBuilder::new(verifying_key);
    fill_g1(&mut key, Section::Fixed, &g1, &[trapdoor.beta, trapdoor.delta]);
    fill_g1(&mut key, Section::A, &g1, &columns.a);
    fill_g1(&mut key, Section::BG1, &g1, &columns.b);
    fill_b_g2(&mut key, &columns.b);
    drop(columns);
    fill_private(&mut key, &g1, &layout, &combined, trapdoor);
    fill_g1(&mut key, Section::H, &g1, &quotient_scalars(&domain, trapdoor));
    Ok(key.finish())
}

fn verifying_key<R: Relation + ?Sized>(
    relation: &R,
    trapdoor: &Trapdoor,
    g1: &FixedBase<PackedG1>,
    public: &[Fr],
) -> VerifyingKey {
    let gamma_inverse = trapdoor.gamma.inverse().expect("a trapdoor has no zero");
    let scaled: Vec<Fr> = public.iter().map(|value| gamma_inverse * value).collect();
    let g2 = |scalar: Fr| (G2Affine::generator() * scalar).into_affine();
    let layout = relation.layout();
    let commitment = layout.has_commitment().then(|| CommitmentKey {
        g: g2(trapdoor.knowledge),
        g_sigma_neg: g2(-trapdoor.sigma * trapdoor.knowledge),
    });
    VerifyingKey {
        origin: KeyOrigin::InsecureDevelopment,
        fingerprint: relation.fingerprint(),
        layout,
        alpha_g1: (G1Affine::generator() * trapdoor.alpha).into_affine(),
        beta_g2: g2(trapdoor.beta),
        gamma_g2: g2(trapdoor.gamma),
        delta_g2: g2(trapdoor.delta),
        k: g1.multiples(&scaled).iter().map(Packed::to_affine).collect(),
        commitment,
    }
}

/// The elements of private wires: committed ones and the blinding over γ, and those times σ;
/// derived ones over δ.
fn fill_private(
    key: &mut KeyBuilder,
    g1: &FixedBase<PackedG1>,
    layout: &Layout,
    combined: &[Fr],
    trapdoor: &Trapdoor,
) {
    let gamma_inverse = trapdoor.gamma.inverse().expect("a trapdoor has no zero");
    let delta_inverse = trapdoor.delta.inverse().expect("a trapdoor has no zero");
    let (committed, derived) = combined[layout.public..].split_at(layout.basis());
    let scale = |values: &[Fr], by: Fr| -> Vec<Fr> { values.par_iter().map(|value| by * value).collect() };
    fill_g1(key, Section::Basis, g1, &scale(committed, gamma_inverse));
    let sigma = trapdoor.sigma * gamma_inverse;
    fill_g1(key, Section::BasisSigma, g1, &scale(committed, sigma));
    fill_g1(key, Section::L, g1, &scale(derived, delta_inverse));
}

/// `τⁱ·t(τ)/δ` for i < domain - 1.
fn quotient_scalars(domain: &Domain, trapdoor: &Trapdoor) -> Vec<Fr> {
    let delta_inverse = trapdoor.delta.inverse().expect("a trapdoor has no zero");
    let mut power = domain.vanishing_at(trapdoor.tau) * delta_inverse;
    (1..domain.size())
        .map(|_| {
            let scalar = power;
            power *= trapdoor.tau;
            scalar
        })
        .collect()
}

fn fill_g1(key: &mut KeyBuilder, section: Section, table: &FixedBase<PackedG1>, scalars: &[Fr]) {
    table.multiply_into(scalars, key.g1(section));
}

fn fill_b_g2(key: &mut KeyBuilder, scalars: &[Fr]) {
    let used = scalars.iter().filter(|scalar| !scalar.is_zero()).count();
    let table = FixedBase::new(G2Projective::from(G2Affine::generator()), used);
    table.multiply_into(scalars, key.b_g2());
}
