// What a wallet computes before it signs: item words, chunk chain, header, message.
// All integers are BigInt; see circuits/spec/src/wallets.md for the fields and their widths.
const { poseidon2, poseidon3, poseidon5 } = require("poseidon-lite");

const VERSION = 1n;
const ITEMS_PER_CHUNK = 4;

/** Sum of `[value, width, shift]`. Throws where a value is wider than its place. */
function pack(...fields) {
  return fields.reduce((word, [value, width, shift]) => {
    if (value < 0n || value >> width !== 0n) throw new RangeError(`${value} needs more than ${width} bits`);
    return word + (value << shift);
  }, 0n);
}

const FLAGS = ["post_only", "reduce_only", "immediate_or_cancel", "fill_or_kill"];
const flagBits = (flags) =>
  flags.reduce((bits, name) => {
    if (!FLAGS.includes(name)) throw new RangeError(`unknown flag ${name}`);
    return bits | (1n << BigInt(FLAGS.indexOf(name)));
  }, 0n);

const WORDS = {
  order: (o) =>
    pack(
      [1n, 4n, 244n],
      [o.market, 16n, 0n],
      [o.side === "sell" ? 1n : 0n, 1n, 16n],
      [o.limit, 32n, 17n],
      [o.lots, 56n, 49n],
      [flagBits(o.flags), 4n, 105n],
      [o.max_fee, 20n, 109n],
      [o.expiry, 36n, 129n],
    ),
  cancel: (c) => pack([2n, 4n, 244n], [c.order, 36n, 0n]),
  withdraw: (w) => pack([3n, 4n, 244n], [w.amount, 64n, 0n], [BigInt(w.recipient), 160n, 64n]),
  transfer: (t) =>
    pack([4n, 4n, 244n], [t.to, 36n, 0n], [t.amount, 64n, 36n], [t.mode_market, 16n, 100n]),
  set_leverage: (l) => pack([5n, 4n, 244n], [l.limit, 20n, 0n]),
  set_mode: (m) => pack([6n, 4n, 244n], [m.mode_market, 16n, 0n]),
  // Of the new key, the low bits of its hash.
  change_key: (k) => pack([7n, 4n, 244n], [poseidon2([k.x, k.y]) % (1n << 240n), 240n, 0n]),
  // Of price signers only: four prices, of the markets from 4·index on.
  prices: (p) =>
    pack([15n, 4n, 244n], [p.index, 8n, 0n], ...p.prices.map((price, i) => [price, 54n, 8n + 54n * BigInt(i)])),
  // Of price signers only: four premiums with 2^30 more, 0 for none.
  premiums: (p) =>
    pack([14n, 4n, 244n], [p.index, 8n, 0n], ...p.premiums.map((premium, i) => [premium, 31n, 8n + 31n * BigInt(i)])),
};

const itemWord = (item) => WORDS[item.kind](item);

/** `H_1, H_2, …` over the words, four a link, the last link padded with zeros. */
function chain(words) {
  const links = [];
  let last = 0n;
  for (let i = 0; i < words.length; i += ITEMS_PER_CHUNK) {
    const chunk = Array.from({ length: ITEMS_PER_CHUNK }, (_, j) => words[i + j] ?? 0n);
    last = poseidon5([last, ...chunk]);
    links.push(last);
  }
  return links;
}

/** The message of an action and everything on the way to it. */
function actionMessage(domain, action) {
  const words = action.items.map(itemWord);
  if (words.length === 0) throw new RangeError("an action has at least one item");
  const single = words.length === 1;
  const links = single ? [] : chain(words);
  const payload = single ? words[0] : links[links.length - 1];
  const domainWord = pack([BigInt(domain.contract), 160n, 0n], [domain.chain_id, 64n, 160n]);
  const header = pack(
    [single ? 1n : 2n, 8n, 0n],
    [action.lane === "cancels" ? 1n : 0n, 1n, 8n],
    [action.strict ? 1n : 0n, 1n, 9n],
    [action.account, 36n, 10n],
    [action.nonce, 40n, 46n],
    [BigInt(links.length), 16n, 86n],
    [VERSION, 8n, 102n],
  );
  const message = poseidon3([domainWord, header, payload]);
  return { words, chain: links, domain_word: domainWord, header, payload, message };
}

module.exports = { actionMessage };
