// genesis.json and shape.toml. Document: docs/run-directory.md; limits of a listing: circuits/spec/src/state.md.
import { FIELD, bigEndian, digest31, hex } from "./bytes.mjs";
import { begun, checkParameters } from "./configure.mjs";
import { Difference, inRange, need, same } from "./difference.mjs";
import { EPOCH_SECONDS, HOUR_SECONDS } from "./law.mjs";
import { State, emptyAccount, marketWords, signersDigest } from "./state.mjs";
import { HIGHER_TIERS, filled } from "./tiers.mjs";

const at = { file: "genesis.json" };
const SIGNERS = 8;

/** Numbers of a market's leaf: name in the file, name here, width in bits. */
const PARAMETERS = [
  ["price", "price", 54], ["max_price", "maxPrice", 54], ["max_size", "maxSize", 56],
  ["open_notional_low", "openNotionalLow", 63], ["open_notional_high", "openNotionalHigh", 63], ["open_growth", "openGrowth", 56],
  ["still_age", "stillAge", 20], ["halt_age", "haltAge", 20],
  ["funding_cap", "fundingCap", 30],
  ["funding_interval", "fundingInterval", 16],
  ["initial_fraction", "initialFraction", 20], ["maintenance_fraction", "maintenanceFraction", 20],
  ["taker_fee", "takerFee", 20], ["maker_fee", "makerFee", 20], ["liquidation_fee", "liquidationFee", 20],
  ["band", "band", 20], ["lot", "lot", 40], ["tick_quote", "tickQuote", 40], ["min_lots", "minLots", 32],
  ["status", "status", 4],
];

/** A whole number of the file: a JSON number up to 2^53, or decimal digits in a string. */
function integer(name, value, bits) {
  const sure = Number.isSafeInteger(value) || (typeof value === "string" && /^(0|[1-9][0-9]*)$/.test(value));
  need(at, sure, name, "a whole number", JSON.stringify(value));
  inRange(at, name, 0n, (1n << BigInt(bits)) - 1n, BigInt(value));
  return BigInt(value);
}

function hexadecimal(name, value, digits) {
  const sure = typeof value === "string" && value.length === digits + 2 && /^0x[0-9a-f]+$/i.test(value);
  need(at, sure, name, `0x and ${digits} hexadecimal digits`, JSON.stringify(value));
  return BigInt(value);
}

/** The key of the pools, which is no point of the curve: no signature verifies under it (circuits/spec/src/state-account.md). */
const NOBODY = { x: 0n, y: 0n };

/** A key on BabyJubJub that is none of its eight points of small order (l1.md, L1-19). */
export function needKey(where, name, { x, y }) {
  const [xx, yy] = [(x * x) % FIELD, (y * y) % FIELD];
  const onCurve = (168700n * xx + yy - 1n - 168696n * xx * yy) % FIELD === 0n;
  const large = x !== 0n && y !== 0n && (168700n * xx - yy) % FIELD !== 0n;
  need(where, x < FIELD && y < FIELD && onCurve && large, name, "a key of large order", `${hex(x)}, ${hex(y)}`);
}

function keyOf(name, entry) {
  const key = { x: hexadecimal(`${name}.x`, entry?.x, 64), y: hexadecimal(`${name}.y`, entry?.y, 64) };
  needKey(at, name, key);
  return key;
}

/** Keys of the price signers, each once; absent or empty: there are none. */
function priceSigners(file) {
  const entries = file.signers ?? [];
  need(at, Array.isArray(entries), "signers", "a list", JSON.stringify(entries));
  need(at, entries.length <= SIGNERS, "number of signers", `at most ${SIGNERS}`, entries.length);
  const keys = entries.map((entry, i) => keyOf(`signers[${i}]`, entry));
  keys.forEach(({ x, y }, i) => {
    const first = keys.findIndex((key) => key.x === x && key.y === y);
    need(at, first === i, `signers[${i}]`, "a key of its own", `the key of signers[${first}]`);
  });
  return keys;
}

/** The tiers above the first that a market lists; absent: there are none. */
function tiersOf(entries, first) {
  const few = Array.isArray(entries) && entries.length <= HIGHER_TIERS;
  need(at, few, "markets.tiers", `a list of at most ${HIGHER_TIERS}`, JSON.stringify(entries));
  entries.forEach((entry, i) => {
    const other = Object.keys(entry ?? {}).find((name) => !["from", "initial_fraction", "maintenance_fraction"].includes(name));
    need(at, other === undefined, `markets.tiers[${i}]`, "no other field", other);
  });
  const listed = entries.map((entry, i) => ({
    from: integer(`markets.tiers[${i}].from`, entry?.from, 63),
    initialFraction: integer(`markets.tiers[${i}].initial_fraction`, entry?.initial_fraction, 20),
    maintenanceFraction: integer(`markets.tiers[${i}].maintenance_fraction`, entry?.maintenance_fraction, 20),
  }));
  const { initialFraction, maintenanceFraction } = first;
  return filled(listed, { initialFraction, maintenanceFraction });
}

/** The interest of signed rates, as leaves have it: with 2^30 more. */
function interest(value) {
  need(at, Number.isSafeInteger(value), "markets.interest", "a whole number", JSON.stringify(value));
  inRange(at, "markets.interest", -(1n << 30n), (1n << 30n) - 1n, BigInt(value));
  return BigInt(value) + (1n << 30n);
}

function market(entry, time) {
  const m = {};
  for (const [inFile, here, bits] of PARAMETERS) m[here] = integer(`markets.${inFile}`, entry[inFile], bits);
  m.tiers = tiersOf(entry.tiers === undefined ? [] : entry.tiers, m);
  m.statedInterest = interest(entry.interest ?? 0);
  m.premiumClamp = integer("markets.premium_clamp", entry.premium_clamp ?? 0, 25);
  m.collar = integer("markets.collar", entry.collar ?? 0, 10);
  checkParameters(at, m, m.price, 0n);
  return { ...begun(m, time), lastTick: time, ratedHour: time / HOUR_SECONDS };
}

/** Decimals of sizes may be below zero: lots of tens or thousands of units. */
function decimals(from, name) {
  const least = name === "size_decimals" ? -18 : 0;
  const fits = Number.isSafeInteger(from[name]) && from[name] >= least && from[name] <= 18;
  need(at, fits, name, `a whole number from ${least} to 18`, from[name]);
  return bigEndian(from[name], 4);
}

/** The digest of the configuration: names, decimals and the words of every market's leaf. */
function configDigest(file, markets) {
  const parts = [Buffer.from("zkmargin/config/v3"), decimals(file, "quote_decimals")];
  file.markets.forEach((entry, i) => {
    need(at, typeof entry.name === "string", "markets.name", "text", JSON.stringify(entry.name));
    const name = Buffer.from(entry.name, "utf8");
    need(at, name.length >= 1 && name.length <= 64, "markets.name", "1 to 64 bytes", name.length);
    parts.push(bigEndian(integer("markets.id", entry.id, 16), 2), bigEndian(name.length, 2), name);
    parts.push(decimals(entry, "price_decimals"), decimals(entry, "size_decimals"));
    parts.push(...marketWords(markets[i]).map((word) => bigEndian(word, 32)));
  });
  return digest31(Buffer.concat(parts));
}

/** The state before the first batch. The file's digest and root must be those that follow from the rest of it. */
export function genesisState(file) {
  same(at, "format", "zkmargin/genesis/v1", file.format);
  need(at, Array.isArray(file.markets), "markets", "a list", JSON.stringify(file.markets));
  const time = integer("time", file.time, 40);
  const feeOwner = keyOf("fee_owner", file.fee_owner);
  const signers = priceSigners(file);
  const markets = file.markets.map((entry) => market(entry, time));

  const config = configDigest(file, markets);
  same(at, "config_digest", config, hexadecimal("config_digest", file.config_digest, 62));

  const state = new State();
  state.priceSigners = signers.length;
  state.setAccount(1n, emptyAccount(feeOwner, 0n));
  let last = 0n;
  markets.forEach((m, i) => {
    const id = integer("markets.id", file.markets[i].id, 16);
    inRange(at, "markets.id", last + 1n, last + 1n, id);
    state.setMarket(id, m);
    last = id;
  });
  // Every listed market has a pool that nobody signs for, and so have the markets up to `pools`, listed or not.
  const pools = file.pools === undefined ? last : integer("pools", file.pools, 9);
  for (let id = 1n; id <= pools || id <= last; id++) state.setAccount(1n + id, emptyAccount(NOBODY, id));
  const epoch = time / EPOCH_SECONDS;
  state.setGlobals({ batch: 0n, nextOrder: 1n, deposits: 0n, time, epoch, config, signers: signersDigest(signers) });
  same(at, "root", hex(state.tree.root()), hex(hexadecimal("root", file.root, 64)));
  return state;
}

/** The few lines of TOML that a shape has: `name = "text"`, `key = number`, and the table `[capacities]`. */
export function readShape(text) {
  const shape = { capacities: {} };
  let table = shape;
  text.split("\n").forEach((raw, i) => {
    const line = raw.replace(/#.*$/, "").trim();
    const pair = /^([a-z_]+)\s*=\s*(?:"([^"]*)"|([0-9]+))$/.exec(line);
    if (line === "[capacities]") table = shape.capacities;
    else if (pair) table[pair[1]] = pair[2] ?? BigInt(pair[3]);
    else if (line !== "") throw new Difference({ file: "shape.toml" }, `line ${i + 1}`, "a key and a value", line);
  });
  need({ file: "shape.toml" }, typeof shape.id === "bigint", "id", "a number", shape.id);
  return shape;
}
