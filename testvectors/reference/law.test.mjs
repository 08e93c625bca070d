// The law at its boundaries, with numbers that one can do in the head: a position of 1,000 units at a price of 1,000.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Difference } from "./difference.mjs";
import { afterEntry, checkLiquidation, liquidated, openInterestRules, required, settledCollateral } from "./law.mjs";
import { filled } from "./tiers.mjs";

const U = 1n << 32n;
const M = 1_000_000n;
const at = { batch: 1n };
const refuses = (run, id) => assert.throws(run, (error) => error instanceof Difference && error.what.includes(id));

const market = {
  price: 1000n * U, cutAt: 0n, asked: 1000n * U, ratedHour: 0n, beyond: 0n, still: false, stillAge: 300n, haltAge: 900n, status: 1n, maxPrice: 5000n * U, fundingIndex: 0n,
  fundingCap: 1_000_000n, lastTick: 600n,
  paidUntil: 600n, fundingRemainder: 0n, rate: 0n, inArrears: false, fundingInterval: 3600n,
  initialFraction: 50_000n, maintenanceFraction: 30_000n, liquidationFee: 5_000n, band: 100_000n, lot: 10n, minLots: 5n,
  openInterest: 0n, openGrowth: 0n, openNotionalLow: 0n, openNotionalHigh: 0n,
  tiers: filled([], { initialFraction: 50_000n, maintenanceFraction: 30_000n }),
};

/** Equity 20,000 where 30,000 are due; `lots` are closed at `each` per unit, for the fee of 0.5 %. */
function event({ short = 0n, lots = 40n, each = 1000n, ...changes }) {
  const quote = lots * market.lot * each;
  const requirement = 1_000_000n * U * M;
  return {
    at, short, lots, quote, size: 1000n, totalValue: 20_000n * U, fee: (quote + 199n) / 200n,
    maintenanceRequirement: (requirement * 3n) / 100n, initialRequirement: (requirement * 5n) / 100n, ...changes,
  };
}

test("a liquidation is accepted up to the size that is needed, long and short", () => {
  for (const short of [0n, 1n]) {
    for (const lots of [1n, 39n, 40n]) checkLiquidation(event({ short, lots }), market);
    for (const lots of [41n, 99n]) refuses(() => checkLiquidation(event({ short, lots }), market), "LIQ-12");
    for (const lots of [0n, 101n]) refuses(() => checkLiquidation(event({ short, lots }), market), "LIQ-2");
  }
});

test("a liquidation is due below the maintenance margin only", () => {
  checkLiquidation(event({ lots: 1n, totalValue: 30_000n * U - 1n, each: 1000n }), market);
  refuses(() => checkLiquidation(event({ lots: 1n, totalValue: 30_000n * U }), market), "LIQ-5");
});

test("a liquidation's quote is between zero price and oracle price, and its fee is the law's", () => {
  // Without equity the zero price is the oracle's: one quote is left, and no room for a fee.
  const broke = { totalValue: 0n, quote: 400_000n, fee: 0n };
  for (const short of [0n, 1n]) {
    checkLiquidation(event({ short, ...broke }), market);
    const [worse, better] = short === 0n ? [399_999n, 400_001n] : [400_001n, 399_999n];
    refuses(() => checkLiquidation(event({ short, ...broke, quote: worse }), market), "LIQ-9");
    refuses(() => checkLiquidation(event({ short, ...broke, quote: better }), market), "LIQ-10");
    for (const fee of [1_999n, 2_001n]) refuses(() => checkLiquidation(event({ short, fee }), market), "LIQ-11");
  }
  // The zero price is 2 % from the oracle's. Near it the fee is what room there is.
  checkLiquidation(event({ quote: 392_100n, fee: 99n, lots: 40n }), market);
});

test("a tick: the price is cut to the band once, then to the less extreme of two, and funding rounds down", () => {
  const entry = (changes) => ({ at, id: 1n, ticked: 1n, rate: 1n << 30n, fundingIndex: 0n, ...changes });
  const cut = entry({ asked: 1200n * U, price: 1100n * U });
  const first = afterEntry(cut, market, 899n);
  assert.deepEqual([first.beyond, first.cutAt, first.still], [1n, 899n, true]);
  // 990 to 1210 from here. 1200 was asked for, inside of that: beyond it no price is confirmed.
  const again = afterEntry(entry({ asked: 1211n * U, price: 1210n * U }), first, 900n);
  assert.deepEqual([again.beyond, again.cutAt, again.asked], [1n, 900n, 1211n * U]);
  const higher = { ...first, asked: 1300n * U };
  for (const [asked, price] of [[1211n, 1211n], [1300n, 1300n], [1301n, 1300n]]) {
    const confirmed = afterEntry(entry({ asked: asked * U, price: price * U }), higher, 900n);
    assert.deepEqual([confirmed.beyond, confirmed.cutAt, confirmed.still], [1n, asked === price ? 899n : 900n, true]);
  }
  // For fifteen minutes.
  afterEntry(entry({ asked: 1300n * U, price: 1300n * U }), higher, 1799n);
  const late = afterEntry(entry({ asked: 1300n * U, price: 1210n * U }), higher, 1800n);
  assert.deepEqual([late.cutAt, late.asked], [1800n, 1300n * U]);
  const lower = { ...first, asked: 900n * U };
  for (const [asked, price] of [[989n, 989n], [900n, 900n], [899n, 900n]]) {
    afterEntry(entry({ asked: asked * U, price: price * U }), lower, 900n);
  }
  const other = afterEntry(entry({ asked: 989n * U, price: 990n * U }), first, 900n);
  assert.deepEqual([other.beyond, other.cutAt], [2n, 900n]);
  refuses(() => afterEntry(entry({ asked: 989n * U, price: 989n * U }), first, 900n), "MKT-33");
  const inside = afterEntry(entry({ asked: 1210n * U, price: 1210n * U }), first, 958n);
  assert.deepEqual([inside.beyond, inside.still], [0n, true]);
  const idle = { at, id: 1n, ticked: 0n, price: 1210n * U, fundingIndex: 0n };
  for (const [time, still] of [[958n, true], [959n, false], [1258n, false], [1259n, true]]) {
    assert.equal(afterEntry(idle, inside, time).still, still, `at ${time}`);
  }
  assert.equal(afterEntry(idle, { ...inside, status: 2n }, 959n).still, true);
  refuses(() => afterEntry({ ...cut, price: 1100n * U + 1n }, market, 899n), "MKT-33");
  for (const asked of [0n, 5000n * U + 1n]) refuses(() => afterEntry(entry({ asked }), market, 899n), "MKT-6");
  for (const rate of [-1_000_001n, 1_000_001n]) {
    refuses(() => afterEntry(entry({ asked: 1n, rate: (1n << 30n) + rate }), market, 899n), "MKT-7");
  }
  // -1·10^-9 per hour on 1000·2^48, for two hours of which one counts after a rate of 0: -281474976.71…, so -281474977.
  const paid = entry({ asked: 1000n * U, price: 1000n * U, rate: (1n << 30n) - 1n, fundingIndex: -281_474_977n });
  const after = afterEntry(paid, market, 7_800n);
  assert.deepEqual([after.fundingIndex, after.paidUntil, after.rate, after.inArrears], [-281_474_977n, 7_800n, -1n, false]);
  refuses(() => afterEntry({ ...paid, fundingIndex: -281_474_976n }, market, 7_800n), "MKT-9");
});

test("a cut has the time of its epoch; the ends of the band are inside; each reason alone keeps a market still", () => {
  const entry = (changes) => ({ at, id: 1n, ticked: 1n, rate: 1n << 30n, fundingIndex: 0n, ...changes });
  const cut = afterEntry(entry({ asked: 1200n * U, price: 1100n * U }), market, 700n, 640n);
  assert.deepEqual([cut.cutAt, cut.lastTick], [640n, 640n]);
  for (const asked of [900n * U, 1100n * U]) {
    assert.deepEqual(afterEntry(entry({ asked, price: asked }), market, 700n).beyond, 0n);
  }
  const idle = { at, id: 1n, ticked: 0n, price: 1000n * U, fundingIndex: 0n };
  const fresh = { ...market, lastTick: 1000n, paidUntil: 1000n };
  assert.equal(afterEntry(idle, fresh, 1000n).still, false);
  assert.equal(afterEntry(idle, { ...fresh, beyond: 2n }, 1000n).still, true);
  const owing = { ...fresh, rate: 36n, fundingInterval: 1n, paidUntil: 990n };
  const index = ((36_000n << 48n) / 3_600_000_000_000n);
  assert.equal(afterEntry({ ...idle, fundingIndex: index }, owing, 1000n).still, true);
});

test("a signed rate is the one in force, but in the first tick of an hour", () => {
  const entry = (rate) => ({ at, id: 1n, ticked: 1n, rate: (1n << 30n) + rate, fundingIndex: 0n, asked: 1000n * U, price: 1000n * U });
  const before = { ...market, price: 1000n * U, lastTick: 3590n, paidUntil: 3600n };
  assert.deepEqual(afterEntry(entry(0n), before, 3600n, 3599n).ratedHour, 0n);
  refuses(() => afterEntry(entry(7n), before, 3600n, 3599n), "MKT-36");
  const first = afterEntry(entry(7n), before, 3600n, 3600n);
  assert.deepEqual([first.rate, first.ratedHour], [7n, 1n]);
  refuses(() => afterEntry(entry(8n), { ...first, lastTick: 3600n }, 3600n, 3610n), "MKT-36");
  // Owed for at the rate before: neither rate nor hour are taken.
  const kept = afterEntry(entry(7n), { ...before, inArrears: true }, 3600n, 3600n);
  assert.deepEqual([kept.rate, kept.ratedHour], [0n, 0n]);
  // The operator's word sets no hour.
  assert.deepEqual(afterEntry(entry(7n), before, 3600n).ratedHour, 0n);
});

test("a signed price has the time of its epoch, and is newer than the last one", () => {
  const entry = { at, id: 1n, ticked: 1n, rate: 1n << 30n, fundingIndex: 0n, asked: 900n * U, price: 900n * U };
  const before = { ...market, price: 950n * U, asked: 950n * U, lastTick: 890n };
  // Ages count from the epoch, funding is paid up to the batch.
  const after = afterEntry(entry, before, 1200n, 899n);
  assert.deepEqual([after.lastTick, after.still, after.paidUntil], [899n, true, 1200n]);
  assert.equal(afterEntry(entry, before, 1200n, 900n).still, false);
  refuses(() => afterEntry(entry, before, 905n, 890n), "MKT-24");
  // Without signers two ticks of one time are possible.
  assert.equal(afterEntry(entry, before, 890n).lastTick, 890n);
});

test("funding is paid at each opening: what is left over and what is cut off are owed on", () => {
  const start = { ...market, rate: 36n, inArrears: false };
  // 36·10^-9 per hour on 1000·2^48 is 10^-8·2^48 a second: 2814749.767….
  const entry = (fundingIndex, changes) => ({ at, id: 1n, ticked: 0n, price: 1000n * U, fundingIndex, ...changes });
  const first = afterEntry(entry(2_814_749n), start, 601n);
  assert.equal(first.fundingRemainder, ((36_000n << 48n) - 2_814_749n * 3_600_000_000_000n));
  const second = afterEntry(entry(5_629_499n), first, 602n);
  assert.deepEqual([second.fundingIndex, second.paidUntil], [(2n * (36_000n << 48n)) / 3_600_000_000_000n, 602n]);
  // An hour of three is paid, at the old rate whatever a tick asks for, and the next opening pays the next hour.
  const hour = 10_133_099_161n;
  const late = afterEntry(entry(hour), start, 600n + 10_800n);
  assert.deepEqual([late.paidUntil, late.inArrears, late.rate], [4_200n, true, 36n]);
  const asked = { ticked: 1n, asked: 1000n * U, rate: 1n << 30n };
  const next = afterEntry(entry(2n * hour + 1n, asked), late, 600n + 10_800n);
  assert.deepEqual([next.paidUntil, next.inArrears, next.rate], [7_800n, true, 36n]);
  const last = afterEntry(entry(3n * hour + 1n, asked), next, 600n + 10_800n);
  assert.deepEqual([last.paidUntil, last.inArrears, last.rate], [11_400n, false, 36n]);
  assert.equal(afterEntry(entry(3n * hour + 1n, asked), last, 600n + 10_800n).rate, 0n);
  refuses(() => afterEntry(entry(0n), start, 599n), "MKT-8");
});

test("open interest raises the initial fraction, and bounds itself", () => {
  const rules = (openInterest, openGrowth, high = 15_000n) =>
    openInterestRules({
      initialFraction: 100_000n, openInterest, openGrowth, openNotionalLow: 5_000n, openNotionalHigh: high, price: 100n * U,
    });
  for (const [openInterest, growth, initialFraction, limit] of [
    [100n, 0n, 100_000n, 100n], [101n, 0n, 104_500n, 101n], [150n, 25n, 550_000n, 200n], [299n, 3n, 1_000_000n, 300n],
    [500n, 0n, 1_000_000n, 300n],
  ]) {
    assert.deepEqual(rules(openInterest, growth), { initialFraction, limit });
  }
  assert.deepEqual(rules(500n, 0n, 0n), { initialFraction: 100_000n, limit: (1n << 64n) - 1n });
});

test("settlement has one floor for the account", () => {
  const markets = new Map([[1n, { fundingIndex: 1n }], [2n, { fundingIndex: U << 16n }]]);
  const slots = [{ market: 1n, size: 1n, fundingIndex: 0n }, null, { market: 2n, size: -2n, fundingIndex: 0n }];
  assert.equal(settledCollateral(at, { collateral: 10n, slots }, markets), 11n);
});

test("what is left of a liquidated account follows from the state before", () => {
  for (const [size, short, collateral, entryQuote] of [[1000n, 0n, 398_000n, 4n], [-1000n, 1n, -402_000n, 5n]]) {
    const pre = { leverageLimit: 60_000n, slots: [{ market: 1n, size, entryQuote: 7n }] };
    const done = { ...event({ short }), market: 1n };
    const { numbers, after } = liquidated(done, { pre, settled: 0n }, new Map([[1n, market]]));
    assert.equal(numbers.initialRequirement, 60_000n * 1_000_000n * U);
    assert.deepEqual(after, { collateral, size: (size * 6n) / 10n, entryQuote });
  }
});

/** Fractions of 5 % and 3 %, above 400,000 quanta 8 % and 6 %, above 800,000 quanta 12 % and 10 %. */
const tiered = {
  ...market,
  tiers: filled([
    { from: 400_000n, initialFraction: 80_000n, maintenanceFraction: 60_000n },
    { from: 800_000n, initialFraction: 120_000n, maintenanceFraction: 100_000n },
  ]),
};

test("each part of a position's value requires the fraction of its tier", () => {
  const cases = [
    [400n, 20_000n, 12_000n], [401n, 20_080n, 12_060n], [800n, 52_000n, 36_000n], [1000n, 76_000n, 56_000n],
  ];
  for (const [size, initial, maintenance] of cases) {
    assert.deepEqual(required(tiered, 0n, size), { initial: initial * U * M, maintenance: maintenance * U * M });
  }
  // An own limit of 10 % counts where it is more: 76,000 of 1,000,000 are less, 160,000 of 3,000,000 more.
  assert.equal(required(tiered, 100_000n, 1000n).initial, 100_000n * U * M);
  assert.equal(required(tiered, 100_000n, 3000n).initial, 316_000n * U * M);
});

test("a liquidation goes by the slope of what remains, and the fee by a sixth of it", () => {
  const due = (changes) => event({ maintenanceRequirement: 56_000n * U * M, initialRequirement: 76_000n * U * M, ...changes });
  // 600 units remain: 6 % of slope, so 20,000/56,000 of it above the zero price. The sixth is 1 %, above the fee.
  checkLiquidation(due({ lots: 20n }), tiered);
  // 390 remain: 3 % of slope; a fee of 0.5 % is just a sixth.
  const low = { ...tiered, liquidationFee: 9_000n };
  checkLiquidation(due({ lots: 61n, fee: 3050n, totalValue: 10_000n * U }), low);
  refuses(() => checkLiquidation(due({ lots: 61n, fee: 5490n, totalValue: 10_000n * U }), low), "LIQ-11");
});
