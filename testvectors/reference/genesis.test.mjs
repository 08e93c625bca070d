// A genesis with price signers, written by the Rust program, gives the same root here; and what is refused of it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { unpack } from "./bytes.mjs";
import { Difference } from "./difference.mjs";
import { genesisState } from "./genesis.mjs";
import { signersDigest } from "./state.mjs";

const PATH = fileURLToPath(new URL("signed-genesis.json", import.meta.url));
const read = () => JSON.parse(readFileSync(PATH, "utf8"));

const refuses = (edit, pattern) => {
  const file = read();
  edit(file);
  assert.throws(() => genesisState(file), (error) => error instanceof Difference && pattern.test(error.message));
};

test("three price signers, and the epoch of the genesis, are in the globals", () => {
  const state = genesisState(read());
  assert.equal(state.priceSigners, 3);
  assert.equal(state.globals.epoch, 100n);
  const keys = read().signers.map(({ x, y }) => ({ x: BigInt(x), y: BigInt(y) }));
  assert.equal(state.globals.signers, signersDigest(keys));
  assert.notEqual(signersDigest(keys), signersDigest(keys.toReversed()));
  assert.equal(signersDigest([]), 0n);
});

test("the element of the globals has the order counter and the epoch", () => {
  const fields = unpack({}, 7n + (9n << 36n), [["nextOrder", 36], ["epoch", 40]]);
  assert.deepEqual(fields, { nextOrder: 7n, epoch: 9n });
});

test("refuses other price signers", () => {
  refuses((file) => file.signers.pop(), /root/);
  refuses((file) => delete file.signers, /root/);
  refuses((file) => file.signers.reverse(), /root/);
  refuses((file) => (file.signers[2] = file.signers[0]), /signers\[2\]: expected a key of its own/);
  refuses((file) => (file.signers[1].x = file.signers[1].y), /signers\[1\]: expected a key of large order/);
  refuses((file) => (file.signers[1].x = "0x12"), /signers\[1\]\.x/);
  refuses((file) => (file.signers = file.signers[0]), /signers: expected a list/);
  refuses((file) => (file.signers = Array(9).fill(file.signers[0])), /number of signers: expected at most 8/);
});
