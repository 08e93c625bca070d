//! Keys of all users, derived from one seed: the files have none.

use ark_ff::{BigInteger, PrimeField};
use rayon::prelude::*;
use sha3::{Digest, Keccak256};
use zkmargin_circuits::gadgets::signature::{PublicKey, SecretKey, Signature};

/// A key and the L1 address that goes with it.
#[derive(Clone)]
pub struct Wallet {
    /// Secret key, which signs.
    pub secret: SecretKey,
    /// Public key, which verifies.
    pub public: PublicKey,
    /// Address on L1 that withdrawals go to.
    pub recipient: [u8; 20],
}

/// Wallets of a tape's users and of the exchange. Never for real money: who knows the seed owns all.
pub struct Wallets {
    seed: u64,
    names: Vec<String>,
    users: Vec<Wallet>,
    house: Wallet,
    exchange: Wallet,
    blank: Signature,
}

impl Wallets {
    /// The wallets of all names: key of `keccak256("zkmargin/wallet/v1" ‖ seed64 ‖ name)`, address the
    /// last 20 bytes of `keccak256(x ‖ y)`. The house and the exchange have names that no file can use.
    pub fn new(seed: u64, users: &[String]) -> Self {
        let house = make(seed, "the house");
        let blank = house.secret.sign(house.public.x);
        let exchange = make(seed, "the exchange");
        let names = users.to_vec();
        let users = users.par_iter().map(|name| make(seed, name)).collect();
        Self { seed, names, users, house, exchange, blank }
    }

    /// A user's wallet, or (None) the house's wallet.
    pub fn get(&self, owner: Option<u32>) -> &Wallet {
        owner.and_then(|user| self.users.get(user as usize)).unwrap_or(&self.house)
    }

    /// A user's wallet after so many changes of an account's key: the name of the key is `NAME key N`, which is no
    /// user's name. The house changes none.
    pub fn changed(&self, owner: Option<u32>, changes: u32) -> Wallet {
        match owner.and_then(|user| self.names.get(user as usize)) {
            Some(name) if changes > 0 => make(self.seed, &format!("{name} key {changes}")),
            _ => self.get(owner).clone(),
        }
    }

    /// Owner of the fee account and of the insurance pools.
    pub fn exchange(&self) -> &Wallet {
        &self.exchange
    }

    /// Some signature: a place holder while a batch is planned without signing.
    pub fn blank_signature(&self) -> Signature {
        self.blank
    }
}

fn make(seed: u64, name: &str) -> Wallet {
    let mut hash = Keccak256::new();
    hash.update(b"zkmargin/wallet/v1");
    hash.update(seed.to_be_bytes());
    hash.update(name.as_bytes());
    let secret = SecretKey::from_seed(&hash.finalize().into());
    let public = secret.public_key();
    let mut hash = Keccak256::new();
    hash.update(public.x.into_bigint().to_bytes_be());
    hash.update(public.y.into_bigint().to_bytes_be());
    let mut recipient = [0; 20];
    recipient.copy_from_slice(&hash.finalize()[12..]);
    Wallet { secret, public, recipient }
}
