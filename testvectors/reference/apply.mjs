// Applies the decoded lists of a batch to the state: publication.md, "What gives each field of the state".
// Everything that the bytes and the state before say both is compared.
import { hex } from "./bytes.mjs";
import { checkIdleAccounts, checkLawful, checkLiquidations, checkMoney, checkOnlyLiquidated } from "./cause.mjs";
import { inRange, need, same } from "./difference.mjs";
import { begun, configured } from "./configure.mjs";
import { needKey } from "./genesis.mjs";
import { EPOCH_SECONDS, afterEntry, openInterestRules, settledCollateral } from "./law.mjs";
import { SIGNED_64, abs, emptyAccount } from "./state.mjs";

const MILLION = 1_000_000n;
const FIRST_USER = 600n;
const [OPEN, REDUCE_ONLY] = [1n, 2n];
const NONCE_STEP = 1n << 20n; // most that one action adds

/** The first entry of each value of a field. */
const firstByField = (entries, name) => new Map([...entries].reverse().map((entry) => [entry[name], entry]));

/** The header follows the state. `first` is the header of the run's first batch. */
export function checkFollows(header, state, first) {
  const { batch, time, deposits, config } = state.globals;
  const at = (element) => ({ batch: batch + 1n, list: "header", element });
  for (const [name, element] of [["chainId", 1], ["contract", 1], ["keyId", 3]]) {
    same(at(element), `${name}, as in the first batch`, first[name], header[name]);
  }
  same(at(2), "batch number", batch + 1n, header.batch);
  need(at(2), header.time >= time, "time", `${time} or later`, header.time);
  same(at(4), "old root", hex(state.tree.root()), hex(header.oldRoot));
  same(at(8), "deposits before", deposits, header.depositsBefore);
  same(at(8), "forced", 0n, header.forced);
  same(at(9), "digest of the configuration", config, header.config);
}

/** One batch at work: the state before, and what the lists say of after. */
class Batch {
  constructor(state, header, lists, shape) {
    Object.assign(this, { state, header, lists, shape });
    this.markets = new Map(state.markets);
    this.marketEntries = new Set();
    this.opened = new Map();
  }

  /** Ticks come first: their prices and indices hold for the whole batch. */
  applyMarkets(epoch) {
    // With price signers, prices are those of the lists' epoch.
    const observed = this.state.globals.signers === 0n ? undefined : epoch * EPOCH_SECONDS;
    for (const e of this.lists.markets) {
      need(e.at, !this.marketEntries.has(e.id), "market", "one entry", `a second one of ${e.id}`);
      const before = this.state.markets.get(e.id) ?? this.listed(e.id);
      need(e.at, before !== undefined, "market", "a listed one", e.id);
      this.marketEntries.add(e.id);
      this.markets.set(e.id, afterEntry(e, before, this.header.time, observed));
    }
  }

  /** The market that the batch lists under a number, as it begins. */
  listed(id) {
    const entry = this.lists.configurations.find((e) => e.id === id && e.price !== 0n);
    return entry && begun(entry, this.header.time);
  }

  /** New parameters of markets: they close with them. */
  configureMarkets() {
    const seen = new Set();
    for (const e of this.lists.configurations) {
      need(e.at, !seen.has(e.id), "market", "one entry", `a second one of ${e.id}`);
      seen.add(e.id);
      const isNew = !this.state.markets.has(e.id);
      need(e.at, isNew === (e.price !== 0n), "first price", isNew ? "one" : "0, of a market that exists", e.price);
      const market = this.market(e.at, e.id, false);
      this.markets.set(e.id, configured(e, market, this.header.time, isNew));
    }
  }

  /** The market of an entry: opened by the batch, and open for trade if it is traded. */
  market(at, id, traded) {
    need(at, this.marketEntries.has(id), "market", "one with an entry in this batch", id);
    const market = this.markets.get(id);
    if (traded) {
      inRange(at, "status of the market (MKT-11)", OPEN, REDUCE_ONLY, market.status);
      inRange(at, "age of the market's price (MKT-11)", 0n, market.haltAge, this.header.time - market.lastTick);
    }
    return market;
  }

  account(at, name, id) {
    need(at, this.opened.has(id), name, "an account with an entry in this batch", id);
    return this.opened.get(id);
  }

  /** `nextOrder`: the first order after the batch, and the first that a new key signs for. */
  openAccounts(nextOrder) {
    for (const kind of ["cross_accounts", "isolated_accounts", "flat_accounts", "mode_changes"]) {
      for (const e of this.lists[kind]) this.openAccount(kind, e);
    }
    // Within the batch the key of the opening holds.
    for (const account of this.opened.values()) account.owner = this.owner(account);
    for (const account of this.opened.values()) {
      const key = this.newKey(account);
      account.post.owner = key ?? account.owner;
      if (key !== undefined) account.post.ordersFrom = nextOrder;
    }
    for (const e of this.lists.rekeys) this.account(e.at, "account of a new key", e.account);
  }

  openAccount(kind, e) {
    need(e.at, !this.opened.has(e.id), "account", "one entry", `a second one of ${e.id}`);
    const before = this.state.accounts.get(e.id);
    same(e.at, "fresh", before === undefined ? 1n : 0n, e.fresh);
    if (e.fresh === 1n) need(e.at, e.id >= FIRST_USER, "id of a new account", `${FIRST_USER} or more`, e.id);
    const changes = kind === "mode_changes";
    const isolated = kind === "isolated_accounts";
    inRange(e.at, "mode", isolated ? 1n : 0n, isolated || changes ? 511n : 0n, e.mode);
    const pre = before ?? emptyAccount(null, changes ? this.openingMode(e) : e.mode);
    if (!changes) same(e.at, "mode", pre.mode, e.mode);
    else this.checkModeChange(e, pre);
    for (const nonce of ["orderNonce", "cancelNonce"]) {
      const most = pre[nonce] + NONCE_STEP * (this.shape.capacities.actions ?? 0n);
      inRange(e.at, nonce, pre[nonce], most, e[nonce]);
    }
    const acted = e.orderNonce !== pre.orderNonce || e.cancelNonce !== pre.cancelNonce;
    inRange(e.at, "leverage limit", 0n, MILLION, e.leverageLimit);
    if (!acted) same(e.at, "leverage limit without an action", pre.leverageLimit, e.leverageLimit);
    need(e.at, acted || !changes, "account of another mode", "one whose nonce moved", e.id);
    for (const p of pre.slots) {
      if (p === null) continue;
      const flat = changes || kind === "flat_accounts";
      need(e.at, !flat, "positions of a flat account", "none", `one in market ${p.market}`);
      this.market(e.at, p.market, false);
    }
    const settled = settledCollateral(e.at, pre, this.markets);
    const { collateral, orderNonce, cancelNonce, leverageLimit } = e;
    // Without positions the slots are those of the new mode, all empty.
    const slots = changes ? emptyAccount(null, e.mode).slots : [...pre.slots];
    const post = { ...pre, mode: e.mode, collateral, orderNonce, cancelNonce, leverageLimit, slots };
    this.opened.set(e.id, { at: e.at, id: e.id, kind, row: e.row, pre, post, settled, acted, moved: false });
  }

  /** From cross to isolated in a market with an entry, or back; only accounts of users. */
  checkModeChange(e, pre) {
    need(e.at, e.id >= FIRST_USER, "account of another mode", `${FIRST_USER} or more`, e.id);
    const other = pre.mode === 0n ? "a market" : "0";
    need(e.at, (pre.mode === 0n) !== (e.mode === 0n), "new mode", other, e.mode);
    if (e.mode !== 0n) this.market(e.at, e.mode, false);
  }

  /** A new account that changes its mode: a deposit to it says in which it opened, or it does not matter. */
  openingMode(e) {
    const deposit = this.lists.deposits.find((d) => d.account === e.id);
    return deposit?.mode ?? (e.mode === 0n ? 1n : 0n);
  }

  /** The key that the owner gave the account in this batch. */
  newKey({ id, acted }) {
    const [e, second] = this.lists.rekeys.filter((entry) => entry.account === id);
    if (e === undefined) return undefined;
    need(e.at, second === undefined, "new key", "one entry of the account", "a second one");
    needKey(e.at, "new key", e.owner);
    need(e.at, acted, "account of a new key", "one whose nonce moved", id);
    return e.owner;
  }

  /** A new account has the key of the account that created it by a transfer, else of a deposit to it. */
  owner({ at, id, pre }, waiting = []) {
    if (pre.owner !== null) return pre.owner;
    need(at, !waiting.includes(id), "owner of a new account", "a key", "a ring of transfers");
    this.creators ??= firstByField(this.lists.transfers.filter((t) => t.created === 1n), "to");
    this.depositors ??= firstByField(this.lists.deposits, "account");
    const creator = this.creators.get(id);
    if (creator) return this.owner(this.account(creator.at, "sender", creator.from), [...waiting, id]);
    const deposit = this.depositors.get(id);
    need(at, deposit !== undefined, "new account", "a deposit or transfer that creates it", "none");
    needKey(deposit.at, "key of a new account", deposit.owner);
    return deposit.owner;
  }

  applyPositions() {
    const places = new Map();
    const crossRows = this.shape.capacities.cross_accounts ?? 0n;
    for (const account of this.opened.values()) {
      if (account.kind === "cross_accounts") places.set(BigInt(account.row), account);
      if (account.kind === "isolated_accounts") places.set(crossRows + BigInt(account.row), account);
    }
    const seen = new Set();
    const net = new Map();
    this.growth = new Map();
    for (const e of this.lists.positions) {
      const account = places.get(e.place);
      need(e.at, account !== undefined, "place", "the place of an account's entry", e.place);
      need(e.at, !seen.has(`${e.place}/${e.slot}`), "slot", "one entry", `a second one of slot ${e.slot}`);
      seen.add(`${e.place}/${e.slot}`);
      const change = this.applyPosition(e, account);
      net.set(e.market, (net.get(e.market) ?? 0n) + change.size);
      this.growth.set(e.market, (this.growth.get(e.market) ?? 0n) + change.magnitude);
    }
    // Every trade has a buyer and a seller.
    for (const [market, change] of net) {
      same({ batch: this.header.batch, list: "positions" }, `sum of changes in market ${market}`, 0n, change);
    }
  }

  applyPosition(e, account) {
    const { pre, post } = account;
    const market = this.market(e.at, e.market, true);
    inRange(e.at, "slot", 0n, BigInt(post.slots.length - 1), e.slot);
    if (post.mode !== 0n) same(e.at, "market of an isolated account", post.mode, e.market);
    const old = pre.slots[e.slot];
    if (old !== null) same(e.at, "market of an occupied slot", old.market, e.market);
    const [size, entryQuote] = [old?.size ?? 0n, old?.entryQuote ?? 0n];
    need(e.at, size !== e.size || entryQuote !== e.entryQuote, "position", "a changed one", "the one of before");
    inRange(e.at, "size", 0n, market.maxSize, abs(e.size));
    same(e.at, "size beyond whole lots", 0n, abs(e.size) % market.lot);
    account.moved = true;
    post.slots[e.slot] = e.size === 0n ? null : { market: e.market, size: e.size, entryQuote: e.entryQuote };
    return { size: e.size - size, magnitude: abs(e.size) - abs(size) };
  }

  /** All positions of an opened account have the index of their market; occupied slots have distinct markets. */
  settleAccounts() {
    for (const { at, id, post } of this.opened.values()) {
      post.slots = post.slots.map((p) => p && { ...p, fundingIndex: this.markets.get(p.market).fundingIndex });
      const markets = post.slots.filter(Boolean).map((p) => p.market);
      same(at, "positions in distinct markets (ACC-9)", markets.length, new Set(markets).size);
      this.state.setAccount(id, post);
    }
  }

  applyOrders(nextOrder) {
    const seen = new Set();
    for (const e of this.lists.orders) {
      need(e.at, !seen.has(e.id), "order", "one entry", `a second one of ${e.id}`);
      seen.add(e.id);
      const { account, market, side, limit, left, flags, maxFee, expiry, feeCarry } = e;
      const order = { account, market, side, limit, flags, maxFee, expiry, left, feeCarry, size: left };
      const before = this.state.orders.get(e.id);
      if (before === undefined) this.checkNewOrder(e, nextOrder);
      else this.checkRestingOrder(e, order, before);
      this.state.setOrder(e.id, order);
    }
  }

  checkNewOrder(e, nextOrder) {
    inRange(e.at, "id of a new order", this.state.globals.nextOrder, nextOrder - 1n, e.id);
    need(e.at, e.left > 0n, "left of a new order", "more than 0", e.left);
    need(e.at, e.limit > 0n, "limit", "1 or more", e.limit);
    need(e.at, e.expiry >= this.header.time, "expiry", `${this.header.time} or later`, e.expiry);
    this.market(e.at, e.market, false);
    const { acted } = this.account(e.at, "account of a new order", e.account);
    need(e.at, acted, "account of a new order", "one whose nonce moved", e.account);
  }

  checkRestingOrder(e, order, before) {
    for (const name of ["account", "market", "side", "limit", "flags", "maxFee", "expiry"]) {
      same(e.at, `${name} of a resting order`, before[name], e[name]);
    }
    order.size = before.size;
    inRange(e.at, "left", 0n, before.left, e.left);
    if (e.left === before.left) {
      same(e.at, "fee carry without a fill", before.feeCarry, e.feeCarry);
      return;
    }
    this.account(e.at, "account of a changed order", e.account);
    const whole = before.expiry >= this.header.time || e.left === 0n;
    need(e.at, whole, "left of an expired order", `0 or ${before.left}`, e.left);
  }

  closeMarkets() {
    for (const { id, at } of this.lists.markets) {
      const market = this.markets.get(id);
      const { limit } = openInterestRules(market);
      const grown = this.growth.get(id) ?? 0n;
      market.openInterest += grown;
      if (grown > 0n) inRange(at, "open interest that grew (FILL-24)", 0n, limit, market.openInterest);
      inRange(at, "open interest", 0n, 2n * SIGNED_64 - 1n, market.openInterest);
    }
    this.configureMarkets();
    for (const { id } of this.lists.markets) this.state.setMarket(id, this.markets.get(id));
  }
}

/** Applies a batch whose header follows. Afterwards the state's root is the header's, or the batch is refused. */
export function applyBatch(state, header, lists, shape) {
  const places = shape.capacities.places ?? 0n;
  const batch = new Batch(state, header, lists, shape);
  const globals = { batch: header.batch, list: "globals" };
  need(globals, lists.globals.length === 1, "next order id", "an entry", "none");
  const [{ at, nextOrder, epoch }] = lists.globals;
  inRange(at, "next order id", state.globals.nextOrder, state.globals.nextOrder + places, nextOrder);
  inRange(at, "epoch of prices", state.globals.epoch, header.time / EPOCH_SECONDS, epoch);

  batch.applyMarkets(epoch);
  batch.openAccounts(nextOrder);
  batch.applyPositions();
  checkMoney(batch);
  checkLiquidations(batch, nextOrder);
  checkLawful(batch);
  checkIdleAccounts(batch);
  checkOnlyLiquidated(batch);
  batch.applyOrders(nextOrder);
  batch.settleAccounts();
  batch.closeMarkets();
  const { time, depositsAfter } = header;
  state.setGlobals({ ...state.globals, batch: header.batch, nextOrder, deposits: depositsAfter, time, epoch });
  same({ batch: header.batch, list: "header", element: 6 }, "new root", hex(state.tree.root()), hex(header.newRoot));
}
