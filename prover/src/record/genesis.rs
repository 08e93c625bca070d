//! `genesis.json`: what a deployment starts with, and what its configuration's digest is the hash of.

mod listed;
pub(crate) mod tiers;

pub use listed::ListedMarket;
pub use tiers::ListedTier;

use crate::verify::{field_hex, hex};
use crate::wire::event::Listing;
use ark_bn254::Fr;
use ark_ff::PrimeField;
use serde::{Deserialize, Serialize};
use sha3::{Digest, Keccak256};
use std::collections::BTreeMap;
use zkmargin_circuits::gadgets::hex::field_of_hex;
use zkmargin_circuits::publication::ELEMENT_BYTES;
use zkmargin_circuits::state::{Genesis, GenesisError, Market, MarketId, PublicKey, State};

/// Version of the file.
pub const FORMAT: &str = "zkmargin/genesis/v1";
/// What the configuration's digest starts with.
const CONFIG_LABEL: &[u8] = b"zkmargin/config/v3";

/// The file. Numbers that may exceed 2^53 are decimal strings, so that a reader in any language keeps them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenesisFile {
    /// [`FORMAT`].
    pub format: String,
    /// Time of the genesis in seconds.
    pub time: u64,
    /// A quote quantum is `10^-quote_decimals` of the quote token.
    pub quote_decimals: u32,
    /// Owner of account 1, which collects fees.
    pub fee_owner: KeyHex,
    /// Markets 1 to this one have an insurance pool, listed or not; absent where only the listed ones have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pools: Option<MarketId>,
    /// Keys of the price signers, at most eight, in their order. Without any, prices are the operator's word.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signers: Vec<KeyHex>,
    /// Digest of the configuration, header element 9: 31 bytes, hexadecimal.
    pub config_digest: String,
    /// State root of the genesis, hexadecimal.
    pub root: String,
    /// Markets as listed, 1 to their number.
    pub markets: Vec<ListedMarket>,
}

/// A BabyJubJub key, each coordinate hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyHex {
    /// First coordinate.
    pub x: String,
    /// Second coordinate.
    pub y: String,
}

/// Why a file is no genesis.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GenesisFileError {
    /// The file has another version.
    #[error("format is {0}, this program reads {FORMAT}")]
    Format(String),
    /// A number in hexadecimal is none, or not in its range.
    #[error("{0} is not a hexadecimal number below the field's modulus")]
    Hex(&'static str),
    /// A name or a number of decimals is beyond what tools can show, or what the digest can tell apart.
    #[error("{what}: {found} is outside {expected}")]
    Unshowable {
        /// Name of the field.
        what: &'static str,
        /// What the field says.
        found: String,
        /// What it may say.
        expected: String,
    },
    /// No row opens an account of this owner.
    #[error("{0} is no point of BabyJubJub of large order")]
    Owner(&'static str),
    /// Ids of markets are not 1, 2, 3, …
    #[error("market {found} stands where market {expected} must be: numbers count from 1 without gaps")]
    Order {
        /// What should stand there.
        expected: MarketId,
        /// What stands there.
        found: MarketId,
    },
    /// The protocol refuses the start.
    #[error(transparent)]
    Refused(#[from] GenesisError),
    /// What the file says of itself does not follow from the rest of it.
    #[error("{what} is {found}, the rest of the file gives {expected}")]
    Mismatch {
        /// Name of the field.
        what: &'static str,
        /// What the rest gives.
        expected: String,
        /// What the field says.
        found: String,
    },
}

impl KeyHex {
    /// A key as it is written.
    pub fn of(key: &PublicKey) -> Self {
        Self { x: field_hex(key.x), y: field_hex(key.y) }
    }

    /// The key, of whatever kind. Error: a coordinate, which `names` names, that is no number of the field.
    pub fn key(&self, names: [&'static str; 2]) -> Result<PublicKey, GenesisFileError> {
        let field = |what, text: &str| field_of_hex(text).ok_or(GenesisFileError::Hex(what));
        Ok(PublicKey { x: field(names[0], &self.x)?, y: field(names[1], &self.y)? })
    }
}

impl GenesisFile {
    /// The file of an exchange with an owner of its fee account. `listings` are those of `markets`, in
    /// the order of their numbers.
    ///
    /// Errors: more than eight price signers, one of small order, one key twice; markets that the protocol refuses.
    pub fn new(
        time: u64,
        quote_decimals: u32,
        owner: PublicKey,
        signers: &[PublicKey],
        listings: &[Listing],
        markets: &BTreeMap<MarketId, Market>,
    ) -> Result<Self, GenesisFileError> {
        let listed = listings.iter().zip(markets);
        let mut file = Self {
            format: FORMAT.to_owned(),
            time,
            quote_decimals,
            fee_owner: KeyHex::of(&owner),
            pools: None,
            signers: signers.iter().map(KeyHex::of).collect(),
            config_digest: String::new(),
            root: String::new(),
            markets: listed.map(|(listing, (id, market))| ListedMarket::of(*id, listing, market)).collect(),
        };
        file.config_digest = hex(&file.digest());
        file.root = field_hex(file.unchecked()?.root());
        Ok(file)
    }

    /// The state of the genesis. Errors: a field that the protocol refuses, a digest or a root that does not follow
    /// from the rest.
    pub fn state(&self) -> Result<State, GenesisFileError> {
        if self.format != FORMAT {
            return Err(GenesisFileError::Format(self.format.clone()));
        }
        self.require_showable()?;
        // The contract takes deposits for the markets 1 to their number (L1-20).
        let mut numbered = (1..).zip(self.markets.iter().map(|listed| listed.id));
        if let Some((expected, found)) = numbered.find(|(expected, found)| expected != found) {
            return Err(GenesisFileError::Order { expected, found });
        }
        let state = self.unchecked()?;
        let equal = |what, expected: String, found: &str| {
            if expected == found {
                return Ok(());
            }
            Err(GenesisFileError::Mismatch { what, expected, found: found.to_owned() })
        };
        equal("config_digest", hex(&self.digest()), &self.config_digest)?;
        equal("root", field_hex(state.root()), &self.root)?;
        Ok(state)
    }

    /// Names and decimals within what tools can show.
    fn require_showable(&self) -> Result<(), GenesisFileError> {
        listed::require_decimals("quote_decimals", self.quote_decimals.into(), 0)?;
        self.markets.iter().try_for_each(ListedMarket::require_showable)
    }

    /// The first 31 bytes of keccak256 over the label, the quote's decimals (4 bytes), and of each market: its
    /// number (2 bytes), the length of its name (2 bytes), the name, the decimals of prices and sizes (4 bytes each,
    /// two's complement), and the nine words of its leaf (32 bytes each). Numbers are big-endian.
    fn digest(&self) -> [u8; ELEMENT_BYTES] {
        let mut hash = Keccak256::new();
        hash.update(CONFIG_LABEL);
        hash.update(self.quote_decimals.to_be_bytes());
        for listed in &self.markets {
            listed.update(&mut hash, self.time);
        }
        let mut digest = [0; ELEMENT_BYTES];
        digest.copy_from_slice(&hash.finalize()[..ELEMENT_BYTES]);
        digest
    }

    /// Keys of the price signers in their order. Error: a coordinate that is no number of the field.
    pub fn signer_keys(&self) -> Result<Vec<PublicKey>, GenesisFileError> {
        self.signers.iter().map(|key| key.key(["signers.x", "signers.y"])).collect()
    }

    /// A market by its number.
    pub fn listed(&self, id: MarketId) -> Option<&ListedMarket> {
        self.markets.iter().find(|listed| listed.id == id)
    }

    /// The state that the fields give, whatever digest and root say.
    fn unchecked(&self) -> Result<State, GenesisFileError> {
        let key = |names: [&'static str; 2], key: &KeyHex| -> Result<PublicKey, GenesisFileError> {
            let key = key.key(names)?;
            let usable = key.is_on_curve() && !key.is_small_order();
            if usable { Ok(key) } else { Err(GenesisFileError::Owner(names[0])) }
        };
        // The words of a leaf hold fields of these widths alone.
        for listed in &self.markets {
            let market = listed.market(self.time);
            market.validate().map_err(|source| GenesisError::Parameters { market: listed.id, source })?;
        }
        Ok(State::genesis(Genesis {
            fee_owner: key(["fee_owner.x", "fee_owner.y"], &self.fee_owner)?,
            markets: self.markets.iter().map(|listed| (listed.id, listed.market(self.time))).collect(),
            pools: self.pools.unwrap_or(0),
            time: self.time,
            config: Fr::from_be_bytes_mod_order(&self.digest()),
            signers: self.signer_keys()?,
        })?)
    }
}

/// Numbers of 64 bits as decimal strings.
pub(crate) mod decimal {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        let text = String::deserialize(deserializer)?;
        let value: u64 = text.parse().map_err(serde::de::Error::custom)?;
        if value.to_string() == text {
            Ok(value)
        } else {
            Err(serde::de::Error::custom("not the shortest form"))
        }
    }
}

#[cfg(test)]
mod tests;
