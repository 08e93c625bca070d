// Writes ../poseidon.json, ../eddsa.json, ../orders.json and ../price-lists.json with the libraries that JavaScript wallets use.
// `npm ci && node make.cjs`. Deterministic: the inputs come from SHA-256 of a counter.
const { createHash } = require("node:crypto");
const { writeFileSync } = require("node:fs");
const { join } = require("node:path");
const poseidon = require("poseidon-lite");
const eddsa = require("@zk-kit/eddsa-poseidon");
const { orderVectors } = require("./orders.cjs");
const { priceVectors } = require("./prices.cjs");

const r = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

const digest = (label) => createHash("sha256").update(`zkmargin/${label}`).digest();
const element = (label) => BigInt("0x" + digest(label).toString("hex")) % r;

/** Five input lists of one arity: all zero, all r - 1, counting, and two that look random. */
function inputLists(arity) {
  const list = (f) => Array.from({ length: arity }, (_, i) => f(i));
  return [
    list(() => 0n),
    list(() => r - 1n),
    list((i) => BigInt(i + 1)),
    list((i) => element(`a/${arity}/${i}`)),
    list((i) => element(`b/${arity}/${i}`)),
  ];
}

function poseidonVectors() {
  const vectors = [];
  for (let arity = 1; arity <= 12; arity++) {
    const hash = poseidon[`poseidon${arity}`];
    for (const inputs of inputLists(arity)) {
      vectors.push({
        inputs: inputs.map(String),
        digest: String(hash(inputs)),
        // The first four state elements, or all of them (circomlib's PoseidonEx).
        state: hash(inputs, Math.min(arity + 1, 4)).map(String),
      });
    }
  }
  return vectors;
}

function eddsaVectors() {
  const messages = [0n, 1n, r - 1n];
  for (let i = 3; i < 16; i++) messages.push(element(`message/${i}`));
  return messages.map((message, i) => {
    const seed = digest(`seed/${i}`);
    const key = eddsa.derivePublicKey(seed);
    const signature = eddsa.signMessage(seed, message);
    if (!eddsa.verifySignature(message, signature, key)) throw new Error(`vector ${i}`);
    return {
      seed: seed.toString("hex"),
      message: String(message),
      key: key.map(String),
      r: signature.R8.map(String),
      s: String(signature.S),
    };
  });
}

/** Integers become decimal text: JSON's numbers are too short for them. */
const text = (_, value) => (typeof value === "bigint" ? String(value) : value);
const write = (name, value) =>
  writeFileSync(join(__dirname, "..", name), JSON.stringify(value, text, 1) + "\n");
write("poseidon.json", poseidonVectors());
write("eddsa.json", eddsaVectors());
write("orders.json", orderVectors((wallet) => digest(`wallet/${wallet}`)));
write("price-lists.json", priceVectors((signer) => digest(`price signer/${signer}`)));
