// Signed actions for ../orders.json, in the sequence in which they can be applied.
const eddsa = require("@zk-kit/eddsa-poseidon");
const { actionMessage } = require("./wallet.cjs");

const domain = { chain_id: 11155111n, contract: "0xc0ffee0123456789abcdef0123456789abcdef01" };
const recipient = "0xd15ea5e0123456789abcdef0123456789abcdef5";

/** A resting order of market 1 that never expires in practice; `changes` replaces fields. */
const order = (side, limit, lots, changes = {}) => ({
  kind: "order",
  market: 1n,
  side,
  limit,
  lots,
  flags: [],
  max_fee: 1_000n,
  expiry: 4_102_444_800n,
  ...changes,
});

/** An item that gives the account the key of another wallet's seed. */
const changeKey = (wallet) => (keyOf) => {
  const [x, y] = keyOf(wallet);
  return { kind: "change_key", x, y };
};

// Order ids count from 1 in the sequence of the items; accounts of users from 600.
const actions = [
  {
    name: "a single order",
    wallet: "alice",
    account: 600n,
    nonce: 1n,
    items: [order("buy", 100n, 50n)], // order 1
  },
  {
    name: "a strict order that takes",
    wallet: "bob",
    account: 601n,
    nonce: 1n,
    strict: true,
    items: [order("sell", 99n, 30n, { flags: ["immediate_or_cancel"], max_fee: 500n })], // order 2
  },
  {
    name: "five orders and a cancel",
    wallet: "alice",
    account: 600n,
    nonce: 7n,
    items: [
      order("buy", 97n, 20n, { flags: ["post_only"] }), // order 3
      order("buy", 96n, 40n),
      { kind: "cancel", order: 1n },
      order("sell", 105n, 10n, { flags: ["post_only", "reduce_only"] }),
      order("sell", 104n, 12n, { flags: ["fill_or_kill"] }),
      // Every field at its widest.
      order("sell", (1n << 32n) - 1n, (1n << 56n) - 1n, {
        flags: ["reduce_only", "immediate_or_cancel"],
        max_fee: (1n << 20n) - 1n,
        expiry: (1n << 36n) - 1n,
      }),
    ],
  },
  {
    name: "a single cancel in the lane of cancels",
    wallet: "alice",
    account: 600n,
    lane: "cancels",
    nonce: 1n,
    strict: true,
    items: [{ kind: "cancel", order: 3n }],
  },
  {
    name: "a withdrawal",
    wallet: "alice",
    account: 600n,
    nonce: 8n,
    items: [{ kind: "withdraw", amount: 123_456_789n, recipient }],
  },
  {
    name: "a new key",
    wallet: "bob",
    account: 601n,
    nonce: 2n,
    items: [changeKey("bob's new one")],
  },
  {
    name: "a transfer to a new isolated account",
    wallet: "bob",
    account: 601n,
    nonce: 1n << 20n,
    items: [{ kind: "transfer", to: 0n, amount: 5_000_000n, mode_market: 1n }],
  },
  {
    name: "a limit of the account's own leverage",
    wallet: "alice",
    account: 600n,
    nonce: 9n,
    items: [{ kind: "set_leverage", limit: 1_000_000n }],
  },
  {
    name: "an isolated account that becomes cross",
    wallet: "alice",
    account: 602n,
    nonce: 1n,
    items: [{ kind: "set_mode", mode_market: 0n }],
  },
];

/** The file's value; `seedOf` gives the 32-byte seed of a wallet's key. */
function orderVectors(seedOf) {
  const keyOf = (wallet) => eddsa.derivePublicKey(seedOf(wallet));
  const cases = actions.map(({ name, wallet, ...rest }) => {
    const items = rest.items.map((item) => (typeof item === "function" ? item(keyOf) : item));
    const action = { lane: "orders", strict: false, ...rest, items };
    const seed = seedOf(wallet);
    const key = eddsa.derivePublicKey(seed);
    const computed = actionMessage(domain, action);
    const signature = eddsa.signMessage(seed, computed.message);
    if (!eddsa.verifySignature(computed.message, signature, key)) throw new Error(name);
    return { name, key, ...action, computed, signature: { r: signature.R8, s: signature.S } };
  });
  return { domain, cases };
}

module.exports = { orderVectors };
