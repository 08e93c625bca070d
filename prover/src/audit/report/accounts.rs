//! Accounts after the last batch, and how far they are from liquidation.

use super::exact::Exact;
use crate::audit::account::{PositionView, View, view};
use crate::audit::books::opened;
use crate::audit::names::Names;
use crate::record::genesis::GenesisFile;
use num_bigint::BigInt;
use serde::Serialize;
use std::collections::BTreeMap;
use zkmargin_circuits::margin::Health;
use zkmargin_circuits::params::M;
use zkmargin_circuits::state::{Account, AccountId, State};

/// Accounts that the page holds: those with positions first. The others are counted only.
const MOST: usize = 100_000;

/// Lower ends of the classes of `M·TV / MMR`, thousandths. What is below 0 has a class before them.
const BOUNDS: [i64; 10] = [0, 500, 1_000, 1_100, 1_250, 1_500, 2_000, 3_000, 5_000, 10_000];

/// Columns of equal length, a row per account, ascending by number. Money in quote tokens.
#[derive(Debug, Default, Serialize)]
pub struct Accounts {
    id: Vec<AccountId>,
    /// Row of `owners`.
    owner: Vec<usize>,
    owners: Vec<[String; 2]>,
    mode: Vec<u16>,
    health: Vec<&'static str>,
    value: Vec<Exact>,
    cash: Vec<Exact>,
    collateral: Vec<Exact>,
    initial: Vec<Exact>,
    maintenance: Vec<Exact>,
    withdrawable: Vec<Exact>,
    /// `M·TV / MMR`, cut to three decimals; none without a requirement.
    ratio: Vec<Option<f64>>,
    positions: Positions,
    names: BTreeMap<AccountId, String>,
    margins: Margins,
    left_out: usize,
}

/// Positions, in the order of their accounts.
#[derive(Debug, Default, Serialize)]
struct Positions {
    /// Row of the account.
    of: Vec<usize>,
    market: Vec<String>,
    size: Vec<Exact>,
    entry_price: Vec<Exact>,
    price: Vec<Exact>,
    unrealised: Vec<Exact>,
    liquidation_price: Vec<Option<Exact>>,
}

/// How many accounts with positions fall in each class of `M·TV / MMR`.
#[derive(Debug, Default, Serialize)]
struct Margins {
    bounds: Vec<i64>,
    /// `TV < 0`.
    bankrupt: Vec<u64>,
    /// `0 <= M·TV < CMR`.
    close_out: Vec<u64>,
    /// `CMR <= M·TV < MMR`.
    liquidatable: Vec<u64>,
    /// `MMR <= M·TV < IMR`.
    below_initial: Vec<u64>,
    /// `IMR <= M·TV`.
    healthy: Vec<u64>,
}

impl Accounts {
    /// Those of a state.
    pub fn of(genesis: &GenesisFile, state: &State, names: &Names) -> Self {
        let flat = |account: &Account| account.positions().next().is_none();
        let mut ids: Vec<(bool, AccountId)> =
            state.accounts().map(|(id, account)| (flat(account), id)).collect();
        ids.sort_unstable();
        let mut all = Self { margins: Margins::of(state), ..Self::default() };
        all.left_out = ids.len().saturating_sub(MOST);
        ids.truncate(MOST);
        ids.sort_unstable_by_key(|(_, id)| *id);
        let mut owners = BTreeMap::new();
        for (_, id) in ids {
            let Some(view) = view(genesis, state, id) else { continue };
            let key = [view.owner_x.clone(), view.owner_y.clone()];
            let next = owners.len();
            let owner = *owners.entry(key).or_insert(next);
            if let Some(name) = names.get(id) {
                all.names.insert(id, name.to_owned());
            }
            all.push(view, owner, margin(state, id));
        }
        all.owners = vec![<[String; 2]>::default(); owners.len()];
        for (key, row) in owners {
            all.owners[row] = key;
        }
        all
    }

    fn push(&mut self, view: View, owner: usize, ratio: Option<f64>) {
        self.id.push(view.id);
        self.owner.push(owner);
        self.mode.push(view.mode);
        self.health.push(view.health);
        self.value.push(Exact::of(&view.value));
        self.cash.push(Exact::of(&view.cash));
        self.collateral.push(Exact::of(&view.collateral));
        self.initial.push(Exact::of(&view.initial));
        self.maintenance.push(Exact::of(&view.maintenance));
        self.withdrawable.push(Exact::of(&view.withdrawable));
        self.ratio.push(ratio);
        let row = self.id.len() - 1;
        view.positions.into_iter().for_each(|position| self.positions.push(row, position));
    }
}

impl Positions {
    fn push(&mut self, row: usize, position: PositionView) {
        self.of.push(row);
        self.market.push(position.market);
        self.size.push(Exact::of(&position.size));
        self.entry_price.push(Exact::of(&position.entry_price));
        self.price.push(Exact::of(&position.price));
        self.unrealised.push(Exact::of(&position.unrealised));
        self.liquidation_price.push(position.liquidation_price.as_deref().map(Exact::of));
    }
}

impl Margins {
    fn of(state: &State) -> Self {
        let none = vec![0; BOUNDS.len() + 1];
        let mut margins = Self {
            bounds: BOUNDS.to_vec(),
            bankrupt: none.clone(),
            close_out: none.clone(),
            liquidatable: none.clone(),
            below_initial: none.clone(),
            healthy: none,
        };
        for (_, account) in state.accounts().filter(|(_, account)| account.positions().next().is_some()) {
            let Some(header) = opened(account, |id| state.market(id).copied()) else { continue };
            let class = thousandths(header.total_value(), header.maintenance).map_or(BOUNDS.len(), class);
            let counts = match header.health() {
                Health::Bankrupt => &mut margins.bankrupt,
                Health::CloseOut => &mut margins.close_out,
                Health::Liquidatable => &mut margins.liquidatable,
                Health::ReduceOnly => &mut margins.below_initial,
                Health::Healthy => &mut margins.healthy,
            };
            counts[class] += 1;
        }
        margins
    }
}

/// The class of a ratio in thousandths.
fn class(ratio: BigInt) -> usize {
    BOUNDS.iter().take_while(|bound| ratio >= BigInt::from(**bound)).count()
}

fn margin(state: &State, id: AccountId) -> Option<f64> {
    let header = opened(state.account(id)?, |id| state.market(id).copied())?;
    ratio(header.total_value(), header.maintenance)
}

/// `M·TV / MMR` rounded down to thousandths; none without a requirement. A ratio below 1 never reads as 1.
pub fn ratio(value: i128, maintenance: i128) -> Option<f64> {
    let ratio: f64 = thousandths(value, maintenance)?.to_string().parse().ok()?;
    Some(ratio / 1_000.0)
}

fn thousandths(value: i128, maintenance: i128) -> Option<BigInt> {
    let scaled = BigInt::from(M * value) * 1_000;
    // The quotient is cut towards 0: one less where that is up.
    let up = value < 0 && &scaled % maintenance.max(1) != BigInt::ZERO;
    (maintenance > 0).then(|| scaled / maintenance - i32::from(up))
}
