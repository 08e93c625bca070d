//! An audit under way: the state so far, and what is checked of each batch.

use super::books::Books;
use super::directory::{BatchFiles, Directory};
use super::finding::{AuditError, Finding, require};
use super::{Audited, Observer, Options, Step, Verdict, law, snapshot};
use crate::record::relation::BatchRelation;
use crate::verify::{field_hex, hex};
use ark_bn254::Fr;
use ark_ff::{BigInteger, PrimeField};
use sha3::{Digest, Keccak256};
use std::collections::BTreeMap;
use std::path::PathBuf;
use zkmargin_circuits::batch::compile::compile;
use zkmargin_circuits::publication::{At, DecodeError, ELEMENT_BYTES, Header, ListPlaces, Published, decode};
use zkmargin_circuits::state::{PublicKey, State};
use zkmargin_groth16::{Fingerprint, HashToField, PreparedVerifyingKey, Proof, Relation};

/// Proofs that are verified together.
const PROOFS_AT_ONCE: usize = 64;
/// Batches between two snapshots.
const SNAPSHOT_EVERY: u64 = 1_000;

/// An audit under way.
pub(super) struct Audit<'a> {
    directory: &'a Directory,
    options: &'a Options,
    key: Option<PreparedVerifyingKey>,
    recompiled: bool,
    state: State,
    books: Books,
    /// The chain of deposits as the contract hashes it.
    deposits: [u8; 32],
    /// The batch that a snapshot began after.
    resumed: Option<u64>,
    pending: Vec<(PathBuf, u64, [Fr; 2], Proof)>,
    verdict: Verdict,
    domain: Option<(u64, [u8; 20])>,
}

impl<'a> Audit<'a> {
    pub(super) fn begin(directory: &'a Directory, options: &'a Options) -> Result<Self, AuditError> {
        let mut state = directory.state()?;
        let (mut deposits, mut resumed) = ([0; 32], None);
        if let Some(path) = options.snapshot.as_deref().filter(|path| path.exists()) {
            let snapshot = snapshot::read(path, &state)?;
            (state, deposits) = (snapshot.state, snapshot.deposits);
            let batch = state.globals().batch;
            require_end(directory, batch, &state)?;
            resumed = Some(batch).filter(|batch| *batch > 0);
        }
        let key = match &directory.key {
            Some(key) => Some(PreparedVerifyingKey::new(&key.key).map_err(|error| {
                Finding::in_file(key.path(), "key", "one that passes the checks of keys", error)
            })?),
            None => None,
        };
        let recompiled = directory.key.is_some() && !options.no_recompile;
        if recompiled {
            require_circuit(directory)?;
        }
        let verdict = Verdict::new(directory, options);
        let books = Books::of(&state);
        let (pending, domain) = (Vec::new(), None);
        Ok(Self {
            directory,
            options,
            key,
            recompiled,
            state,
            books,
            deposits,
            resumed,
            pending,
            verdict,
            domain,
        })
    }

    /// The number of the last batch to apply.
    pub(super) fn last(&self, options: &Options) -> Result<u64, AuditError> {
        let (there, done) = (self.directory.batches, self.state.globals().batch);
        let last = options.to.unwrap_or(there);
        let could_not = |text: String| Err(AuditError::CouldNotRun(text));
        if last > there {
            return could_not(format!(
                "{}: holds {there} batches, not {last}",
                self.directory.path.display()
            ));
        }
        if done > last {
            return could_not(format!(
                "the snapshot is of batch {done}, after batch {last}; give another one"
            ));
        }
        if last == 0 {
            return could_not("--to: batches count from 1".to_owned());
        }
        if options.from.is_some_and(|from| from == 0 || from > last) {
            return could_not(format!("--from: there are batches 1 to {last}"));
        }
        Ok(last)
    }

    /// Whether the last batch is applied.
    pub(super) fn is_done(&self, last: u64) -> bool {
        self.state.globals().batch >= last
    }

    /// Applies and judges the next batch.
    pub(super) fn step(&mut self, last: u64, observe: Observer<'_>) -> Result<(), AuditError> {
        let number = self.state.globals().batch + 1;
        let files = self.directory.batch(number)?;
        let batch = decode(&files.bytes, &self.directory.shape.capacities).map_err(|error| match error {
            DecodeError::Entry(difference) => Finding::of_difference(number, &files.path, difference),
            other => Finding::in_file(&files.path, "published bytes", "those of a batch of the shape", other)
                .of_batch(number),
        })?;
        self.require_constants(&files, &batch)?;
        let before = batch.accounts.iter().map(|entry| entry.value.id);
        let before: BTreeMap<_, _> = before.map(|id| (id, self.state.account(id).cloned())).collect();
        let markets = batch.markets.iter().map(|entry| entry.value.market);
        let markets_before: BTreeMap<_, _> =
            markets.filter_map(|id| Some((id, *self.state.market(id)?))).collect();
        self.state
            .apply(&batch)
            .map_err(|difference| Finding::of_difference(number, &files.path, difference))?;
        let judged = self.options.from.is_none_or(|from| number >= from);
        self.books.follow(&before, &self.state).map_err(|broken| {
            Finding::in_file(&files.path, broken.what, broken.expected, broken.found).of_batch(number)
        })?;
        if judged && !self.options.unjudged {
            self.judge_liquidations(&files, &batch)?;
        }
        self.count(&files, &batch, judged);
        let state = &self.state;
        let bytes = &files.bytes;
        observe(&Step {
            number,
            of: last,
            genesis: &self.directory.genesis,
            bytes,
            batch: &batch,
            before: &before,
            markets_before: &markets_before,
            state,
            judged,
        })?;
        self.take_proof(files, number, judged)?;
        if number.is_multiple_of(SNAPSHOT_EVERY) {
            self.verify_pending()?;
            self.write_snapshot()?;
        }
        Ok(())
    }

    /// What the header says of shape, key and deployment: the same in each batch.
    fn require_constants(&mut self, files: &BatchFiles, batch: &Published) -> Result<(), Finding> {
        let (header, shape) = (&batch.header, &self.directory.shape);
        let equal = |element: usize, what: &str, expected: String, found: String| {
            if expected == found {
                return Ok(());
            }
            let finding = Finding::in_file(&files.path, what, expected, found).of_batch(files.number);
            Err(finding.at(At::header(element)))
        };
        let (places, key) = (ListPlaces::of(&shape.capacities), self.directory.key.as_ref());
        equal(2, "shape", shape.id.to_string(), header.shape_id.to_string())?;
        equal(2, "places of the lists", format!("{places:?}"), format!("{:?}", header.places()))?;
        let id = key.map_or([0; ELEMENT_BYTES], |key| key.id);
        equal(3, "key", hex(&id), hex(&header.key_id))?;
        let found = (header.chain_id, header.contract);
        let (chain, contract) = match (self.domain, self.directory.deployment()) {
            (Some((chain, contract)), _) => (chain, hex(&contract)),
            (None, Some((chain, contract))) => (chain, contract.to_owned()),
            (None, None) => (found.0, hex(&found.1)),
        };
        equal(1, "chain", chain.to_string(), found.0.to_string())?;
        equal(1, "contract", contract, hex(&found.1))?;
        self.domain = Some(found);
        Ok(())
    }

    /// Each liquidation by the law, on its published numbers.
    fn judge_liquidations(&self, files: &BatchFiles, batch: &Published) -> Result<(), Finding> {
        for entry in &batch.liquidations {
            let market = self.state.market(entry.value.market).expect("an opened market");
            for line in law::liquidation(&entry.value, market, self.state.globals().time) {
                if !line.holds {
                    let what = format!("{}, {}", line.id, line.what);
                    let expected = format!("{} {} {}", line.left, line.relation, line.right);
                    let finding =
                        Finding::in_file(&files.path, what, expected, "not so").of_batch(files.number);
                    return Err(finding.at(entry.at));
                }
            }
        }
        Ok(())
    }

    fn count(&mut self, files: &BatchFiles, batch: &Published, judged: bool) {
        for entry in &batch.deposits {
            let deposit = &entry.value;
            self.deposits = link(&self.deposits, &deposit.owner, deposit.amount, deposit.mode.market());
        }
        let verdict = &mut self.verdict;
        verdict.applied += 1;
        verdict.judged += u64::from(judged);
        verdict.bytes += files.bytes.len() as u64;
        verdict.events.add(batch);
    }

    /// Keeps a batch's proof until there are enough of them to be verified together.
    fn take_proof(&mut self, files: BatchFiles, number: u64, judged: bool) -> Result<(), AuditError> {
        let Some((inputs, proof)) = files.proven.filter(|_| judged) else { return Ok(()) };
        self.pending.push((files.path, number, inputs, proof));
        if self.pending.len() >= PROOFS_AT_ONCE { self.verify_pending() } else { Ok(()) }
    }

    pub(super) fn verify_pending(&mut self) -> Result<(), AuditError> {
        let pending = std::mem::take(&mut self.pending);
        let Some(key) = self.key.as_ref().filter(|_| !pending.is_empty()) else { return Ok(()) };
        let statements: Vec<(&[Fr], &Proof)> =
            pending.iter().map(|(_, _, inputs, proof)| (inputs.as_slice(), proof)).collect();
        if key.verify_batch(&statements, HashToField::Keccak256).is_err() {
            // One of them is false: which one?
            for (path, number, inputs, proof) in &pending {
                key.verify(inputs, proof, HashToField::Keccak256).map_err(|error| {
                    let file = path.with_file_name(crate::prove::manifest::PROOF);
                    Finding::in_file(&file, "proof", "one that holds for bytes and key", error)
                        .of_batch(*number)
                })?;
            }
            let (path, number, ..) = &pending[0];
            let text = "proofs that hold one by one, but not together; please report this";
            return Err(Finding::in_file(path, "proofs", "one verdict", text).of_batch(*number).into());
        }
        self.verdict.proofs += pending.len() as u64;
        Ok(())
    }

    pub(super) fn write_snapshot(&self) -> Result<(), AuditError> {
        match &self.options.snapshot {
            Some(path) => snapshot::write(path, self.directory, &self.state, &self.deposits),
            None => Ok(()),
        }
    }

    pub(super) fn end(self) -> Audited {
        let globals = self.state.globals();
        let verdict = Verdict {
            recompiled: self.recompiled,
            resumed: self.resumed,
            last: globals.batch,
            time: globals.time,
            root: field_hex(self.state.root()),
            accounts: self.state.accounts().count() as u64,
            orders: self.state.orders().count() as u64,
            deposits: globals.deposits,
            deposit_chain: hex(&self.deposits),
            chain_id: self.domain.map_or(0, |(chain, _)| chain),
            contract: self.domain.map_or(String::new(), |(_, contract)| hex(&contract)),
            ..self.verdict
        };
        Audited { verdict, genesis: self.directory.genesis.clone(), state: self.state }
    }
}

/// The batch that a snapshot ends with leads to its root.
fn require_end(directory: &Directory, batch: u64, state: &State) -> Result<(), AuditError> {
    if batch == 0 || batch > directory.batches {
        return Ok(());
    }
    let files = directory.batch(batch)?;
    let header = Header::read(&files.bytes).map_err(|error| {
        Finding::in_file(&files.path, "header", "a batch's header", error).of_batch(batch)
    })?;
    let (expected, found) = (field_hex(state.root()), field_hex(header.new_root));
    require(&files.path, "root after the snapshot's batch", expected, found)
        .map_err(|finding| finding.of_batch(batch).into())
}

/// The key's circuit is that of the directory's shape.
fn require_circuit(directory: &Directory) -> Result<(), Finding> {
    let Some(key) = &directory.key else { return Ok(()) };
    let compiled = Fingerprint(BatchRelation::new(&compile(&directory.shape)).fingerprint()).to_string();
    require(key.path(), "circuit", compiled, Fingerprint(key.key.fingerprint))
}

/// The next link of the contract's chain of deposits: `keccak256(previous ‖ x ‖ y ‖ amount ‖ mode)`, each a word.
fn link(previous: &[u8; 32], owner: &PublicKey, amount: u64, mode: u16) -> [u8; 32] {
    let word = |value: Fr| value.into_bigint().to_bytes_be();
    let mut hash = Keccak256::new();
    hash.update(previous);
    for value in [owner.x, owner.y, Fr::from(amount), Fr::from(mode)] {
        hash.update(word(value));
    }
    hash.finalize().into()
}
