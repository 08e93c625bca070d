// The law that an auditor recomputes from the bytes: ticks, settlement of funding, liquidations.
// Documents: circuits/spec/src/state-market.md (MKT), margin.md (Opening, Liquidation), ops-liquidate.md (LIQ).
// U is the scale of prices, U·2^16 that of funding indices, M that of fractions.
import { inRange, need, same } from "./difference.mjs";
import { SIGNED_64, SIGNED_96, abs } from "./state.mjs";
import { liquidationRate, requirement } from "./tiers.mjs";

const U = 1n << 32n;
const M = 1_000_000n;
const RATE_OFFSET = 1n << 30n;
/** Seconds for which a market stays still after a price was cut. */
const STILL_AFTER_CUT = 60n;
/** Seconds for which a price that was asked for widens the band of the next tick. */
const CONFIRMS_FOR = 900n;
const STATUS_OPEN = 1n;
/** On which side of the band a tick's price was asked for. */
const [INSIDE, ABOVE, BELOW] = [0n, 1n, 2n];
/** Seconds of an epoch of price lists. */
export const EPOCH_SECONDS = 10n;
/** Seconds of an hour: where prices are signed, the first tick of each sets the rate. */
export const HOUR_SECONDS = 3600n;
const FUNDING_SCALE = U << 16n;
const FUNDING_DIVISOR = 3600n * 1_000_000_000n;

const floorDiv = (a, b) => a / b - (a % b !== 0n && a < 0n !== b < 0n ? 1n : 0n);
const ceilDiv = (a, b) => -floorDiv(-a, b);
const min = (a, b) => (a < b ? a : b);
const max = (a, b) => (a > b ? a : b);

/**
 * The market after its entry: with a tick the price and rate of the law; in any case funding is paid.
 * `time` is the batch's. Where prices are signed, `observed` is the time of their epoch.
 */
export function afterEntry(entry, market, time, observed) {
  const { at } = entry;
  if (entry.ticked === 0n) {
    same(at, "price without a tick", market.price, entry.price);
    return settledAt(afterFunding(entry, market, time, market.rate), time);
  }
  inRange(at, "asked price (MKT-6)", 1n, market.maxPrice, entry.asked);
  const rate = entry.rate - RATE_OFFSET;
  inRange(at, "rate (MKT-7)", -market.fundingCap, market.fundingCap, rate);

  const newer = observed === undefined || observed > market.lastTick;
  need(at, newer, "time of signed prices (MKT-24)", `after ${market.lastTick}`, observed);
  const lastTick = observed ?? time;

  const hour = observed === undefined ? market.ratedHour : observed / HOUR_SECONDS;
  const sets = hour > market.ratedHour;
  if (observed !== undefined && !sets) same(at, "rate within its hour (MKT-36)", market.rate, rate);

  const { beyond, price } = broken(entry.asked, market, lastTick);
  same(at, "price after the tick (MKT-33)", price, entry.price);
  const cutAt = price === entry.asked ? market.cutAt : lastTick;

  const ticked = { ...market, price, beyond, cutAt, asked: entry.asked, lastTick };
  const paid = afterFunding(entry, ticked, time, rate);
  // While the rate before is owed for, the new one is not taken.
  const ratedHour = sets && !market.inArrears && !paid.inArrears ? hour : market.ratedHour;
  return settledAt({ ...paid, ratedHour }, time);
}

/** The breaker: beyond the band a price is cut to the nearer end, or to what the last tick asked for, if that is further. */
function broken(asked, market, observed) {
  const reach = (market.price * market.band) / M;
  const [low, high] = [market.price - reach, market.price + reach];
  const confirms = observed - market.lastTick <= CONFIRMS_FOR ? market.asked : market.price;
  if (asked > high) return { beyond: ABOVE, price: min(asked, max(high, confirms)) };
  if (asked < low) return { beyond: BELOW, price: max(asked, min(low, confirms)) };
  return { beyond: INSIDE, price: asked };
}

/** Whether users' fills only reduce from this opening on (MKT-25). */
function settledAt(market, time) {
  const justCut = time < market.cutAt + STILL_AFTER_CUT;
  const aged = time - market.lastTick > market.stillAge;
  const still = market.beyond !== INSIDE || justCut || aged || market.inArrears || market.status !== STATUS_OPEN;
  return { ...market, still };
}

/** Funding at the price after the tick: for the time since it was last paid, or for the longest interval. */
function afterFunding({ at, fundingIndex: stated }, market, time, asked) {
  const elapsed = time - market.paidUntil;
  need(at, elapsed >= 0n, "time (MKT-8)", `at least ${market.paidUntil}`, time);
  const inArrears = market.rate !== 0n && elapsed > market.fundingInterval;
  const rate = inArrears || market.inArrears ? market.rate : asked;
  const seconds = min(elapsed, market.fundingInterval);
  const owed = ((rate * market.price * seconds) << 16n) + market.fundingRemainder;
  const paid = floorDiv(owed, FUNDING_DIVISOR);
  const fundingIndex = market.fundingIndex + paid;
  inRange(at, "funding index (MKT-9)", -SIGNED_96, SIGNED_96 - 1n, fundingIndex);
  same(at, "funding index (MKT-9)", fundingIndex, stated);
  const paidUntil = inArrears ? market.paidUntil + seconds : time;
  return { ...market, fundingIndex, fundingRemainder: owed - paid * FUNDING_DIVISOR, paidUntil, rate, inArrears };
}

/**
 * The initial fraction that a batch begins with, and the most that its fills may raise twice the open interest to.
 * `market` is the one after its entry, with the open interest of before.
 */
export function openInterestRules({ initialFraction, openInterest, openGrowth, openNotionalLow, openNotionalHigh, price }) {
  if (openNotionalHigh === 0n) return { initialFraction, limit: (1n << 64n) - 1n };
  const highest = openInterest + 2n * openGrowth;
  const [low, high] = [openNotionalLow * 2n * U, openNotionalHigh * 2n * U];
  const above = highest * price - low;
  const share = above < 0n ? 0n : min(above, high - low);
  const limit = min(highest, high / price);
  return { initialFraction: initialFraction + ceilDiv((M - initialFraction) * share, high - low), limit };
}

/** What a position of `size` base quanta requires, by the market after its entry: scale U·M. */
export function required(market, leverageLimit, size) {
  const value = size * market.price;
  const { initialFraction } = openInterestRules(market);
  const least = value * (leverageLimit > initialFraction ? leverageLimit : initialFraction);
  const { required: listed } = requirement(market, "initialFraction", value);
  const { required: maintenance } = requirement(market, "maintenanceFraction", value);
  return { initial: listed > least ? listed : least, maintenance };
}

/** An account's collateral after the funding of all its positions at the indices of `markets`: one floor. */
export function settledCollateral(at, account, markets) {
  const due = account.slots.reduce(
    (sum, p) => (p === null ? sum : sum + (markets.get(p.market).fundingIndex - p.fundingIndex) * p.size),
    0n,
  );
  const collateral = floorDiv(account.collateral * FUNDING_SCALE - due, FUNDING_SCALE);
  inRange(at, "collateral after settlement (ACC-6)", -SIGNED_64, SIGNED_64 - 1n, collateral);
  return collateral;
}

/** Why a liquidation was due, between which prices, for which fee, and that no less was enough. */
export function checkLiquidation(event, market) {
  const { at, lots, size, quote, fee, totalValue, maintenanceRequirement: mmr, initialRequirement: imr } = event;
  const { price, lot } = market;
  const long = event.short === 0n;
  const s = long ? 1n : -1n;
  const closed = lots * lot;
  inRange(at, "lots (LIQ-2, LIQ-3)", 1n, size / lot, lots);

  // What any account with this position has, so that the event's sums can be its own.
  const of = (held) => requirement(market, "maintenanceFraction", held * price);
  const { required: least } = of(size);
  need(at, mmr >= least, "MMR", `at least ${least} for this position`, mmr);
  need(at, imr >= mmr, "IMR", `at least the MMR of ${mmr}`, imr);
  need(at, M * totalValue < mmr, "M·TV (LIQ-5)", `below the MMR of ${mmr}`, M * totalValue);

  const { slope } = of(size - closed);
  const discount = floorDiv(U * slope * totalValue, mmr);
  const zeroPrice = price - s * floorDiv(price * discount, U);
  const round = long ? ceilDiv : floorDiv;
  const [zeroQuote, oracleQuote] = [round(closed * zeroPrice, U), round(closed * price, U)];
  const room = s * (quote - zeroQuote);
  need(at, room >= 0n, "quote (LIQ-9)", `no worse than the zero price's ${zeroQuote}`, quote);
  need(at, s * (oracleQuote - quote) >= 0n, "quote (LIQ-10)", `no better than the oracle's ${oracleQuote}`, quote);
  same(at, "fee (LIQ-11)", min(ceilDiv(quote * liquidationRate(market.liquidationFee, slope), M), room), fee);

  // One step less would not have been enough: a step is a lot, or the least order if nothing is left.
  const step = closed === size ? min(market.minLots * lot, closed) : lot;
  const less = closed - step;
  const loss = closed * price * s - quote * U * s + fee * U;
  const left = mmr - least + of(size - less).required;
  const needed = M * (totalValue * closed - loss * less) < closed * left;
  need(at, needed, "size (LIQ-12)", "no more than is needed", `${closed} of ${size}`);
}

/** Of an account to which nothing else happened: the numbers that the event must have, and what it has afterwards. */
export function liquidated(event, { pre, settled }, markets) {
  const numbers = { size: 0n, short: 0n, totalValue: settled * U, initialRequirement: 0n, maintenanceRequirement: 0n };
  const after = { collateral: settled - event.fee, size: 0n, entryQuote: 0n };
  for (const p of pre.slots) {
    if (p === null) continue;
    const { price, lot } = markets.get(p.market);
    const { initial, maintenance } = required(markets.get(p.market), pre.leverageLimit, abs(p.size));
    numbers.totalValue += p.size * price;
    numbers.initialRequirement += initial;
    numbers.maintenanceRequirement += maintenance;
    if (p.market !== event.market) continue;
    const long = p.size > 0n;
    const left = abs(p.size) - event.lots * lot;
    Object.assign(numbers, { size: abs(p.size), short: long ? 0n : 1n });
    after.collateral += long ? event.quote : -event.quote;
    after.size = long ? left : -left;
    after.entryQuote = (long ? floorDiv : ceilDiv)(p.entryQuote * left, abs(p.size));
  }
  return { numbers, after };
}
