// The committed run is clean; whatever is changed in it is refused where it stands. `npm ci && node --test`.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { audit } from "./audit.mjs";
import { ELEMENT_BYTES, FIELD, elementsOf, hex } from "./bytes.mjs";
import { decodeHeader, decodeLists, placesOf } from "./decode.mjs";
import { Difference } from "./difference.mjs";
import { readShape } from "./genesis.mjs";

const RUN = fileURLToPath(new URL("../runs/demo", import.meta.url));
const PROGRAM = fileURLToPath(new URL("audit.mjs", import.meta.url));
const BATCHES = 12;
const scratch = mkdtempSync(join(tmpdir(), "zkmargin-reference-"));
after(() => rmSync(scratch, { recursive: true }));

const folder = (batch) => `batch-${String(batch).padStart(4, "0")}`;
const bytesOf = (directory, batch) => join(directory, folder(batch), "bytes.bin");
const placesOfRun = (run) => placesOf(readShape(readFileSync(join(run, "shape.toml"), "utf8")));
const { lists } = placesOfRun(RUN);

/** A signed run in which owners change modes and keys. */
const OWNERS = fileURLToPath(new URL("../runs/owners", import.meta.url));
const ownersPlaces = placesOfRun(OWNERS);
const ownersList = (name) => ownersPlaces.lists.find((list) => list.name === name);

/** A copy of a run's first batches. */
function copy(batches, run = RUN) {
  const directory = mkdtempSync(join(scratch, "run-"));
  for (const name of ["genesis.json", "shape.toml"]) cpSync(join(run, name), join(directory, name));
  for (let batch = 1; batch <= batches; batch++) {
    mkdirSync(join(directory, folder(batch)));
    cpSync(bytesOf(run, batch), bytesOf(directory, batch));
  }
  return directory;
}

/** A copy in which the lowest bit at `bit` of an element of its last batch is turned. */
function turned({ batch, element, bit }, run = RUN) {
  const directory = copy(batch, run);
  const bytes = readFileSync(bytesOf(directory, batch));
  bytes[(element + 1) * ELEMENT_BYTES - 1 - (bit >> 3)] ^= 1 << (bit & 7);
  writeFileSync(bytesOf(directory, batch), bytes);
  return directory;
}

function editedGenesis(edit) {
  const directory = copy(1);
  const path = join(directory, "genesis.json");
  const file = JSON.parse(readFileSync(path, "utf8"));
  edit(file);
  writeFileSync(path, JSON.stringify(file));
  return directory;
}

/** A hexadecimal number with another last digit. */
const otherDigit = (text) => text.slice(0, -1) + (text.endsWith("0") ? "1" : "0");

const refusal = (pattern) => (error) => error instanceof Difference && pattern.test(error.message);
const refuses = (directory, pattern) => assert.throws(() => audit(directory), refusal(pattern));

/** The first batch from `from` on in which a list has an entry, and the first element of that entry. */
function firstEntry(from, name) {
  const { start, capacity, layout } = lists.find((list) => list.name === name);
  for (let batch = from; batch <= BATCHES; batch++) {
    const elements = elementsOf({}, readFileSync(bytesOf(RUN, batch)));
    for (let row = 0; row < capacity; row++) {
      const first = start + row * layout.length;
      if (elements[first] !== 0n) return { batch, first };
    }
  }
  throw new Error(`no entry of ${name} from batch ${from} on`);
}

test("the committed run is clean, and its last root is the header's", () => {
  const summary = audit(RUN);
  const header = decodeHeader(12n, elementsOf({}, readFileSync(bytesOf(RUN, BATCHES))));
  assert.equal(summary.root, hex(header.newRoot));
  assert.equal(summary.batches, BATCHES);
  assert.ok(summary.liquidations > 0 && summary.withdrawals > 0 && summary.transfers > 0);
});

test("a run with flat accounts, one of which places an order that rests, is clean", () => {
  assert.equal(audit(fileURLToPath(new URL("../runs/flat", import.meta.url))).batches, 5);
});

/** Lists whose bits are turned in the run of owners: the demo's flow has no such changes. */
const OF_OWNERS = ["mode_changes", "rekeys"];

test("a run in which owners change modes and keys is clean, and each bit of such a change is found", () => {
  assert.equal(audit(OWNERS).batches, 6);
  for (const name of OF_OWNERS) {
    const { start, layout } = ownersList(name);
    for (const [word, fields] of layout.entries()) {
      let bit = 0;
      for (const [, width] of fields) {
        refuses(turned({ batch: 1, element: start + word, bit }, OWNERS), /^batch 1, /);
        bit += width;
      }
    }
  }
});

test("refuses a change of mode or of a key that nobody signed, or that says nothing", () => {
  const at = (name) => ownersList(name).start;
  // Of account 601 in batch 1 the mode's market is 1, and its order nonce 1.
  const element = at("mode_changes");
  refuses(turned({ batch: 1, element, bit: 201 }, OWNERS), /new mode|mode/);
  refuses(turned({ batch: 1, element, bit: 100 }, OWNERS), /one whose nonce moved/);
  // The key of account 600, given to 601 or to an account that is not there.
  refuses(turned({ batch: 1, element: at("rekeys"), bit: 0 }, OWNERS), /root/);
  refuses(turned({ batch: 1, element: at("rekeys"), bit: 5 }, OWNERS), /account of a new key/);
  refuses(turned({ batch: 1, element: at("rekeys") + 2, bit: 0 }, OWNERS), /new key/);
});

/** A run whose prices four signers sign: batches 1, 3 and 5 tick. */
const PRICED = fileURLToPath(new URL("../runs/priced", import.meta.url));

test("a run with price signers is clean, and both ends of each field of a tick and of its epoch are found", () => {
  const { batches, priceSigners, ticks } = audit(PRICED);
  assert.deepEqual({ batches, priceSigners, ticks }, { batches: 6, priceSigners: 4, ticks: 9 });
  for (const name of ["markets", "globals"]) {
    const { start, layout } = placesOfRun(PRICED).lists.find((list) => list.name === name);
    let low = 0;
    for (const [, width] of layout[0]) {
      for (const bit of [low, low + width - 1]) refuses(turned({ batch: 3, element: start, bit }, PRICED), /^batch 3, /);
      low += width;
    }
  }
});

test("refuses an epoch of prices before the last one, after its batch's time, or that moves where no market ticks", () => {
  const element = placesOfRun(PRICED).lists.find(({ name }) => name === "globals").start;
  const epochOf = (batch) => elementsOf({}, readFileSync(bytesOf(PRICED, batch)))[element] >> 36n;
  assert.ok(epochOf(1) < epochOf(3) && epochOf(3) === epochOf(4));
  const moved = (batch, epoch) => {
    const directory = copy(batch, PRICED);
    const bytes = readFileSync(bytesOf(directory, batch));
    const end = (element + 1) * ELEMENT_BYTES;
    const counter = BigInt("0x" + bytes.subarray(end - ELEMENT_BYTES, end).toString("hex")) % (1n << 36n);
    bytes.write((counter + (epoch << 36n)).toString(16).padStart(2 * ELEMENT_BYTES, "0"), end - ELEMENT_BYTES, "hex");
    writeFileSync(bytesOf(directory, batch), bytes);
    return directory;
  };
  assert.equal(audit(moved(3, epochOf(3))).batches, 3);
  refuses(moved(3, epochOf(1) - 1n), /epoch of prices/);
  refuses(moved(3, epochOf(3) + 1n), /epoch of prices|time of the tick|list markets|new root/);
  refuses(moved(3, epochOf(3) + 10n), /epoch of prices/);
  refuses(moved(4, epochOf(4) + 1n), /epoch of prices|new root/);
});

test("refuses a new key whose upper part is the modulus's", () => {
  const { start } = ownersList("rekeys");
  const decoded = (x, y) => {
    const elements = Array(ownersPlaces.count).fill(0n);
    [elements[start], elements[start + 1]] = [600n + (x << 36n), y << 128n];
    return decodeLists(1n, elements, ownersPlaces).rekeys;
  };
  const [x, y] = [FIELD >> 128n, FIELD >> 136n];
  assert.equal(decoded(x - 1n, y - 1n).length, 1);
  assert.throws(() => decoded(x, 0n), /upper part of x/);
  assert.throws(() => decoded(0n, y), /upper part of y/);
});

test("refuses a bit turned in any element of the header", () => {
  // Another time of the batch: funding is due for another time.
  const named = /^batch 2, list (header|markets, entry \d+), element/;
  for (let element = 0; element < 10; element++) {
    for (const bit of [0, 127, 247]) refuses(turned({ batch: 2, element, bit }), named);
  }
});

// From which batch on an entry of the list is looked for, and for each of its elements bits that must not be turned.
const TURNS = {
  deposits: { batch: 1, bits: [[0, 126, 190, 206, 242], [0, 128, 246], [0, 136]] },
  cross_accounts: { batch: 2, bits: [[0, 36, 100, 140, 180, 200, 201, 217]] },
  isolated_accounts: { batch: 2, bits: [[0, 36, 100, 140, 180, 200, 201, 217]] },
  positions: { batch: 2, bits: [[0, 12, 16, 32, 33, 89, 152]] },
  withdrawals: { batch: 2, bits: [[160, 224]] },
  transfers: { batch: 2, bits: [[0, 36, 136, 137]] },
  orders: { batch: 2, bits: [[0, 36, 72, 88, 89, 121, 177, 181, 201, 241]] },
  markets: { batch: 2, bits: [[0, 9, 63, 159, 245]] },
  liquidations: { batch: 2, bits: [[0, 36, 108, 124, 125, 181, 244], [0, 100, 220], [0, 120, 176, 239]] },
  globals: { batch: 2, bits: [[0, 36, 75, 76]] },
};

/** Lists whose entries hang on those of another: what does not fit may be said of either. */
const NEAR = "accounts|cross_accounts|isolated_accounts|positions";

for (const [name, { batch: from, bits }] of Object.entries(TURNS)) {
  test(`refuses a bit turned in ${name}, and names the list, one that hangs on it, or a root`, () => {
    const { batch, first } = firstEntry(from, name);
    bits.forEach((ofElement, i) => {
      const named = new RegExp(`^batch ${batch}, (list (${name}|${NEAR})[,:]|.*new root)`);
      for (const bit of ofElement) refuses(turned({ batch, element: first + i, bit }), named);
    });
  });
}

test("every list of the shape that can have an entry has its turned bits", () => {
  // No committed run configures a market: `configure.test.mjs` has the rules.
  const turned = [...Object.keys(TURNS), ...OF_OWNERS, "configurations"];
  const without = lists.filter((list) => list.capacity > 0 && !turned.includes(list.name)).map((list) => list.name);
  assert.deepEqual(without, []);
});

test("refuses something in a hole", () => {
  for (const { name, start, capacity, layout } of lists.filter((list) => list.capacity > 1)) {
    const element = start + (capacity - 1) * layout.length;
    refuses(turned({ batch: 3, element, bit: 1 }), new RegExp(`batch 3, list (${name}|accounts)`));
  }
});

test("what only the proof holds: the recipient of a withdrawal is in no state", () => {
  const { batch, first } = firstEntry(2, "withdrawals");
  assert.ok(audit(turned({ batch, element: first, bit: 0 })).clean);
});

test("a new account has a key of large order", () => {
  // The demo's first deposits create accounts; their third element is what is left of y.
  const { batch, first } = firstEntry(1, "deposits");
  refuses(turned({ batch, element: first + 2, bit: 0 }), /key of a new account: expected a key of large order/);
});

test("refuses a wrong genesis", () => {
  refuses(editedGenesis((file) => (file.markets[0].price = "12884901889")), /config_digest/);
  refuses(editedGenesis((file) => (file.markets[1].name = "XBT")), /config_digest/);
  refuses(editedGenesis((file) => (file.quote_decimals = 7)), /config_digest/);
  refuses(editedGenesis((file) => (file.config_digest = otherDigit(file.config_digest))), /config_digest/);
  refuses(editedGenesis((file) => (file.root = otherDigit(file.root))), /root/);
  refuses(editedGenesis((file) => (file.fee_owner.x = file.fee_owner.y)), /fee_owner/);
  refuses(editedGenesis((file) => (file.markets[2].status = 16)), /status/);
  refuses(editedGenesis((file) => (file.format = "zkmargin/genesis/v2")), /format/);
  // Another time changes w1 of the markets, so the digest; swapped markets are not ascending.
  refuses(editedGenesis((file) => (file.time += 1)), /config_digest/);
  refuses(editedGenesis((file) => file.markets.reverse()), /config_digest|markets.id/);
});

test("refuses a wrong shape, a cut file, a missing batch", () => {
  const shape = copy(1);
  const path = join(shape, "shape.toml");
  writeFileSync(path, readFileSync(path, "utf8").replace("orders = 6", "orders = 7"));
  refuses(shape, /number of elements/);
  const cut = copy(2);
  truncateSync(bytesOf(cut, 2), 98 * ELEMENT_BYTES);
  refuses(cut, /batch 2, list header, element 2: number of elements/);
  const gap = copy(3);
  rmSync(join(gap, folder(2)), { recursive: true });
  refuses(gap, /folder: expected batch-0002/);
  const swapped = copy(2);
  cpSync(bytesOf(RUN, 3), bytesOf(swapped, 2));
  refuses(swapped, /batch number: expected 2, found 3/);
});

test("exit codes: 0 clean, 1 not clean, 2 could not run", () => {
  const run = (...words) => spawnSync(process.execPath, [PROGRAM, ...words], { encoding: "utf8" });
  assert.equal(run(copy(1)).status, 0);
  assert.equal(JSON.parse(run(copy(1), "--json").stdout).clean, true);
  const wrong = run(turned({ batch: 2, element: 10, bit: 0 }), "--json");
  assert.equal(wrong.status, 1);
  assert.match(wrong.stderr, /^batch 2, list deposits, entry 0, element 10: /);
  assert.equal(JSON.parse(wrong.stdout).at.list, "deposits");
  for (const words of [[], ["nowhere"], [copy(0)], ["--fast", RUN]]) assert.equal(run(...words).status, 2);
  assert.equal(run("--help").status, 0);
});
