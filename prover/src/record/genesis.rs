//! `genesis.json`: what a deployment starts with, and what its configuration's digest is the hash of.

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
const CONFIG_LABEL: &[u8] = b"zkmargin/config/v2";

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
    /// Owner of the insurance pools: account `1 + m` for market m.
    pub pool_owner: KeyHex,
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

/// A market as listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedMarket {
    /// Number, `1..512`.
    pub id: MarketId,
    /// Name for people.
    pub name: String,
    /// A tick is `10^-price_decimals` of the quote token.
    pub price_decimals: u32,
    /// A lot is `10^-size_decimals` of the base asset.
    pub size_decimals: i32,
    /// Oracle price, 32.32 quote quanta per base quantum.
    #[serde(with = "decimal")]
    pub price: u64,
    /// Highest oracle price, 32.32.
    #[serde(with = "decimal")]
    pub max_price: u64,
    /// Largest position of one account, base quanta.
    #[serde(with = "decimal")]
    pub max_size: u64,
    /// Value of the open interest from which on the initial margin rises, quote quanta.
    #[serde(with = "decimal")]
    pub open_notional_low: u64,
    /// Value of the open interest at which it is the whole, and its bound, quote quanta; 0: none.
    #[serde(with = "decimal")]
    pub open_notional_high: u64,
    /// By how much a batch may raise the open interest, base quanta.
    #[serde(with = "decimal")]
    pub open_growth: u64,
    /// Largest rate of funding, 10^-9 per hour.
    pub funding_cap: u32,
    /// Seconds for which one opening of the market pays funding at most.
    pub funding_interval: u16,
    /// Initial margin, parts per million of the notional value.
    pub initial_fraction: u32,
    /// Maintenance margin, parts per million of the notional value.
    pub maintenance_fraction: u32,
    /// Fee of the taker, parts per million of the quote.
    pub taker_fee: u32,
    /// Fee of the maker, parts per million of the quote.
    pub maker_fee: u32,
    /// Fee of a liquidated account, parts per million of the quote.
    pub liquidation_fee: u32,
    /// Band of ticks around the reference price, parts per million.
    pub band: u32,
    /// Base quanta per lot.
    #[serde(with = "decimal")]
    pub lot: u64,
    /// Quote quanta per tick and lot.
    #[serde(with = "decimal")]
    pub tick_quote: u64,
    /// Smallest order, lots.
    pub min_lots: u32,
    /// 1 if the market is open.
    pub status: u8,
}

/// Most bytes of a market's name.
const NAME_BYTES: usize = 64;
/// Most decimals of the quote token, of prices and of sizes; of sizes also the least, below zero.
const DECIMALS: u32 = 18;

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
    fn of(key: &PublicKey) -> Self {
        Self { x: field_hex(key.x), y: field_hex(key.y) }
    }
}

impl ListedMarket {
    fn of(id: MarketId, listing: &Listing, market: &Market) -> Self {
        Self {
            id,
            name: listing.name.clone(),
            price_decimals: listing.price_decimals,
            size_decimals: listing.size_decimals,
            price: market.price,
            max_price: market.max_price,
            max_size: market.max_size,
            open_notional_low: market.open_notional_low,
            open_notional_high: market.open_notional_high,
            open_growth: market.open_growth,
            funding_cap: market.funding_cap,
            funding_interval: market.funding_interval,
            initial_fraction: market.initial_fraction,
            maintenance_fraction: market.maintenance_fraction,
            taker_fee: market.taker_fee,
            maker_fee: market.maker_fee,
            liquidation_fee: market.liquidation_fee,
            band: market.band,
            lot: market.lot,
            tick_quote: market.tick_quote,
            min_lots: market.min_lots,
            status: market.status,
        }
    }

    /// The market's cell at a time.
    fn market(&self, time: u64) -> Market {
        Market {
            price: self.price,
            reference_price: self.price,
            funding_index: 0,
            open_interest: 0,
            max_price: self.max_price,
            max_size: self.max_size,
            open_notional_low: self.open_notional_low,
            open_notional_high: self.open_notional_high,
            open_growth: self.open_growth,
            last_tick: time,
            paid_until: time,
            funding_remainder: 0,
            rate: 0,
            in_arrears: false,
            funding_interval: self.funding_interval,
            funding_cap: self.funding_cap,
            initial_fraction: self.initial_fraction,
            maintenance_fraction: self.maintenance_fraction,
            taker_fee: self.taker_fee,
            maker_fee: self.maker_fee,
            liquidation_fee: self.liquidation_fee,
            band: self.band,
            lot: self.lot,
            tick_quote: self.tick_quote,
            min_lots: self.min_lots,
            status: self.status,
        }
    }
}

impl GenesisFile {
    /// The file of an exchange whose fee account and pools have one owner. `listings` are those of `markets`, in
    /// the order of their numbers.
    pub fn new(
        time: u64,
        quote_decimals: u32,
        owner: PublicKey,
        listings: &[Listing],
        markets: &BTreeMap<MarketId, Market>,
    ) -> Result<Self, GenesisFileError> {
        let listed = listings.iter().zip(markets);
        let owner = KeyHex::of(&owner);
        let mut file = Self {
            format: FORMAT.to_owned(),
            time,
            quote_decimals,
            fee_owner: owner.clone(),
            pool_owner: owner,
            signers: Vec::new(),
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
        let refuse = |what, found: String, expected: String| {
            Err(GenesisFileError::Unshowable { what, found, expected })
        };
        let decimals = |what, value: i64, least: i64| {
            let most = i64::from(DECIMALS);
            if (least..=most).contains(&value) {
                return Ok(());
            }
            refuse(what, value.to_string(), format!("{least} to {most}"))
        };
        decimals("quote_decimals", self.quote_decimals.into(), 0)?;
        for listed in &self.markets {
            let name = &listed.name;
            if name.is_empty() || name.len() > NAME_BYTES || name.chars().any(char::is_control) {
                let shown: String = name.chars().filter(|c| !c.is_control()).take(NAME_BYTES).collect();
                return refuse("name", shown, format!("1 to {NAME_BYTES} bytes without control characters"));
            }
            decimals("price_decimals", listed.price_decimals.into(), 0)?;
            decimals("size_decimals", listed.size_decimals.into(), -i64::from(DECIMALS))?;
        }
        Ok(())
    }

    /// The first 31 bytes of keccak256 over the label, the quote's decimals (4 bytes), and of each market: its
    /// number (2 bytes), the length of its name (2 bytes), the name, the decimals of prices and sizes (4 bytes each,
    /// two's complement), and the five words of its leaf (32 bytes each). Numbers are big-endian.
    fn digest(&self) -> [u8; ELEMENT_BYTES] {
        let mut hash = Keccak256::new();
        hash.update(CONFIG_LABEL);
        hash.update(self.quote_decimals.to_be_bytes());
        for listed in &self.markets {
            hash.update(listed.id.to_be_bytes());
            hash.update((listed.name.len() as u16).to_be_bytes());
            hash.update(&listed.name);
            hash.update(listed.price_decimals.to_be_bytes());
            hash.update(listed.size_decimals.to_be_bytes());
            for word in listed.market(self.time).words() {
                hash.update(ark_ff::BigInteger::to_bytes_be(&word.into_bigint()));
            }
        }
        let mut digest = [0; ELEMENT_BYTES];
        digest.copy_from_slice(&hash.finalize()[..ELEMENT_BYTES]);
        digest
    }

    /// Registers the price signers, and gives the file the root that follows.
    ///
    /// Errors: more than eight, a key of small order, one key twice.
    pub fn with_signers(mut self, signers: &[PublicKey]) -> Result<Self, GenesisFileError> {
        self.signers = signers.iter().map(KeyHex::of).collect();
        self.root = field_hex(self.unchecked()?.root());
        Ok(self)
    }

    /// Keys of the price signers in their order. Error: a coordinate that is no number of the field.
    pub fn signer_keys(&self) -> Result<Vec<PublicKey>, GenesisFileError> {
        let field = |what, text: &str| field_of_hex(text).ok_or(GenesisFileError::Hex(what));
        let key =
            |key: &KeyHex| Ok(PublicKey { x: field("signers.x", &key.x)?, y: field("signers.y", &key.y)? });
        self.signers.iter().map(key).collect()
    }

    /// The state that the fields give, whatever digest and root say.
    fn unchecked(&self) -> Result<State, GenesisFileError> {
        let field = |what, text: &str| field_of_hex(text).ok_or(GenesisFileError::Hex(what));
        let key = |what: [&'static str; 2], key: &KeyHex| -> Result<PublicKey, GenesisFileError> {
            let key = PublicKey { x: field(what[0], &key.x)?, y: field(what[1], &key.y)? };
            let usable = key.is_on_curve() && !key.is_small_order();
            if usable { Ok(key) } else { Err(GenesisFileError::Owner(what[0])) }
        };
        // The words of a leaf hold fields of these widths alone.
        for listed in &self.markets {
            let market = listed.market(self.time);
            market.validate().map_err(|source| GenesisError::Parameters { market: listed.id, source })?;
        }
        Ok(State::genesis(Genesis {
            fee_owner: key(["fee_owner.x", "fee_owner.y"], &self.fee_owner)?,
            pool_owner: key(["pool_owner.x", "pool_owner.y"], &self.pool_owner)?,
            markets: self.markets.iter().map(|listed| (listed.id, listed.market(self.time))).collect(),
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
mod tests {
    use super::*;
    use crate::engine::market::market;
    use crate::flow::listing::listings;
    use zkmargin_circuits::gadgets::signature::SecretKey;

    fn file() -> GenesisFile {
        let owner = SecretKey::from_seed(&[3; 32]).public_key();
        let listings = listings(3);
        let listed = |listing: &Listing| market(listing, 6, 1_000).unwrap();
        let markets = listings.iter().zip(1..).map(|(listing, id)| (id, listed(listing))).collect();
        GenesisFile::new(1_000, 6, owner, &listings, &markets).unwrap()
    }

    #[test]
    fn a_file_gives_its_state_and_reads_as_written() {
        let file = file();
        let text = serde_json::to_string_pretty(&file).unwrap();
        assert_eq!(serde_json::from_str::<GenesisFile>(&text).unwrap(), file);
        let state = file.state().unwrap();
        assert_eq!((field_hex(state.root()), state.markets().count()), (file.root.clone(), 3));
    }

    fn signer(number: u8) -> PublicKey {
        SecretKey::from_seed(&[100 + number; 32]).public_key()
    }

    fn signed(numbers: &[u8]) -> Result<GenesisFile, GenesisFileError> {
        let keys: Vec<_> = numbers.iter().map(|number| signer(*number)).collect();
        file().with_signers(&keys)
    }

    #[test]
    fn signers_are_in_the_root_in_their_order() {
        let file = signed(&[0, 1, 2]).unwrap();
        let state = file.state().unwrap();
        assert_eq!(state.signers(), [0, 1, 2].map(signer));
        assert_ne!(file.root, signed(&[0, 2, 1]).unwrap().root);
        // No list and an empty one are the same.
        let mut unsigned = serde_json::to_value(self::file()).unwrap();
        unsigned["signers"] = serde_json::json!([]);
        assert_eq!(serde_json::from_value::<GenesisFile>(unsigned).unwrap(), self::file());
    }

    #[test]
    fn signers_are_refused() {
        let error = |numbers: &[u8]| signed(numbers).unwrap_err().to_string();
        assert_eq!(error(&[0, 1, 2, 3, 4, 5, 6, 7, 8]), "9 price signers, at most 8 are possible");
        assert!(error(&[0, 1, 0]).starts_with("price signer 2: "));
        let mut file = signed(&[0, 1]).unwrap();
        file.signers[1].x = "0x12".to_owned();
        assert!(file.state().unwrap_err().to_string().starts_with("signers.x is not a hexadecimal number"));
        let mut file = signed(&[0, 1]).unwrap();
        file.signers.pop();
        assert!(file.state().unwrap_err().to_string().starts_with("root is "));
    }

    /// The second auditor reads the same file (`testvectors/reference/genesis.test.mjs`).
    #[test]
    fn a_signed_genesis_is_the_committed_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../testvectors/reference/signed-genesis.json");
        let text = serde_json::to_string_pretty(&signed(&[0, 1, 2]).unwrap()).unwrap() + "\n";
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, &text).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), text, "UPDATE=1 writes {path}");
    }

    #[test]
    fn every_field_is_in_the_digest_or_in_the_root() {
        let honest = serde_json::to_value(signed(&[0, 1]).unwrap()).unwrap();
        let mut changed = 0;
        for (pointer, value) in leaves(&honest, String::new()) {
            let other = match value {
                serde_json::Value::Number(number) => (number.as_i64().unwrap() + 1).into(),
                serde_json::Value::String(text) => match text.parse::<u64>() {
                    Ok(0) => "1".into(),
                    Ok(number) => (number - 1).to_string().into(),
                    Err(_) => text.replace(['1', 'E', 'B', 'S'], "2").into(),
                },
                other => other,
            };
            let mut forged = honest.clone();
            *forged.pointer_mut(&pointer).unwrap() = other;
            let read = serde_json::from_value::<GenesisFile>(forged);
            assert!(read.map_or(true, |file| file.state().is_err()), "{pointer}");
            changed += 1;
        }
        assert_eq!(changed, 9 + 2 * 2 + 3 * 22);
    }

    #[test]
    fn what_tools_cannot_show_is_refused() {
        type Change = fn(&mut GenesisFile);
        let cases: [(Change, &str); 9] = [
            (|file| file.pool_owner.x = file.pool_owner.y.clone(), "pool_owner.x is no point"),
            (|file| file.quote_decimals = 19, "quote_decimals: 19 is outside 0 to 18"),
            (|file| file.markets[1].price_decimals = u32::MAX, "price_decimals: 4294967295"),
            (|file| file.markets[1].size_decimals = -19, "size_decimals: -19 is outside -18 to 18"),
            (|file| file.markets[1].size_decimals = 1_000, "size_decimals: 1000"),
            (|file| file.markets[1].name = "x".repeat(65), "name: xxx"),
            (|file| file.markets[1].name.clear(), "name:  is outside"),
            (|file| file.markets[1].name = "a\u{1b}[2J".to_owned(), "name: a[2J"),
            (|file| file.markets[1].id = 7, "market 7 stands where market 2 must be"),
        ];
        for (change, said) in cases {
            let mut file = file();
            change(&mut file);
            let error = file.state().unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    /// Paths and values of all leaves.
    fn leaves(value: &serde_json::Value, path: String) -> Vec<(String, serde_json::Value)> {
        match value {
            serde_json::Value::Object(map) => {
                map.iter().flat_map(|(name, value)| leaves(value, format!("{path}/{name}"))).collect()
            }
            serde_json::Value::Array(list) => {
                let all = list.iter().enumerate();
                all.flat_map(|(at, value)| leaves(value, format!("{path}/{at}"))).collect()
            }
            leaf => vec![(path, leaf.clone())],
        }
    }
}
