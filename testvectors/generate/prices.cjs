// Signed lists of prices and premiums for ../price-lists.json, as docs/price-signers.md describes them; all integers are BigInt.
const eddsa = require("@zk-kit/eddsa-poseidon");
const { actionMessage } = require("./wallet.cjs");

const PRICES_PER_WORD = 4n;
const FIRST_SIGNER = 520n;
const LARGEST_PRICE = (1n << 54n) - 1n;

// ---- from a feed's decimal price to 32.32 quote quanta per base quantum

/** `[numerator, denominator]` of a decimal number such as `2500.25`. */
function fraction(text) {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text);
  if (!match) throw new RangeError(`${text} is no decimal number`);
  const [, whole, decimals = ""] = match;
  return [BigInt(whole + decimals), 10n ** BigInt(decimals.length)];
}

/** A unit of the base asset has `lot·10^size_decimals` base quanta; a quote token has `10^quoteDecimals` quote quanta. */
function scaled(text, { lot, size_decimals }, quoteDecimals) {
  let [numerator, denominator] = fraction(text);
  numerator *= 10n ** BigInt(quoteDecimals) << 32n;
  denominator *= lot;
  if (size_decimals >= 0) denominator *= 10n ** BigInt(size_decimals);
  else numerator *= 10n ** BigInt(-size_decimals);
  // Half up: the floor of the double and one more, halved.
  return (2n * numerator + denominator) / (2n * denominator);
}

// ---- from a feed's decimal premium, a fraction per hour, to 10^-9 per hour

const PREMIUM_OFFSET = 1n << 30n;

function scaledPremium(text) {
  const negative = text.startsWith("-");
  let [numerator, denominator] = fraction(negative ? text.slice(1) : text);
  numerator *= negative ? -(10n ** 9n) : 10n ** 9n;
  // Half up: the floor of the double and one more, halved; division cuts toward zero.
  const [twice, whole] = [2n * numerator + denominator, 2n * denominator];
  return twice / whole - (twice < 0n && twice % whole !== 0n ? 1n : 0n);
}

// ---- a list and its signature

/** The words that have a market of the list, ascending; `prices` is ascending by market. */
function itemsOf(prices) {
  const items = [];
  for (const { market, price } of prices) {
    const index = market / PRICES_PER_WORD;
    if (items.at(-1)?.index !== index) items.push({ kind: "prices", index, prices: [0n, 0n, 0n, 0n] });
    items.at(-1).prices[Number(market % PRICES_PER_WORD)] = price;
  }
  return items;
}

/** The same of premiums. */
function premiumItemsOf(premiums) {
  const items = [];
  for (const { market, premium } of premiums) {
    const index = market / PRICES_PER_WORD;
    if (items.at(-1)?.index !== index) items.push({ kind: "premiums", index, premiums: [0n, 0n, 0n, 0n] });
    items.at(-1).premiums[Number(market % PRICES_PER_WORD)] = premium + PREMIUM_OFFSET;
  }
  return items;
}

const hex = (value) => "0x" + value.toString(16).padStart(64, "0");
const quoted = (text) => `"${text}"`;
const object = (...fields) => `{${fields.map(([name, value]) => `${quoted(name)}:${value}`).join(",")}}`;

/** The file of a list: one object on one line. By hand, since JSON.stringify knows no integers beyond 2^53. */
function lineOf({ domain, signer, epoch, prices, premiums }, { R8, S }) {
  const price = ({ market, price }) => object(["market", market], ["price", quoted(price)]);
  const premium = ({ market, premium }) => object(["market", market], ["premium", premium]);
  const [what, entries] = premiums ? ["premiums", premiums.map(premium)] : ["prices", prices.map(price)];
  return object(
    ["format", quoted(`zkmargin/${what}/v1`)],
    ["chain_id", domain.chain_id],
    ["contract", quoted(domain.contract)],
    ["signer", signer],
    ["epoch", epoch],
    [what, `[${entries.join(",")}]`],
    ["r", object(["x", quoted(hex(R8[0]))], ["y", quoted(hex(R8[1]))])],
    ["s", quoted(hex(S))],
  );
}

function signedList(seed, list) {
  const { domain, signer, epoch, prices, premiums } = list;
  // Each kind in a lane of its own.
  const what = premiums ? { lane: "cancels", items: premiumItemsOf(premiums) } : { lane: "orders", items: itemsOf(prices) };
  const action = { strict: false, account: FIRST_SIGNER + signer, nonce: epoch, ...what };
  const computed = actionMessage(domain, action);
  const signature = eddsa.signMessage(seed, computed.message);
  const key = eddsa.derivePublicKey(seed);
  if (!eddsa.verifySignature(computed.message, signature, key)) throw new Error(`signer ${signer}`);
  return { computed, line: lineOf(list, signature) };
}

/** The price of which half of the signers, or more, say no more, and less than half say less. */
const lowerMedian = (prices) => prices.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))[(prices.length - 1) >> 1];

// ---- what is signed

const QUOTE_DECIMALS = 6;

/** Markets whose units the vectors need; the others are like the first. */
const units = [
  { market: 1n, size_decimals: 4, lot: 100_000n },
  // A price in quote quanta counts twice: each odd one is a tie.
  { market: 3n, size_decimals: 0, lot: 1n << 33n },
  // No price of it has a finite binary form.
  { market: 4n, size_decimals: 2, lot: 3n },
  { market: 6n, size_decimals: -3, lot: 1_000_000_000_000n },
  // A price is its number of quote quanta.
  { market: 511n, size_decimals: 0, lot: 1n << 32n },
];
const unitsOf = (market) => units.find((unit) => unit.market === market) ?? units[0];

const sepolia = { chain_id: 11155111n, contract: "0xc0ffee0123456789abcdef0123456789abcdef01" };
const widest = { chain_id: (1n << 64n) - 1n, contract: "0x" + "ff".repeat(20) };

/** What signer i of six states in one epoch: each another price, in five words; a seventh states one market. */
const together = Array.from({ length: 6 }, (_, i) => ({
  domain: sepolia,
  signer: BigInt(i),
  epoch: 101n,
  feed: [
    [1n, `${2500 - 3 * ((i * 5) % 6)}.${25 + i}`],
    [2n, "0.00000012"],
    [3n, `0.00000${2 * i + 1}`],
    [4n, `0.${String(7 ** (i + 4))}`],
    [6n, `1${"0".repeat(i)}`],
    [127n, `${60_000 + i}.123456789`],
    [128n, `${10 ** i}`],
    [511n, `1801439850${i}.481983`],
  ],
}));

const cases = [
  ...together,
  // A list of one word is a single item.
  { domain: sepolia, signer: 6n, epoch: 101n, feed: [[511n, "18014398509.481983"]] },
  // Everything at its widest: domain, signer, epoch, and both ends of a market's prices.
  { domain: widest, signer: 7n, epoch: (1n << 40n) - 1n, feed: [[3n, "0.000001"], [511n, "18014398509.481983"]] },
];

/** Premiums of the same signers: a list of five words, one of a single word, and one at its widest. */
const premiumCases = [
  {
    domain: sepolia,
    signer: 0n,
    epoch: 101n,
    feed: [[1n, "0.0000125"], [2n, "-0.0000125"], [3n, "0"], [4n, "0.0001"], [127n, "-0.000000001"], [511n, "0.0000000005"]],
  },
  { domain: sepolia, signer: 6n, epoch: 101n, feed: [[511n, "-0.0000000005"]] },
  { domain: widest, signer: 7n, epoch: (1n << 40n) - 1n, feed: [[3n, "1.073741823"], [511n, "-1.073741823"]] },
];

/** Premiums at ties and beside them, of both signs. */
const premiumRoundings = [
  "0", "0.0000000005", "0.00000000049999", "0.0000000015", "-0.0000000005", "-0.00000000050001", "-0.0000000015", "0.25", "-1",
];

/** Prices at ties and beside them, and with every sign of the power of ten. */
const roundings = [
  ["0.000001", 3n],
  ["0.00000099999999999", 3n],
  ["0.000003", 3n],
  ["0.00000299999999999", 3n],
  ["0.00000300000000001", 3n],
  ["0.000000499999999999", 511n],
  ["0.0000005", 511n],
  ["18014398509.481982499999999999", 511n],
  ["18014398509.4819825", 511n],
  ["0.01", 4n],
  ["0.02", 4n],
  ["123456.789", 6n],
  ["0.000000116415321826", 6n],
  ["0.000000116415321827", 6n],
  ["0.000000116415321826", 1n],
  ["0.000000116415321827", 1n],
  ["2500.25", 1n],
];

/** The file's value; `seedOf` gives the 32-byte seed of a signer's key. */
function priceVectors(seedOf) {
  const lists = cases.map(({ feed, ...list }) => {
    const priced = ([market, text]) => ({ market, price: scaled(text, unitsOf(market), QUOTE_DECIMALS) });
    const prices = feed.map(priced);
    const wide = prices.find(({ price }) => price < 1n || price > LARGEST_PRICE);
    if (wide) throw new RangeError(`market ${wide.market}: ${wide.price}`);
    const signed = signedList(seedOf(list.signer), { ...list, prices });
    const rows = feed.map(([market, price]) => `{"market": ${market}, "price": "${price}"}`);
    return { ...list.domain, signer: list.signer, epoch: list.epoch, feed: rows, ...signed };
  });
  const premiumLists = premiumCases.map(({ feed, ...list }) => {
    const premiums = feed.map(([market, text]) => ({ market, premium: scaledPremium(text) }));
    const signed = signedList(seedOf(list.signer), { ...list, premiums });
    const rows = feed.map(([market, premium]) => `{"market": ${market}, "premium": "${premium}"}`);
    return { ...list.domain, signer: list.signer, epoch: list.epoch, feed: rows, ...signed };
  });
  const stated = new Map();
  for (const { feed, epoch } of cases.filter((list) => list.epoch === 101n)) {
    for (const [market, text] of feed) {
      const price = scaled(text, unitsOf(market), QUOTE_DECIMALS);
      stated.set(market, [...(stated.get(market) ?? []), price]);
    }
  }
  const medians = [...stated].map(([market, prices]) => ({ market, median: lowerMedian(prices) }));
  const signers = Array.from({ length: 8 }, (_, i) => seedOf(i)).map((seed) => {
    const [x, y] = eddsa.derivePublicKey(seed);
    return { seed: seed.toString("hex"), x: hex(x), y: hex(y) };
  });
  const rounded = roundings.map(([price, market]) => ({
    price,
    market,
    scaled: scaled(price, unitsOf(market), QUOTE_DECIMALS),
  }));
  const premiumsRounded = premiumRoundings.map((premium) => ({ premium, scaled: scaledPremium(premium) }));
  return {
    quote_decimals: QUOTE_DECIMALS, units, signers, lists, medians, roundings: rounded, premium_lists: premiumLists,
    premium_roundings: premiumsRounded,
  };
}

module.exports = { priceVectors };
