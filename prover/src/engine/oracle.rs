//! Price signers: their keys, derived from the seed, and the lists that they sign for a batch.
//!
//! All of them see the same prices here, those that the tape asks for, and the tape's rates as premiums. A list has the
//! markets that are to tick and no others, so the markets that a batch opens beside them keep their prices.

use crate::wire::event::Market;
use sha3::{Digest, Keccak256};
use std::collections::BTreeMap;
use zkmargin_circuits::gadgets::signature::{PublicKey, SecretKey, Signature};
use zkmargin_circuits::kinds::{Capacities, Overflow};
use zkmargin_circuits::ops::{Action, Domain, Item, Lane, PremiumsItem, PricesItem};
use zkmargin_circuits::params::{ITEMS_PER_CHUNK, PRICES_PER_WORD, SIGNER_BASE};

/// The keys of a deployment's price signers. Never for real prices: who knows the seed signs for all.
pub struct PriceSigners {
    keys: Vec<SecretKey>,
}

impl PriceSigners {
    /// So many signers: number i has the key of `keccak256("zkmargin/price-signer/v1" ‖ seed64 ‖ i8)`.
    pub fn new(seed: u64, count: u8) -> Self {
        Self { keys: (0..count).map(|number| key(seed, number)).collect() }
    }

    /// Whether there is none: prices are then the operator's word.
    pub const fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Their keys in their order, as the genesis registers them.
    pub fn public(&self) -> Vec<PublicKey> {
        self.keys.iter().map(SecretKey::public_key).collect()
    }

    /// The list of each signer, not signed yet; none if no price is known. Prices are 32.32 quote quanta per base quantum.
    pub fn lists(&self, epoch: u64, prices: &BTreeMap<Market, u64>, blank: Signature) -> Vec<Action> {
        if prices.is_empty() {
            return Vec::new();
        }
        (0..).zip(&self.keys).map(|(number, _)| list(number, epoch, prices, blank)).collect()
    }

    /// The list of premiums of each signer, not signed yet; none if no premium is known. Premiums are 10^-9 per hour, of
    /// magnitudes below 2^30.
    pub fn premium_lists(
        &self,
        epoch: u64,
        premiums: &BTreeMap<Market, i32>,
        blank: Signature,
    ) -> Vec<Action> {
        if premiums.is_empty() {
            return Vec::new();
        }
        (0..).zip(&self.keys).map(|(number, _)| premium_list(number, epoch, premiums, blank)).collect()
    }

    /// The signature of the signer with this number.
    pub fn sign(&self, number: usize, action: &Action, domain: &Domain) -> Option<Signature> {
        Some(self.keys.get(number)?.sign(action.message(domain).hash))
    }

    /// What a shape lacks to hold the lists of a batch, of prices and of premiums, with one action beside them, and all of
    /// the markets.
    pub fn lacking(&self, markets: usize, capacities: &Capacities) -> Vec<Overflow> {
        let signers = self.keys.len();
        if signers == 0 {
            return Vec::new();
        }
        let quotes = markets / PRICES_PER_WORD + 1;
        let chunks = self.chunks(markets, capacities);
        let needs =
            [("signers", signers), ("actions", 2 * signers + 1), ("chunks", chunks), ("quotes", quotes)];
        let lack = |(what, needed): (&'static str, usize)| {
            let capacity = capacities[what];
            (needed > capacity).then_some(Overflow { what, needed, capacity })
        };
        needs.into_iter().filter_map(lack).collect()
    }

    /// The capacities of a shape without what the lists of a batch may take.
    pub fn beside_lists(&self, markets: usize, capacities: Capacities) -> Capacities {
        let chunks = capacities["chunks"].saturating_sub(self.chunks(markets, &capacities));
        capacities.with("chunks", chunks)
    }

    /// Chunks that the lists of a batch take at most, of prices and of premiums: a list of one word takes none.
    fn chunks(&self, markets: usize, capacities: &Capacities) -> usize {
        let ticks = capacities["ticks"].min(capacities["markets"]).max(1);
        match ticks.min(markets / PRICES_PER_WORD + 1) {
            1 => 0,
            words => 2 * self.keys.len() * words.div_ceil(ITEMS_PER_CHUNK),
        }
    }
}

/// The secret key of a signer.
pub fn key(seed: u64, number: u8) -> SecretKey {
    let mut hash = Keccak256::new();
    hash.update(b"zkmargin/price-signer/v1");
    hash.update(seed.to_be_bytes());
    hash.update([number]);
    SecretKey::from_seed(&hash.finalize().into())
}

/// The word of a list that has a market, and the market's place in it.
fn word_of(market: Market) -> (u8, usize) {
    // Markets are below 512, so words below 128.
    ((usize::from(market) / PRICES_PER_WORD) as u8, usize::from(market) % PRICES_PER_WORD)
}

/// The list of premiums of signer `number`: an action in the lane of cancels whose nonce is the epoch.
pub fn premium_list(
    number: u8,
    epoch: u64,
    premiums: &BTreeMap<Market, i32>,
    signature: Signature,
) -> Action {
    let mut words: BTreeMap<u8, [Option<i32>; PRICES_PER_WORD]> = BTreeMap::new();
    for (market, premium) in premiums {
        let (index, place) = word_of(*market);
        words.entry(index).or_default()[place] = Some(*premium);
    }
    let item = |(index, premiums)| Item::Premiums(PremiumsItem { index, premiums });
    let items = words.into_iter().map(item).collect();
    let account = SIGNER_BASE + u64::from(number);
    Action { account, lane: Lane::Cancels, strict: false, nonce: epoch, items, signature }
}

/// The list of signer `number`: an action whose nonce is the epoch.
pub fn list(number: u8, epoch: u64, prices: &BTreeMap<Market, u64>, signature: Signature) -> Action {
    let mut words: BTreeMap<u8, [u64; PRICES_PER_WORD]> = BTreeMap::new();
    for (market, price) in prices {
        let (index, place) = word_of(*market);
        words.entry(index).or_default()[place] = *price;
    }
    let items = words.into_iter().map(|(index, prices)| Item::Prices(PricesItem { index, prices })).collect();
    let account = SIGNER_BASE + u64::from(number);
    Action { account, lane: Lane::Orders, strict: false, nonce: epoch, items, signature }
}
