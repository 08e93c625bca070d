// Parameters of markets: what a listing and a configuration may make of them, and how a new market begins.
// Document: circuits/spec/src/ops-configure.md (CFG).
import { inRange, need, same } from "./difference.mjs";
import { liquidationRate } from "./tiers.mjs";

const M = 1_000_000n;
const DAY = 86_400n;
const [CLOSED, HALTED] = [0n, 3n];
const PARAMETERS = [
  "maxPrice", "maxSize", "openNotionalLow", "openNotionalHigh", "openGrowth", "fundingCap", "fundingInterval", "stillAge",
  "haltAge", "initialFraction", "maintenanceFraction", "tiers", "takerFee", "makerFee", "liquidationFee", "band", "collar", "lot",
  "tickQuote", "minLots", "status", "statedInterest", "premiumClamp",
];
const abs = (a) => (a < 0n ? -a : a);

const parametersOf = (from) => Object.fromEntries(PARAMETERS.map((name) => [name, from[name]]));

/** A market with these parameters and a first price, before its entry in `markets` (MKT-29). */
export function begun(entry, time) {
  return {
    ...parametersOf(entry), price: entry.price, asked: entry.price, fundingIndex: 0n, openInterest: 0n, rate: 0n, ratedHour: 0n, inArrears: false,
    beyond: 0n, still: false, lastTick: 0n, paidUntil: time, fundingRemainder: 0n, cutAt: 0n, configuredAt: 0n,
  };
}

/** The market that closes with an entry's parameters. `market` is as the batch would close it, `isNew` if it lists it. */
export function configured(entry, market, time, isNew) {
  const p = parametersOf(entry);
  inRange(entry.at, "status (CFG-3)", CLOSED, HALTED, p.status);
  checkParameters(entry.at, p, isNew ? entry.price : market.price, market.rate);
  if (!isNew) checkSteps(entry.at, p, market, time);
  need(entry.at, market.status !== CLOSED, "status before (CFG-17)", "not closed", market.status);
  const open = p.status === CLOSED ? market.openInterest : 0n;
  same(entry.at, "open interest of a closed market (CFG-18)", 0n, open);
  return { ...market, ...p, configuredAt: time };
}

/** What holds of a market's parameters, its price and its rate, whoever states them. */
export function checkParameters(at, p, price, rate) {
  inRange(at, "longest interval of funding (CFG-4)", 60n, 65_535n, p.fundingInterval);
  for (const name of ["stillAge", "maintenanceFraction", "lot", "tickQuote", "minLots"]) {
    need(at, p[name] >= 1n, `${name} (CFG-4)`, "1 or more", p[name]);
  }
  inRange(at, "initial fraction of the last tier (CFG-5)", 0n, M, p.tiers.at(-1).initialFraction);
  inRange(at, "maker's fee (CFG-5)", 0n, M, p.makerFee);
  inRange(at, "band (CFG-5)", 0n, M - 1n, p.band);
  inRange(at, "price (CFG-6)", 1n, p.maxPrice, price);
  inRange(at, "largest position at the highest price (CFG-7)", 0n, (1n << 95n) - 1n, p.maxPrice * p.maxSize);
  checkTiers(at, p);
  const rises = p.openNotionalHigh === 0n || p.openNotionalLow < p.openNotionalHigh;
  need(at, rises, "open interest from which the fraction rises (CFG-9)", `below ${p.openNotionalHigh}`, p.openNotionalLow);
  inRange(at, "smallest order (CFG-10)", 0n, p.maxSize, p.minLots * p.lot);
  inRange(at, "still age (CFG-21)", 0n, p.haltAge, p.stillAge);
  inRange(at, "funding (CFG-11)", 0n, 900_000n * p.maintenanceFraction, p.fundingCap * p.fundingInterval);
  inRange(at, "rate in force (CFG-12)", -p.fundingCap, p.fundingCap, rate);
}

/** Tiers ascend, and each leaves room for fees. */
function checkTiers(at, p) {
  // The second begins above 0: else no value would be in the first.
  const all = [{ ...p, from: 1n }, ...p.tiers];
  all.slice(1).forEach((tier, i) => {
    for (const name of ["from", "initialFraction", "maintenanceFraction"]) {
      const [before, now] = [all[i][name], tier[name]];
      need(at, now >= before, `${name} of tier ${i + 2} (CFG-22)`, `${before} or more`, now);
    }
  });
  all.forEach(({ initialFraction, maintenanceFraction }, i) => {
    const eaten = maintenanceFraction + liquidationRate(p.liquidationFee, maintenanceFraction) + p.takerFee;
    inRange(at, `maintenance fraction and fees of tier ${i + 1} (CFG-8)`, 0n, initialFraction, eaten);
  });
}

/** A value rises by a tenth, rounded down, and one at most; it may fall. */
const risesByATenth = (at, what, before, after) => inRange(at, `ten times ${what}`, 0n, 11n * before + 10n, 10n * after);

/** Of no value the slope rises by more than a tenth and one ppm. */
function checkTierSteps(at, p, market) {
  const before = [{ ...market, from: 0n }, ...market.tiers];
  p.tiers.forEach((tier, i) => {
    const [below, own] = [before[i], before[i + 1]];
    const falls = tier.from < own.from;
    need(at, !falls || tier.from >= below.from, `begin of tier ${i + 2} (CFG-23)`, `${below.from} or more`, tier.from);
    const fraction = (falls ? below : own).maintenanceFraction;
    risesByATenth(at, `the fraction of tier ${i + 2} (CFG-23)`, fraction, tier.maintenanceFraction);
  });
}

function checkSteps(at, p, market, time) {
  const holds = p.maxSize >= market.maxSize || 2n * p.maxSize >= market.openInterest;
  need(at, holds, "largest size (CFG-13)", `half of ${market.openInterest} or more`, p.maxSize);
  for (const name of ["maintenanceFraction", "liquidationFee"]) {
    const moved = 10n * abs(p[name] - market[name]);
    inRange(at, `ten times the step of ${name} (CFG-14)`, 0n, market[name] + 10n, moved);
  }
  risesByATenth(at, "the smallest order (CFG-14)", market.minLots, p.minLots);
  checkTierSteps(at, p, market);
  need(at, time >= market.configuredAt + DAY, "time (CFG-15)", `${market.configuredAt + DAY} or later`, time);
  same(at, "lot (CFG-16)", market.lot, p.lot);
  same(at, "tick (CFG-16)", market.tickQuote, p.tickQuote);
}
