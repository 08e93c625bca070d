//! What an audit found to hold, what it recomputed, and what it took on somebody's word.

use super::Options;
use super::directory::Directory;
use super::events::Counts;
use crate::verify::hex;
use serde::Serialize;

/// Where something is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The caller gave it.
    Given,
    /// The directory says so.
    Directory,
    /// There is none.
    None,
}

/// The verdict on a run without a fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// No fault was found.
    pub clean: bool,
    /// Batches that were applied in this audit.
    pub applied: u64,
    /// Those whose events were judged.
    pub judged: u64,
    /// Those whose proofs were verified.
    pub proofs: u64,
    /// Number of the last batch.
    pub last: u64,
    /// Its time in seconds.
    pub time: u64,
    /// State root after it.
    pub root: String,
    /// Accounts in the state.
    pub accounts: u64,
    /// Resting orders in the state.
    pub orders: u64,
    /// Published bytes.
    pub bytes: u64,
    /// Events in the bytes.
    pub events: Counts,
    /// Deposits credited.
    pub deposits: u64,
    /// The contract's chain of deposits after as many: compare it with `depositHash`.
    pub deposit_chain: String,
    /// Chain of all headers.
    pub chain_id: u64,
    /// Contract of all headers.
    pub contract: String,
    /// Name of the shape.
    pub shape: String,
    /// Id of the key; none in a run without proofs.
    pub key_id: Option<String>,
    /// What the key is, in words.
    pub key_is: Option<String>,
    /// Whence the key.
    pub key: Source,
    /// Whence the genesis.
    pub genesis: Source,
    /// Number of registered price signers: prices and funding rates follow from medians of a quorum of them. 0: they are
    /// the operator's word.
    pub price_signers: usize,
    /// The shape's circuit was compiled here and is the key's.
    pub recompiled: bool,
    /// The batch of the snapshot that the audit began after.
    pub resumed: Option<u64>,
}

impl Verdict {
    pub(super) fn new(directory: &Directory, options: &Options) -> Self {
        let source = |given: bool| if given { Source::Given } else { Source::Directory };
        Self {
            clean: true,
            applied: 0,
            judged: 0,
            proofs: 0,
            last: 0,
            time: 0,
            root: String::new(),
            accounts: 0,
            orders: 0,
            bytes: 0,
            events: Counts::default(),
            deposits: 0,
            deposit_chain: String::new(),
            chain_id: 0,
            contract: String::new(),
            shape: directory.shape.name.clone(),
            key_id: directory.key.as_ref().map(|key| hex(&key.id)),
            key_is: directory.key.as_ref().map(|key| key.describe().to_owned()),
            key: if directory.key.is_some() { source(options.key.is_some()) } else { Source::None },
            genesis: source(options.genesis.is_some()),
            price_signers: directory.genesis.signers.len(),
            recompiled: false,
            resumed: None,
        }
    }

    /// Whether nothing rests on the directory's own word: neither genesis, key nor circuit, and every batch from the
    /// first on was proven.
    pub fn rests_on_no_word(&self) -> bool {
        self.key == Source::Given
            && self.genesis == Source::Given
            && self.recompiled
            && self.resumed.is_none()
            && self.proofs == self.last
    }

    /// The verdict for people.
    pub fn to_text(&self) -> String {
        let mut text = format!(
            "clean: {} applied, the last is batch {}\n  root {}\n",
            batches(self.applied),
            self.last,
            self.root
        );
        if let Some(batch) = self.resumed {
            text.push_str(&format!("  from the snapshot after batch {batch}, on its word\n"));
        }
        let Counts { deposits, withdrawals, transfers, ticks, liquidations, modes, keys, .. } = self.events;
        let Counts { configurations, accounts, orders, .. } = self.events;
        text.push_str(&format!(
            "  {deposits} deposits, {withdrawals} withdrawals, {transfers} transfers, {ticks} ticks, {liquidations} \
             liquidations, {modes} changes of mode, {keys} new keys, {configurations} configurations of markets; {accounts} accounts and {orders} orders published\n  {} accounts and {} resting orders in the state\n",
            self.accounts, self.orders
        ));
        text.push_str("\nproven\n");
        text.push_str(&self.proven());
        text.push_str(
            "\nrecomputed from the bytes\n  every state and root; header chain; prices and funding of each tick; the sum of \
             collateral; invariants 1 to 3\n",
        );
        text.push_str(&format!(
            "  of {}: each liquidation on its published numbers (LIQ-2 to LIQ-5, LIQ-8 to LIQ-12, but for who they were)\n",
            batches(self.judged)
        ));
        text.push_str(&format!(
            "  the contract's chain of {} deposits: {}\n",
            self.deposits, self.deposit_chain
        ));
        text.push_str("\non somebody's word\n");
        for word in self.words() {
            text.push_str(&format!("  {word}\n"));
        }
        text.pop();
        text
    }

    fn proven(&self) -> String {
        let (Some(id), Some(is)) = (&self.key_id, &self.key_is) else {
            return "  nothing: the run has no proofs\n".to_owned();
        };
        let mut text =
            format!("  {}: signatures, order of ops and the law, by their proofs\n", batches(self.proofs));
        if self.price_signers > 0 {
            text.push_str(&format!("  of them: {}\n", self.signed_prices()));
        }
        text.push_str(&format!("  key {id}\n  {is}"));
        if self.recompiled {
            text.push_str(&format!("; its circuit is that of shape {}, compiled here", self.shape));
        }
        text + "\n"
    }

    /// What price signers vouch for.
    fn signed_prices(&self) -> String {
        let of = self.price_signers;
        let signers = if of == 1 { "price signer" } else { "price signers" };
        format!(
            "each tick's price is the lower median of what a quorum of {of} registered {signers} signed, and each hour's \
             funding rate follows from their premiums"
        )
    }

    /// What the verdict rests on besides files that were given and what was computed.
    pub fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        if let Some(batch) = self.resumed {
            words.push(format!("the snapshot's: batches 1 to {batch}, and the chain of deposits so far"));
        } else if self.judged < self.applied {
            let before = self.applied - self.judged;
            words.push(format!("the directory's: that batches 1 to {before} are proven and kept the law; they were applied only"));
        }
        let mut word = |text: &str| words.push(text.to_owned());
        if self.genesis == Source::Directory {
            word("the directory's: its genesis.json; --genesis FILE takes one that you trust");
        }
        match self.key {
            Source::Directory => word("the directory's: its vk.bin; --key FILE takes one that you trust"),
            Source::None => word(
                "the directory's: that owners signed, that the law was kept and that liquidations' numbers are the accounts'; it has no proofs",
            ),
            Source::Given => {}
        }
        if self.key == Source::None && self.price_signers > 0 {
            word(&format!("the directory's: that {}", self.signed_prices()));
        }
        if self.key != Source::None && !self.recompiled {
            word("the key's: its circuit, which was not compiled again");
        }
        if self.key == Source::None {
            word("the directory's: its shape.toml");
        }
        if self.events.configurations > 0 {
            let configurations = self.events.configurations;
            words.push(format!(
                "L1's: that the {configurations} configurations of markets were proposed and have waited; `--events configurations` \
                 lists the proposals' digests"
            ));
        }
        words.push(format!(
            "the headers': that they are for contract {} on chain {}; compare these with yours",
            self.contract, self.chain_id
        ));
        let asked = if self.price_signers == 0 {
            "the prices and rates that he asked for"
        } else {
            "which epochs' signed prices and premiums he took"
        };
        words.push(format!("the operator's: {asked}, the order of matching, and what he left out"));
        words
    }
}

fn batches(count: u64) -> String {
    if count == 1 { "1 batch".to_owned() } else { format!("{count} batches") }
}
