//! Lists of several signers, of prices and of premiums: which are good, and what a quorum of them gives.

use super::{FORMAT, PREMIUMS_FORMAT, SignedList};
use crate::record::genesis::{GenesisFile, GenesisFileError, ListedMarket};
use crate::verify::hex;
use crate::wire::event::Market;
use serde::{Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};
use zkmargin_circuits::gadgets::signature::{PublicKey, SignatureError, verify};
use zkmargin_circuits::ops::Domain;
use zkmargin_circuits::ops::prices::{median, quorum};
use zkmargin_circuits::params::{RATE_OFFSET, rate_of, stated_rate};

/// What lists must be of.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Chain and contract.
    pub domain: Domain,
    /// The epoch of all lists; none takes the first good one's.
    pub epoch: Option<u64>,
    /// The epoch of the last batch with lists: one that is not after it is stale.
    pub last_epoch: u64,
}

/// Why a list is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListFault {
    /// The file has another version.
    #[error("format is {0}, this program reads {FORMAT} and {PREMIUMS_FORMAT}")]
    Format(String),
    /// The list is signed for another chain.
    #[error("signed for chain {found}, not for {expected}")]
    OtherChain {
        /// The chain that is asked for.
        expected: u64,
        /// The chain of the list.
        found: u64,
    },
    /// The list is signed for another contract.
    #[error("signed for contract {found}, not for {expected}")]
    OtherContract {
        /// The contract that is asked for.
        expected: String,
        /// The contract of the list.
        found: String,
    },
    /// The genesis has no such signer.
    #[error("signer {signer} is not registered: the genesis has {registered}")]
    Unregistered {
        /// Number of the signer.
        signer: u8,
        /// Number of registered signers.
        registered: usize,
    },
    /// The list is of another epoch than the others.
    #[error("of epoch {found}, not of {expected}")]
    OtherEpoch {
        /// The epoch of the others.
        expected: u64,
        /// The epoch of the list.
        found: u64,
    },
    /// The epoch has had its prices.
    #[error("stale: of epoch {epoch}, the last one with prices is {last}")]
    Stale {
        /// The epoch of the list.
        epoch: u64,
        /// The last epoch that a batch took.
        last: u64,
    },
    /// Markets are not ascending, or one stands twice.
    #[error("unsorted: market {market} stands after market {after}")]
    Unsorted {
        /// The market.
        market: Market,
        /// The market before it.
        after: Market,
    },
    /// The genesis has no such market.
    #[error("market {0} is not listed")]
    UnknownMarket(Market),
    /// A price is 0 or beyond what its market may have.
    #[error("price {price} of market {market} is outside 1 to {most}")]
    PriceRange {
        /// The market.
        market: Market,
        /// The price, 32.32.
        price: u64,
        /// The market's largest price, 32.32.
        most: u64,
    },
    /// A premium of 2^30 or more, in magnitude.
    #[error("premium {premium} of market {market} is outside -{PREMIUM_MOST} to {PREMIUM_MOST}")]
    PremiumRange {
        /// The market.
        market: Market,
        /// The premium, 10^-9 per hour.
        premium: i32,
    },
    /// The list has prices and its format says premiums, or the other way, or it has neither.
    #[error("the list has other entries than its format says")]
    Entries,
    /// A number of the signature is not one of the field.
    #[error("the signature is not three hexadecimal numbers below the field's modulus")]
    Malformed,
    /// The signature is not the registered key's.
    #[error("signature: {0}")]
    Signature(#[from] SignatureError),
    /// The signer has a list of the kind already.
    #[error("signer {0} has such a list already")]
    Doubled(u8),
}

/// The largest magnitude of a premium, 10^-9 per hour.
const PREMIUM_MOST: i32 = RATE_OFFSET - 1;

impl ListFault {
    /// A stable name for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Format(_) => "format",
            Self::OtherChain { .. } => "other_chain",
            Self::OtherContract { .. } => "other_contract",
            Self::Unregistered { .. } => "unregistered",
            Self::OtherEpoch { .. } => "other_epoch",
            Self::Stale { .. } => "stale",
            Self::Unsorted { .. } => "unsorted",
            Self::UnknownMarket(_) => "unknown_market",
            Self::PriceRange { .. } => "price_range",
            Self::PremiumRange { .. } => "premium_range",
            Self::Entries => "entries",
            Self::Malformed => "malformed",
            Self::Signature(_) => "bad_signature",
            Self::Doubled(_) => "doubled",
        }
    }
}

/// A list and the verdict on it.
#[derive(Debug, Serialize)]
pub struct CheckedList {
    /// Name of the file.
    pub file: String,
    /// Number of the signer.
    pub signer: u8,
    /// Epoch of the list.
    pub epoch: u64,
    /// It is of premiums, not of prices.
    pub premiums: bool,
    /// Why it is not taken; none if it is good.
    #[serde(serialize_with = "fault")]
    pub fault: Option<ListFault>,
}

/// A market of which at least one good list states a price.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct CheckedMarket {
    /// Number of the market.
    pub market: Market,
    /// Name of the market.
    pub name: String,
    /// Signers whose good lists state a price.
    pub stated: usize,
    /// Signers who make a quorum.
    pub needed: usize,
    /// The lower median, 32.32 quote quanta per base quantum; none without a quorum.
    pub median: Option<u64>,
    /// Signers whose good lists state a premium.
    pub premiums: usize,
    /// The lower median of the premiums, 10^-9 per hour; none without a quorum.
    pub premium: Option<i32>,
}

/// The verdict on a set of lists.
#[derive(Debug, Serialize)]
pub struct Checked {
    /// Epoch of the good lists.
    pub epoch: Option<u64>,
    /// Number of registered signers.
    pub registered: usize,
    /// Each list, in the order of the files.
    pub lists: Vec<CheckedList>,
    /// Each market with a price, by number.
    pub markets: Vec<CheckedMarket>,
}

impl Checked {
    /// Why these lists do not give a price to each market that they state; none if they do.
    pub fn complaint(&self) -> Option<String> {
        let faults = self.lists.iter().filter(|list| list.fault.is_some()).count();
        if faults == self.lists.len() {
            return Some(match &self.lists[..] {
                [CheckedList { file, fault: Some(fault), .. }] => format!("{file}: {fault}"),
                _ => format!("none of {faults} lists is good"),
            });
        }
        if let Some(market) = self.markets.iter().find(|market| market.stated > 0 && market.median.is_none())
        {
            let CheckedMarket { market, stated, needed, .. } = market;
            let of = self.registered;
            return Some(format!(
                "too few signers for market {market}: {stated} of {of} state a price, a quorum is {needed}"
            ));
        }
        if let Some(signer) = self.unpaired() {
            return Some(format!(
                "price signer {signer} has a list of prices or of premiums, not both: a batch takes premiums of each signer \
                 whose prices it takes"
            ));
        }
        let first = self.lists.iter().find_map(|list| Some((list, list.fault.as_ref()?)));
        first.map(|(list, fault)| format!("{}: {fault}", list.file))
    }
}

impl Checked {
    /// A signer with a good list of one kind alone, if there are good lists of premiums.
    fn unpaired(&self) -> Option<u8> {
        let good = |premiums: bool| {
            let lists =
                self.lists.iter().filter(move |list| list.fault.is_none() && list.premiums == premiums);
            lists.map(|list| list.signer).collect::<BTreeSet<u8>>()
        };
        let (prices, premiums) = (good(false), good(true));
        prices.symmetric_difference(&premiums).next().copied().filter(|_| !premiums.is_empty())
    }
}

/// Checks lists, each with the name of its file. Error: the genesis has a key that is none.
pub fn check(
    genesis: &GenesisFile,
    rules: &Rules,
    lists: &[(String, SignedList)],
) -> Result<Checked, GenesisFileError> {
    let keys = genesis.signer_keys()?;
    let mut epoch = rules.epoch;
    let mut good: BTreeMap<(u8, bool), &SignedList> = BTreeMap::new();
    let mut checked = Vec::new();
    for (file, list) in lists {
        let rules = Rules { epoch, ..*rules };
        let kind = (list.signer, list.is_of_premiums());
        let verdict = require(genesis, &keys, &rules, list).and_then(|()| match good.contains_key(&kind) {
            true => Err(ListFault::Doubled(list.signer)),
            false => Ok(()),
        });
        if verdict.is_ok() {
            epoch = Some(list.epoch);
            good.insert(kind, list);
        }
        let (signer, premiums) = kind;
        checked.push(CheckedList {
            file: file.clone(),
            signer,
            epoch: list.epoch,
            premiums,
            fault: verdict.err(),
        });
    }
    let good: Vec<&SignedList> = good.into_values().collect();
    let markets = genesis.markets.iter().filter_map(|listed| market(listed, &good, keys.len()));
    Ok(Checked { epoch, registered: keys.len(), markets: markets.collect(), lists: checked })
}

/// What good lists say of a market, if they say anything.
fn market(listed: &ListedMarket, good: &[&SignedList], signers: usize) -> Option<CheckedMarket> {
    let of_price =
        |list: &&SignedList| Some(list.prices.iter().find(|entry| entry.market == listed.id)?.price);
    // As lists state them.
    let of_premium = |list: &&SignedList| {
        let entry = list.premiums.iter().find(|entry| entry.market == listed.id)?;
        Some(stated_rate(entry.premium))
    };
    let prices: Vec<u64> = good.iter().filter_map(of_price).collect();
    let premiums: Vec<u64> = good.iter().filter_map(of_premium).collect();
    (!prices.is_empty() || !premiums.is_empty()).then(|| CheckedMarket {
        market: listed.id,
        name: listed.name.clone(),
        stated: prices.len(),
        needed: quorum(signers),
        median: median(prices, signers),
        premiums: premiums.len(),
        premium: median(premiums, signers).map(rate_of),
    })
}

/// All that one list must be, but the only one of its signer.
fn require(
    genesis: &GenesisFile,
    keys: &[PublicKey],
    rules: &Rules,
    list: &SignedList,
) -> Result<(), ListFault> {
    let Domain { chain_id, contract } = rules.domain;
    if ![FORMAT, PREMIUMS_FORMAT].contains(&list.format.as_str()) {
        return Err(ListFault::Format(list.format.clone()));
    }
    if list.chain_id != chain_id {
        return Err(ListFault::OtherChain { expected: chain_id, found: list.chain_id });
    }
    if list.contract.to_ascii_lowercase() != hex(&contract) {
        return Err(ListFault::OtherContract { expected: hex(&contract), found: list.contract.clone() });
    }
    let unregistered = ListFault::Unregistered { signer: list.signer, registered: keys.len() };
    let key = keys.get(usize::from(list.signer)).ok_or(unregistered)?;
    if let Some(expected) = rules.epoch.filter(|epoch| *epoch != list.epoch) {
        return Err(ListFault::OtherEpoch { expected, found: list.epoch });
    }
    if list.epoch <= rules.last_epoch {
        return Err(ListFault::Stale { epoch: list.epoch, last: rules.last_epoch });
    }
    let empty = (list.prices.is_empty(), list.premiums.is_empty());
    if empty != (list.is_of_premiums(), !list.is_of_premiums()) {
        return Err(ListFault::Entries);
    }
    require_entries(genesis, list)?;
    let action = list.action().ok_or(ListFault::Malformed)?;
    Ok(verify(key, action.message(&rules.domain).hash, &action.signature)?)
}

/// Markets that are listed, ascending, each with a value that it may have.
fn require_entries(genesis: &GenesisFile, list: &SignedList) -> Result<(), ListFault> {
    let markets = list.markets();
    if let Some(pair) = markets.windows(2).find(|pair| pair[0] >= pair[1]) {
        return Err(ListFault::Unsorted { market: pair[1], after: pair[0] });
    }
    if let Some(market) = markets.into_iter().find(|market| genesis.listed(*market).is_none()) {
        return Err(ListFault::UnknownMarket(market));
    }
    if let Some(entry) =
        list.premiums.iter().find(|entry| !(-PREMIUM_MOST..=PREMIUM_MOST).contains(&entry.premium))
    {
        return Err(ListFault::PremiumRange { market: entry.market, premium: entry.premium });
    }
    for entry in &list.prices {
        let listed = genesis.listed(entry.market);
        let most = listed.ok_or(ListFault::UnknownMarket(entry.market))?.max_price;
        if !(1..=most).contains(&entry.price) {
            return Err(ListFault::PriceRange { market: entry.market, price: entry.price, most });
        }
    }
    Ok(())
}

/// A fault for programs: its name and its sentence.
fn fault<S: Serializer>(fault: &Option<ListFault>, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Named {
        code: &'static str,
        text: String,
    }
    fault.as_ref().map(|fault| Named { code: fault.code(), text: fault.to_string() }).serialize(serializer)
}
