// Does what the bytes say happened explain what changed? Nothing here changes the state.
// Documents: publication.md ("Said twice", "Liquidations"), ops-liquidate.md, ops-items.md, state-account.md ("flat").
import { hex } from "./bytes.mjs";
import { inRange, need, same } from "./difference.mjs";
import { needKey } from "./genesis.mjs";
import { checkLiquidation, liquidated, required } from "./law.mjs";

const FEE_ACCOUNT = 1n;

const sum = (values) => values.reduce((total, value) => total + value, 0n);
const amounts = (entries) => sum(entries.map((entry) => entry.amount));
const poolOf = (market) => market + 1n;

/** Deposits and transfers name accounts that are there, and no collateral comes from nowhere. */
export function checkMoney(batch) {
  const { deposits, withdrawals, transfers } = batch.lists;
  const { batch: number, depositsBefore, depositsAfter } = batch.header;
  const cursor = { batch: number, list: "header", element: 8 };
  same(cursor, "deposits after", depositsBefore + BigInt(deposits.length), depositsAfter);
  for (const d of deposits) {
    const { owner, pre } = batch.account(d.at, "account of a deposit", d.account);
    needKey(d.at, "key of a deposit", d.owner);
    same(d.at, "x of the account's key", hex(owner.x), hex(d.owner.x));
    same(d.at, "y of the account's key", hex(owner.y), hex(d.owner.y));
    need(d.at, pre.ordersFrom === 0n, "account of a deposit (DEP-3)", "one whose key was never another", d.account);
    same(d.at, "mode of the account", pre.mode, d.mode);
  }
  const created = new Set();
  for (const t of transfers) {
    const from = batch.account(t.at, "sender", t.from);
    const to = batch.account(t.at, "recipient", t.to);
    need(t.at, t.from !== t.to, "recipient", "another account than the sender", t.to);
    need(t.at, from.acted, "sender", "an account whose nonce moved", t.from);
    if (t.created === 0n) continue;
    need(t.at, to.pre.owner === null, "created account", "a new one", t.to);
    need(t.at, !created.has(t.to), "created account", "one transfer that creates it", "a second one");
    created.add(t.to);
  }
  const accounts = [...batch.opened.values()];
  const due = sum(accounts.map((a) => a.settled)) + amounts(deposits) - amounts(withdrawals);
  const held = sum(accounts.map((a) => a.post.collateral));
  same({ batch: number, list: "accounts" }, "collateral of all accounts with an entry", due, held);
}

/** Each liquidation: who, against whom, and the law from its numbers. */
export function checkLiquidations(batch, nextOrder) {
  for (const e of batch.lists.liquidations) {
    const market = batch.market(e.at, e.market, true);
    const account = batch.account(e.at, "account", e.account);
    const taker = batch.account(e.at, "taker", e.taker);
    batch.account(e.at, "pool", poolOf(e.market));
    if (e.order === 0n) {
      same(e.at, "taker without an order", poolOf(e.market), e.taker);
      need(e.at, e.account !== e.taker, "account of a liquidation (LIQ-8)", "another than the pool", e.account);
    } else {
      need(e.at, account.owner.x !== taker.owner.x, "taker (LIQ-8)", "another owner", "the same");
      checkBid(batch, e, market, nextOrder);
    }
    checkLiquidation(e, market);
    if (account.pre.mode !== 0n) checkIsolated(e, market, account.pre);
  }
}

/** An isolated account has one position, so its requirements are those of that position. */
function checkIsolated(e, market, { mode, leverageLimit }) {
  const { initial, maintenance } = required(market, leverageLimit, e.size);
  same(e.at, "market of an isolated account", mode, e.market);
  same(e.at, "MMR of an isolated account", maintenance, e.maintenanceRequirement);
  same(e.at, "IMR of an isolated account", initial, e.initialRequirement);
}

/** LIQ-6 and LIQ-7, where the order's terms are known: one that came and went within the batch is not published. */
function checkBid(batch, e, market, nextOrder) {
  const known = batch.state.orders.get(e.order);
  const order = known ?? batch.lists.orders.find((entry) => entry.id === e.order);
  if (known === undefined) {
    inRange(e.at, "order", batch.state.globals.nextOrder, nextOrder - 1n, e.order);
    need(e.at, batch.account(e.at, "taker", e.taker).acted, "taker", "one that placed the order", e.taker);
  }
  if (order === undefined) return;
  same(e.at, "taker", order.account, e.taker);
  same(e.at, "market of the taker's order", order.market, e.market);
  same(e.at, "side of the taker's order", order.side, e.short);
  const { time } = batch.header;
  need(e.at, order.expiry >= time, "expiry of the taker's order", `${time} or later`, order.expiry);
  need(e.at, known === undefined || e.lots <= known.left, "lots (LIQ-6)", `at most ${known?.left}`, e.lots);
  const bound = e.lots * order.limit * market.tickQuote;
  const met = e.short === 0n ? e.quote <= bound : e.quote >= bound;
  need(e.at, met, "quote (LIQ-7)", `no worse than the order's limit of ${bound}`, e.quote);
}

/** Still markets (FILL-23, TAKE-5) and void orders (FILL-25, LIQ-25), as far as bytes and the state before show them. */
export function checkLawful(batch) {
  const { transfers, liquidations, orders } = batch.lists;
  const isStill = (position) => position !== null && batch.markets.get(position.market).still;
  const abs = (size) => (size < 0n ? -size : size);
  for (const { at, id, pre, post } of batch.opened.values()) {
    for (const position of post.slots.filter(isStill)) {
      const held = abs(pre.slots.find((p) => p?.market === position.market)?.size ?? 0n);
      const { lot } = batch.markets.get(position.market);
      const taken = liquidations.filter((e) => e.taker === id && e.market === position.market);
      inRange(at, "size in a still market (FILL-23)", 0n, held + lot * sum(taken.map((e) => e.lots)), abs(position.size));
    }
  }
  for (const t of transfers) {
    const holds = batch.account(t.at, "sender", t.from).pre.slots.some(isStill);
    need(t.at, !holds, "sender (TAKE-5)", "an account that holds no still market", t.from);
  }
  const since = (id) => batch.state.accounts.get(id)?.ordersFrom ?? 0n;
  for (const e of orders) {
    const before = batch.state.orders.get(e.id);
    const filled = before !== undefined && e.left > 0n && e.left < before.left;
    need(e.at, !filled || e.id >= since(e.account), "left (FILL-25)", "what it was: the order is of an earlier key", e.left);
  }
  for (const e of liquidations) {
    need(e.at, e.order === 0n || e.order >= since(e.taker), "order (LIQ-25)", `${since(e.taker)} or more`, e.order);
  }
}

/**
 * An account to which nothing but one liquidation happened: its numbers before and after follow from the state and the
 * event. (With a second cause, the order of the two is not published.)
 */
export function checkOnlyLiquidated(batch) {
  const { deposits, transfers, liquidations } = batch.lists;
  const named = [
    ...filledFor(batch), ...deposits.map((d) => d.account), ...transfers.map((t) => t.to),
    ...liquidations.flatMap((e) => [e.account, e.taker, poolOf(e.market)]), FEE_ACCOUNT,
  ];
  for (const e of liquidations) {
    const account = batch.opened.get(e.account);
    if (account.acted || named.filter((id) => id === e.account).length > 1) continue;
    const { numbers, after } = liquidated(e, account, batch.markets);
    for (const [name, expected] of Object.entries(numbers)) same(e.at, `${name} of the account`, expected, e[name]);
    same(account.at, "collateral after the liquidation", after.collateral, account.post.collateral);
    const left = account.post.slots.find((p) => p?.market === e.market);
    same(account.at, "size after the liquidation", after.size, left?.size ?? 0n);
    same(account.at, "E after the liquidation", after.entryQuote, left?.entryQuote ?? 0n);
  }
}

/** The accounts of orders that are new or of which less is left than before. */
const filledFor = ({ lists, state }) =>
  lists.orders.filter((e) => state.orders.get(e.id)?.left !== e.left).map((e) => e.account);

/**
 * Accounts that did not trade. An account trades by an order that it placed in the batch (then a nonce moved), by one
 * that rested (then its entry says less), or by a liquidation. Without any of them its positions stay, and its money
 * is what was paid in and out. Whose a withdrawal was is not published; only an account that acted can have made it.
 */
export function checkIdleAccounts(batch) {
  const { liquidations, deposits, transfers } = batch.lists;
  const traded = new Set([...filledFor(batch), ...liquidations.flatMap((e) => [e.account, e.taker])]);
  for (const { at, id, kind, post, settled, acted, moved } of batch.opened.values()) {
    const flat = kind === "flat_accounts" || kind === "mode_changes";
    // A flat account may place and cancel orders, but none of its orders is filled.
    if (flat && !acted) need(at, !traded.has(id), "flat account", "no trade", "a trade");
    if (!flat && (acted || traded.has(id))) continue;
    need(at, !moved, "positions of an account that did not trade", "those of before", "others");
    const paidIn = amounts(deposits.filter((d) => d.account === id)) + amounts(transfers.filter((t) => t.to === id));
    const paidOut = amounts(transfers.filter((t) => t.from === id));
    const fees = sum(liquidations.filter((e) => poolOf(e.market) === id).map((e) => e.fee));
    const expected = settled + paidIn - paidOut + fees;
    const what = "collateral of an account that did not trade";
    if (!acted && id !== FEE_ACCOUNT) same(at, what, expected, post.collateral);
    else if (!acted) need(at, post.collateral >= expected, what, `${expected} or more`, post.collateral);
    else if (id !== FEE_ACCOUNT) need(at, post.collateral <= expected, what, `${expected} or less`, post.collateral);
  }
}
