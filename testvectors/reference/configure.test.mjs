// Configurations of markets at the bounds of their rules (CFG). Run: node --test
import assert from "node:assert/strict";
import test from "node:test";
import { begun, configured } from "./configure.mjs";
import { filled } from "./tiers.mjs";

const at = { batch: 1n, list: "configurations", entry: 0, element: 0 };
const NOW = 87_400n;

const PARAMETERS = {
  maxPrice: 1n << 45n, maxSize: 1n << 40n, openNotionalLow: 0n, openNotionalHigh: 0n, openGrowth: 0n, statedInterest: 1n << 30n, premiumClamp: 0n, fundingCap: 1_000_000n,
  fundingInterval: 3_600n, stillAge: 60n, haltAge: 900n, initialFraction: 100_000n, maintenanceFraction: 50_000n, takerFee: 500n,
  makerFee: 200n, liquidationFee: 5_000n, band: 200_000n, collar: 0n, lot: 1n, tickQuote: 1n, minLots: 10n, status: 1n,
  tiers: filled([], { initialFraction: 100_000n, maintenanceFraction: 50_000n }),
};
const oneTier = (initialFraction, maintenanceFraction) => ({
  initialFraction, maintenanceFraction, tiers: filled([], { initialFraction, maintenanceFraction }),
});
const second = (from, initialFraction, maintenanceFraction) => ({
  tiers: filled([{ from, initialFraction, maintenanceFraction }]),
});
const MARKET = {
  ...PARAMETERS, price: 100n << 32n, rate: -777n, openInterest: 5_000n, configuredAt: 1_000n, lastTick: NOW, cutAt: 0n, asked: 100n << 32n, ratedHour: 0n,
};

const change = (entry, market = {}) => configured({ at, price: 0n, ...PARAMETERS, ...entry }, { ...MARKET, ...market }, NOW, false);

test("all parameters are the new ones, and the rest is kept", () => {
  const after = change({ minLots: 11n, status: 3n });
  assert.deepEqual(after, { ...MARKET, minLots: 11n, status: 3n, configuredAt: NOW });
});

test("each rule holds at its bound and is refused one beyond", () => {
  const cases = [
    ["CFG-4", { minLots: 1n }, { minLots: 0n }],
    ["CFG-4", { fundingInterval: 60n }, { fundingInterval: 59n }],
    ["CFG-5", { band: 999_999n }, { band: 1_000_000n }],
    ["CFG-3", { status: 3n }, { status: 4n }],
    ["CFG-6", { maxPrice: 100n << 32n }, { maxPrice: (100n << 32n) - 1n }],
    ["CFG-7", { maxSize: (1n << 50n) - 1n }, { maxSize: 1n << 50n }],
    ["CFG-8", oneTier(55_500n, 50_000n), oneTier(55_499n, 50_000n)],
    ["CFG-8", second(7n, 100_000n, 54_999n), { ...second(7n, 100_000n, 54_999n), takerFee: 40_002n }],
    ["CFG-22", second(1n, 100_000n, 50_000n), second(0n, 100_000n, 50_000n)],
    ["CFG-22", second(7n, 100_000n, 50_000n), second(7n, 99_999n, 50_000n)],
    ["CFG-22", second(7n, 100_000n, 50_000n), second(7n, 100_000n, 49_999n)],
    ["CFG-23", second(7n, 100_000n, 55_001n), second(7n, 100_000n, 55_002n)],
    ["CFG-9", { openNotionalLow: 7n, openNotionalHigh: 8n }, { openNotionalLow: 7n, openNotionalHigh: 7n }],
    ["CFG-10", { minLots: 5_000n, maxSize: 5_000n }, { minLots: 5_001n, maxSize: 5_000n }, { minLots: 5_000n }],
    ["CFG-21", { stillAge: 900n }, { stillAge: 901n }],
    ["CFG-11", { fundingCap: 12_500_000n }, { fundingCap: 12_500_001n }],
    ["CFG-12", { fundingCap: 777n }, { fundingCap: 776n }],
    ["CFG-13", { maxSize: 2_500n }, { maxSize: 2_499n }],
    ["CFG-14", oneTier(100_000n, 55_001n), oneTier(100_000n, 55_002n)],
    ["CFG-14", { liquidationFee: 4_499n }, { liquidationFee: 4_498n }],
    ["CFG-14", { minLots: 12n }, { minLots: 13n }],
    ["CFG-14", { minLots: 1_102n }, { minLots: 1_103n }, { minLots: 1_001n }],
    ["CFG-14", { minLots: 1n }, { minLots: 1_103n }, { minLots: 1_001n }],
    ["CFG-16", { lot: 1n }, { lot: 2n }],
    ["CFG-16", { tickQuote: 1n }, { tickQuote: 2n }],
  ];
  for (const [id, good, bad, before] of cases) {
    change(good, before);
    assert.throws(() => change(bad, before), (error) => String(error.message).includes(id), id);
  }
});

test("a tier may begin lower, by the fraction and the begin of the one below it", () => {
  const tiers = (from, third) => filled([
    { from, initialFraction: 100_000n, maintenanceFraction: 55_001n },
    { from: third, initialFraction: 100_000n, maintenanceFraction: 70_000n },
  ]);
  const before = { tiers: tiers(9n, 20n) };
  change({ tiers: tiers(8n, 20n) }, before);
  assert.throws(() => change({ tiers: tiers(8n, 9n) }, before), /CFG-23/);
  const third = (from) => filled([
    { from: 8n, initialFraction: 100_000n, maintenanceFraction: 55_001n },
    { from, initialFraction: 100_000n, maintenanceFraction: 60_502n },
  ]);
  change({ tiers: third(9n) }, before);
  assert.throws(() => change({ tiers: third(8n) }, before), /CFG-23/);
});

test("a step waits for a day, and a closed market stays closed", () => {
  assert.throws(() => change({}, { configuredAt: 1_001n }), /CFG-15/);
  assert.throws(() => change({}, { status: 0n }), /CFG-17/);
  assert.throws(() => change({ status: 0n }), /CFG-18/);
  assert.equal(change({ status: 0n }, { openInterest: 0n }).status, 0n);
});

test("a listed market begins with a price and nothing else", () => {
  const entry = { at, ...PARAMETERS, price: 5n << 32n };
  const market = begun(entry, NOW);
  assert.deepEqual([market.price, market.paidUntil, market.lastTick, market.openInterest], [5n << 32n, NOW, 0n, 0n]);
  assert.equal(configured(entry, market, NOW, true).configuredAt, NOW);
  const closed = { ...entry, status: 0n };
  assert.throws(() => configured(closed, begun(closed, NOW), NOW, true), /CFG-17/);
});
