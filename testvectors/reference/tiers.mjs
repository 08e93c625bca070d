// Tiers of a market: what the value of a position requires. Document: circuits/spec/src/margin.md (Tiers).
const U = 1n << 32n;

/** Tiers above the first. */
export const HIGHER_TIERS = 8;
/** Where a tier begins that a market does not use. */
const NEVER = (1n << 63n) - 1n;
/** The rate of a liquidation's fee is at most this part of the maintenance fraction. */
const FEE_PARTS = 6n;

/** All higher tiers of a market that lists some: the rest begin nowhere, with the fractions of the last. */
export function filled(listed, first) {
  const last = listed.at(-1) ?? first;
  return [...listed, ...Array(HIGHER_TIERS - listed.length).fill({ ...last, from: NEVER })];
}

/**
 * The line of the tier in which a value of scale U lies: slope (ppm) and what it requires, scale U·M, by `fraction`,
 * `initialFraction` or `maintenanceFraction`. Each part of the value counts by the fraction of its tier.
 */
export function requirement(market, fraction, value) {
  let slope = market[fraction];
  let required = 0n;
  let from = 0n;
  for (const tier of market.tiers) {
    const end = tier.from * U;
    if (value <= end) break;
    required += (end - from) * slope;
    [slope, from] = [tier[fraction], end];
  }
  return { slope, required: required + (value - from) * slope };
}

/** The rate of a liquidation's fee where the slope of the maintenance requirement is `slope` (LFEE-1). */
export const liquidationRate = (listed, slope) => (listed < slope / FEE_PARTS ? listed : slope / FEE_PARTS);
