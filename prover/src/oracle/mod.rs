//! Signed lists of prices and premiums as files: what stands between a feed and the batch.
//!
//! A feed gives prices in quote tokens per unit, and premiums as fractions per hour. [`sign`] and [`sign_premiums`] take
//! them as the law's exact numbers and sign all of a kind once, as the action that a batch takes
//! (`circuits/spec/src/ops-prices.md`). [`check`] reads the lists of several signers and says which are good, and what a
//! quorum of them gives for each market.

mod check;
mod read;
pub mod replay;

#[cfg(test)]
mod tests;

pub use check::{Checked, CheckedMarket, Rules, check};
pub use read::{premiums, prices};

use crate::engine::oracle::{list, premium_list};
use crate::record::genesis::{KeyHex, decimal};
use crate::verify::{field_hex, hex};
use crate::wire::event::Market;
use ark_bn254::Fr;
use ark_ff::PrimeField;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use zkmargin_circuits::gadgets::hex::field_of_hex;
use zkmargin_circuits::gadgets::signature::{SecretKey, Signature};
use zkmargin_circuits::ops::{Action, Domain};

/// Version of the file of a list of prices.
pub const FORMAT: &str = "zkmargin/prices/v1";
/// Version of the file of a list of premiums.
pub const PREMIUMS_FORMAT: &str = "zkmargin/premiums/v1";

/// A signer's list, of prices or of premiums: one JSON object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedList {
    /// [`FORMAT`] or [`PREMIUMS_FORMAT`].
    pub format: String,
    /// Chain of the contract.
    pub chain_id: u64,
    /// The contract, hexadecimal.
    pub contract: String,
    /// Number of the signer in the genesis, from 0.
    pub signer: u8,
    /// `floor(time / 10 s)` of the observation.
    pub epoch: u64,
    /// Prices by market, ascending; of a list of premiums none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<MarketPrice>,
    /// Premiums by market, ascending; of a list of prices none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub premiums: Vec<MarketPremium>,
    /// `R` of the signature.
    pub r: KeyHex,
    /// `S` of the signature, hexadecimal.
    pub s: String,
}

/// The price of one market.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarketPrice {
    /// Number of the market.
    pub market: Market,
    /// 32.32 quote quanta per base quantum.
    #[serde(with = "decimal")]
    pub price: u64,
}

/// The average premium of one market in the completed hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarketPremium {
    /// Number of the market.
    pub market: Market,
    /// 10^-9 per hour.
    pub premium: i32,
}

/// The list of signer `number` for an epoch. Prices are 32.32 quote quanta per base quantum.
pub fn sign(
    secret: &SecretKey,
    number: u8,
    domain: &Domain,
    epoch: u64,
    prices: &BTreeMap<Market, u64>,
) -> SignedList {
    let action = list(number, epoch, prices, blank(secret));
    let prices = prices.iter().map(|(market, price)| MarketPrice { market: *market, price: *price });
    SignedList { prices: prices.collect(), ..signed(secret, number, domain, &action) }
}

/// The list of premiums of signer `number` for an epoch. Premiums are 10^-9 per hour, of magnitudes below 2^30.
pub fn sign_premiums(
    secret: &SecretKey,
    number: u8,
    domain: &Domain,
    epoch: u64,
    premiums: &BTreeMap<Market, i32>,
) -> SignedList {
    let action = premium_list(number, epoch, premiums, blank(secret));
    let premiums =
        premiums.iter().map(|(market, premium)| MarketPremium { market: *market, premium: *premium });
    let format = PREMIUMS_FORMAT.to_owned();
    SignedList { format, premiums: premiums.collect(), ..signed(secret, number, domain, &action) }
}

/// Some signature holds the place until the message is known.
fn blank(secret: &SecretKey) -> Signature {
    secret.sign(Fr::from(0u64))
}

/// The file of a signed action, without its entries.
fn signed(secret: &SecretKey, number: u8, domain: &Domain, action: &Action) -> SignedList {
    let Signature { r, s } = secret.sign(action.message(domain).hash);
    SignedList {
        format: FORMAT.to_owned(),
        chain_id: domain.chain_id,
        contract: hex(&domain.contract),
        signer: number,
        epoch: action.nonce,
        prices: Vec::new(),
        premiums: Vec::new(),
        r: KeyHex::of(&r),
        s: Fr::from_bigint(s).map(field_hex).unwrap_or_default(),
    }
}

impl SignedList {
    /// The action that a batch takes; none if a number of the signature is not one of the field.
    pub fn action(&self) -> Option<Action> {
        let r = self.r.key(["r.x", "r.y"]).ok()?;
        let signature = Signature { r, s: field_of_hex(&self.s)?.into_bigint() };
        if self.is_of_premiums() {
            let premiums = self.premiums.iter().map(|entry| (entry.market, entry.premium)).collect();
            return Some(premium_list(self.signer, self.epoch, &premiums, signature));
        }
        let prices = self.prices.iter().map(|entry| (entry.market, entry.price)).collect();
        Some(list(self.signer, self.epoch, &prices, signature))
    }

    /// Whether it is a list of premiums.
    pub fn is_of_premiums(&self) -> bool {
        self.format == PREMIUMS_FORMAT
    }

    /// Its markets, in its order.
    fn markets(&self) -> Vec<Market> {
        let premiums = self.premiums.iter().map(|entry| entry.market);
        self.prices.iter().map(|entry| entry.market).chain(premiums).collect()
    }
}
