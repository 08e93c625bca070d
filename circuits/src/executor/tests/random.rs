//! A long seeded run of random ops, honest and not, under the invariants.

use super::world::World;
use super::*;
use crate::executor::invariants;
use crate::margin::native::{zero_price, zero_quote};
use crate::ops::{Fill, Liquidate, Taker, Tick, TransferItem, WithdrawItem};
use crate::state::PublicKey;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const OPS: usize = 100_000;
const OPS_PER_BATCH: usize = 1_000;

/// A market of random walks and the orders that may still have lots left.
pub(crate) struct Run {
    rng: ChaCha8Rng,
    /// Draws the owners' limits, modes and keys alone, so that the rest of a run is the same without them.
    limits: ChaCha8Rng,
    pub(crate) world: World,
    prices: Vec<u64>,
    pub(crate) orders: Vec<OrderId>,
    accounts: Vec<AccountId>,
    applied: usize,
    liquidated: usize,
    filled: usize,
}

impl Run {
    pub(crate) fn new(seed: u64, world: World) -> Self {
        let (rng, limits) = (ChaCha8Rng::seed_from_u64(seed), ChaCha8Rng::seed_from_u64(!seed));
        let prices = vec![100; world.markets.into()];
        let (orders, accounts) = (Vec::new(), Vec::new());
        Self { rng, limits, world, prices, orders, accounts, applied: 0, liquidated: 0, filled: 0 }
    }

    /// True in so many of 100 cases.
    fn chance(&mut self, percent: u32) -> bool {
        self.rng.gen_range(0..100) < percent
    }

    pub(crate) fn ticks(&mut self) -> Vec<Op> {
        let mut ops = Vec::new();
        for market in 1..=self.world.markets {
            let price = &mut self.prices[usize::from(market) - 1];
            let step = self.rng.gen_range(-self.world.step..=self.world.step);
            *price = price.saturating_add_signed(step).clamp(40, 250);
            let rate = self.rng.gen_range(-1_000_000..=1_000_000);
            let exact = (*price << 32) + self.rng.gen_range(0..1 << 32);
            ops.push(Op::Tick(Tick { market, price: exact, rate }));
        }
        ops
    }

    /// Forgets orders that are gone or void.
    pub(crate) fn keep_orders(&mut self, state: &State) {
        let first = |account| state.account(account).map_or(0, |account| account.orders_from);
        self.orders.retain(|id| state.order(*id).is_some_and(|order| *id >= first(order.account)));
    }

    fn account(&mut self) -> AccountId {
        self.accounts[self.rng.gen_range(0..self.accounts.len())]
    }

    fn action(&mut self, executor: &Executor) -> Op {
        let mut account = self.account();
        let (bulk, most) = self.world.bulk;
        let count = if self.chance(bulk) { self.rng.gen_range(2..=most) } else { 1 };
        let mut items: Vec<Item> = (0..count).map(|_| self.item(executor, account)).collect();
        if self.limits.gen_range(0..100) < self.world.limits {
            items[0] = self.limit();
        }
        let roll = self.limits.gen_range(0..100);
        if roll < self.world.modes {
            if let Some((flat, mode)) = self.mode(executor) {
                (account, items) = (flat, vec![Item::SetMode(mode)]);
            }
        } else if roll < self.world.modes + self.world.keys {
            let trader = 10 + self.limits.gen_range(0..self.world.traders) as u8;
            items[0] = Item::ChangeKey(key(trader).public_key());
        }
        let nonces = executor.account(account).map(|view| view.nonces).unwrap_or_default();
        let nonce = nonces.order + self.rng.gen_range(0..3);
        let signature =
            crate::gadgets::signature::Signature { r: key(1).public_key(), s: ark_ff::BigInt::new([0; 4]) };
        let (lane, strict) = (Lane::Orders, false);
        Op::Action(Box::new(Action { account, lane, strict, nonce, items, signature }))
    }

    /// An owner's limit, a few of them above the whole.
    fn limit(&mut self) -> Item {
        let scale = if self.limits.gen_range(0..100) < 5 { 18 } else { 1 };
        Item::SetLeverage(scale * self.limits.gen_range(0..57_000))
    }

    /// An account without positions, if there is one, and a mode for it: mostly one that it may have.
    fn mode(&mut self, executor: &Executor) -> Option<(AccountId, Mode)> {
        let flat = |id: &AccountId| executor.account(*id).is_ok_and(|view| view.positions.is_empty());
        let flat: Vec<AccountId> = self.accounts.iter().copied().filter(flat).collect();
        let account = *flat.get(self.limits.gen_range(0..flat.len().max(1)))?;
        let cross = executor.account(account).ok()?.header.mode == Mode::Cross;
        let market = self.limits.gen_range(1..=self.world.markets);
        let isolated = cross == (self.limits.gen_range(0..100) < 90);
        Some((account, Mode::from_market(if isolated { market } else { 0 })))
    }

    fn item(&mut self, executor: &Executor, account: AccountId) -> Item {
        let [withdraw, transfer, cancel] = self.world.items;
        let roll = self.rng.gen_range(0..100);
        if roll < withdraw {
            return Item::Withdraw(WithdrawItem { amount: self.rng.gen_range(0..5_000), recipient: [1; 20] });
        }
        if roll < withdraw + transfer {
            let to = if self.chance(self.world.creations) { 0 } else { self.account() };
            let mode = Mode::from_market(self.rng.gen_range(0..=self.world.markets));
            return Item::Transfer(TransferItem { to, amount: self.rng.gen_range(0..9_000), mode });
        }
        if roll < withdraw + transfer + cancel && !self.orders.is_empty() {
            return Item::Cancel(self.order_to_cancel(executor, account));
        }
        self.order(executor, account)
    }

    fn order_to_cancel(&mut self, executor: &Executor, account: AccountId) -> OrderId {
        let own = |id: &&OrderId| executor.order(**id).is_some_and(|o| o.account == account && o.left > 0);
        let own: Vec<OrderId> = self.orders.iter().filter(own).copied().collect();
        let among =
            if !own.is_empty() && self.chance(self.world.own_cancels) { own } else { self.orders.clone() };
        among[self.rng.gen_range(0..among.len())]
    }

    fn order(&mut self, executor: &Executor, account: AccountId) -> Item {
        let market = self.rng.gen_range(1..=self.world.markets);
        let side = if self.rng.r#gen() { Side::Buy } else { Side::Sell };
        let around = self.prices[usize::from(market) - 1] as u32;
        let limit = around + self.rng.gen_range(0..7) - 3;
        let flags = Flags {
            post_only: self.chance(10),
            reduce_only: self.chance(20),
            immediate_or_cancel: self.chance(10),
            fill_or_kill: self.chance(self.world.fill_or_kill),
        };
        let mut lots = self.rng.gen_range(5..400);
        if self.chance(self.world.leveraged) {
            // The fixture's initial margin is a tenth.
            let value = executor.account(account).map_or(0, |view| view.header.total_value() >> 32);
            lots = (value.max(0) as u64 * 9 / u64::from(limit)).max(10);
        }
        Item::Order(OrderItem { flags, lots, ..super::item(market, side, limit, 0) })
    }

    fn fill(&mut self, executor: &Executor) -> Option<Op> {
        // Look for a crossing pair among a few random ones.
        let mut pick = || self.orders[self.rng.gen_range(0..self.orders.len().max(1))];
        let (mut taker, mut maker) = (pick(), pick());
        for _ in 0..40 {
            if let (Some(t), Some(m)) = (executor.order(taker), executor.order(maker)) {
                let crosses = (t.limit >= m.limit) == (t.side == Side::Buy) || t.limit == m.limit;
                if t.market == m.market && t.side != m.side && crosses {
                    break;
                }
            }
            (taker, maker) = (pick(), pick());
        }
        let left = |id| executor.order(id).map_or(1, |order| order.left);
        let most = left(taker).min(left(maker));
        let in_part = most > 1 && self.chance(self.world.parts);
        let lots = if in_part { self.rng.gen_range(1..most) } else { most };
        // Now and then one lot too many.
        let lots = lots + u64::from(self.rng.gen_bool(0.02));
        // A fill-or-kill order in part would block the batch.
        let whole = |id| executor.order(id).is_none_or(|o| !o.flags.fill_or_kill || o.left == lots);
        (whole(taker) && whole(maker)).then_some(Op::Fill(Fill { taker, maker, lots }))
    }

    /// Liquidates as much of an account's first position as may be, at a price between zero and oracle price.
    fn liquidation(&self, executor: &Executor, account: AccountId) -> Option<Op> {
        let view = executor.account(account).ok()?;
        let (market, cell) = *view.positions.first()?;
        let pays = view.header.is_liquidatable() && view.header.total_value() >= 0;
        if !pays {
            return None;
        }
        let entry = executor.market(market)?;
        let closing = if cell.size > 0 { Side::Sell } else { Side::Buy };
        let zero = zero_price(&view.header, &entry, entry.maintenance_fraction, closing);
        let price = (zero / 2).midpoint(entry.price / 2) * 2;
        let op = |lots: u64| {
            let quote = zero_quote(price, lots, closing) as u64;
            Op::Liquidate(Liquidate { account, market, lots, quote, taker: Taker::Pool })
        };
        let (mut low, mut high) = (1, cell.size.unsigned_abs());
        while low < high {
            let middle = (low + high).div_ceil(2);
            if executor.check(&op(middle)).is_ok() { low = middle } else { high = middle - 1 }
        }
        Some(op(low))
    }

    pub(crate) fn op(&mut self, executor: &Executor) -> Op {
        match self.rng.gen_range(0..100) {
            0..2 => {
                let account = self.account();
                let Ok(view) = executor.account(account) else { return Op::CollectFees };
                let (owner, mode) = (view.owner, view.header.mode);
                let amount = self.rng.gen_range(0..2_000);
                Op::Deposit(Deposit { account, owner, mode, amount })
            }
            2..50 => self.action(executor),
            50..95 if !self.orders.is_empty() => self.fill(executor).unwrap_or_else(|| self.action(executor)),
            _ => {
                let account = self.account();
                self.liquidation(executor, account).unwrap_or_else(|| self.action(executor))
            }
        }
    }

    /// The liquidations that are due.
    pub(crate) fn liquidations(&self, executor: &Executor) -> Vec<Op> {
        self.accounts.iter().filter_map(|account| self.liquidation(executor, *account)).collect()
    }

    pub(crate) fn note(&mut self, applied: Applied) {
        self.applied += 1;
        match applied {
            Applied::Action { orders, accounts } => {
                self.orders.extend(orders);
                for account in accounts {
                    if !self.accounts.contains(&account) {
                        self.accounts.push(account);
                    }
                }
            }
            Applied::Fill(_) => self.filled += 1,
            Applied::Liquidation { .. } => self.liquidated += 1,
            _ => {}
        }
    }
}

fn start(state: State, time: u64) -> Executor {
    let signatures = SignatureCheck::Skip;
    let capacities = Capacities::UNLIMITED;
    Executor::begin(state, BatchContext { time, domain: domain(), capacities, signatures }).unwrap()
}

/// Traders' deposits and a pool with money in each market.
pub(crate) fn fund(run: &mut Run, state: State) -> State {
    let mut executor = start(state, 1_001);
    for number in 0..run.world.traders {
        let isolated = 1 + (number % u64::from(run.world.markets)) as u16;
        let mode = Mode::from_market(if number % 3 == 0 { isolated } else { 0 });
        let owner = key(10 + number as u8).public_key();
        let amount = run.rng.gen_range(5_000..80_000);
        let op = Op::Deposit(Deposit { account: 0, owner, mode, amount });
        let Ok(Applied::Deposit { account }) = executor.apply(&op) else { panic!("deposit") };
        run.accounts.push(account);
    }
    for market in 1..=run.world.markets {
        let (account, mode) = (1 + u64::from(market), Mode::Isolated(market));
        let op = Op::Deposit(Deposit { account, owner: PublicKey::NOBODY, mode, amount: 3_000_000 });
        executor.apply(&op).unwrap();
    }
    executor.finish().unwrap().0
}

#[test]
fn a_hundred_thousand_ops_keep_the_invariants() {
    let mut run = Run::new(20_251_010, World::BUSY);
    let mut state = fund(&mut run, genesis(World::BUSY.markets));
    let mut time = 1_001;
    for _ in 0..OPS / OPS_PER_BATCH {
        time += run.rng.gen_range(0..2_000);
        let dust = state.ledger().dust;
        let mut executor = start(state, time);
        for op in run.ticks() {
            executor.apply(&op).unwrap();
        }
        for _ in 0..OPS_PER_BATCH {
            let op = run.op(&executor);
            if op != Op::CollectFees
                && let Ok(applied) = executor.apply(&op)
            {
                run.note(applied);
            }
        }
        run.orders.retain(|id| executor.order(*id).is_some_and(|order| order.left > 0));
        let usage = *executor.usage();
        let trace;
        (state, trace) = executor.finish().unwrap();
        assert_eq!(usage, trace.usage());
        invariants::check(dust, &state, &trace).unwrap();
        run.keep_orders(&state);
    }
    invariants::check_root(&state).unwrap();
    let Run { applied, filled, liquidated, .. } = run;
    assert!(applied > 20_000 && filled > 5_000 && liquidated > 100, "{applied} {filled} {liquidated}");
}
