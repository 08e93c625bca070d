//! Signed price lists as files: what stands between a feed and the batch.
//!
//! A feed gives prices in quote tokens per unit. [`sign`] turns them into the law's exact prices and signs all of them
//! once, as the action that a batch takes (`circuits/spec/src/ops-prices.md`). [`check`] reads the lists of several signers
//! and says which are good, and what price a quorum of them gives for each market.

mod check;
mod read;
pub mod replay;

#[cfg(test)]
mod tests;

pub use check::{Checked, CheckedMarket, Rules, check};
pub use read::prices;

use crate::engine::oracle::list;
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

/// Version of the file.
pub const FORMAT: &str = "zkmargin/prices/v1";

/// A signer's list: one JSON object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedList {
    /// [`FORMAT`].
    pub format: String,
    /// Chain of the contract.
    pub chain_id: u64,
    /// The contract, hexadecimal.
    pub contract: String,
    /// Number of the signer in the genesis, from 0.
    pub signer: u8,
    /// `floor(time / 10 s)` of the observation.
    pub epoch: u64,
    /// Prices by market, ascending.
    pub prices: Vec<MarketPrice>,
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

/// The list of signer `number` for an epoch. Prices are 32.32 quote quanta per base quantum.
pub fn sign(
    secret: &SecretKey,
    number: u8,
    domain: &Domain,
    epoch: u64,
    prices: &BTreeMap<Market, u64>,
) -> SignedList {
    // Some signature holds the place until the message is known.
    let blank = secret.sign(Fr::from(0u64));
    let action = list(number, epoch, prices, blank);
    let Signature { r, s } = secret.sign(action.message(domain).hash);
    let s = Fr::from_bigint(s).map(field_hex).unwrap_or_default();
    SignedList {
        format: FORMAT.to_owned(),
        chain_id: domain.chain_id,
        contract: hex(&domain.contract),
        signer: number,
        epoch,
        prices: prices.iter().map(|(market, price)| MarketPrice { market: *market, price: *price }).collect(),
        r: KeyHex::of(&r),
        s,
    }
}

impl SignedList {
    /// The action that a batch takes; none if a number of the signature is not one of the field.
    pub fn action(&self) -> Option<Action> {
        let r = self.r.key(["r.x", "r.y"]).ok()?;
        let signature = Signature { r, s: field_of_hex(&self.s)?.into_bigint() };
        let prices = self.prices.iter().map(|entry| (entry.market, entry.price)).collect();
        Some(list(self.signer, self.epoch, &prices, signature))
    }
}
