// Header and lists of a batch: bytes to fields, without any knowledge of the state.
// Documents: circuits/spec/src/statement.md (header), circuits/spec/src/publication.md (lists).
import { FIELD, digest31, unpack } from "./bytes.mjs";
import { inRange, need, same } from "./difference.mjs";
import { SIGNED_64, SIGNED_96 } from "./state.mjs";
import { HIGHER_TIERS } from "./tiers.mjs";

export const HEADER_ELEMENTS = 10;
const MILLION = 1_000_000n; // parts of a quote quantum
const DOMAIN = digest31(Buffer.from("zkmargin/batch/v1"));

const ACCOUNT = [[
  ["id", 36], ["collateral", 64], ["orderNonce", 40], ["cancelNonce", 40], ["leverageLimit", 20], ["fresh", 1],
  ["mode", 16],
]];

/** The lists in their order. Each element of an entry has its fields from the lowest bit upward. */
const LISTS = [
  ["deposits", [
    [["xHigh", 126], ["amount", 64], ["mode", 16], ["account", 36]],
    [["xLow", 128], ["yHigh", 118]],
    [["yLow", 136]],
  ]],
  ["cross_accounts", ACCOUNT],
  ["isolated_accounts", ACCOUNT],
  ["flat_accounts", ACCOUNT],
  ["mode_changes", ACCOUNT],
  ["positions", [[["place", 12], ["slot", 4], ["market", 16], ["short", 1], ["size", 56], ["entryQuote", 63]]]],
  ["withdrawals", [[["recipient", 160], ["amount", 64]]]],
  ["transfers", [[["from", 36], ["to", 36], ["amount", 64], ["created", 1]]]],
  ["rekeys", [[["account", 36], ["xHigh", 126]], [["xLow", 128], ["yHigh", 118]], [["yLow", 136]]]],
  ["orders", [[
    ["id", 36], ["account", 36], ["market", 9], ["side", 1], ["limit", 32], ["left", 56], ["flags", 2], ["maxFee", 20],
    ["expiry", 36], ["feeCarry", 20],
  ]]],
  ["markets", [[["id", 9], ["price", 54], ["fundingIndex", 96], ["ticked", 1], ["rate", 31], ["asked", 54]]]],
  ["liquidations", [
    [["account", 36], ["taker", 36], ["order", 36], ["market", 16], ["short", 1], ["lots", 56], ["quote", 63]],
    [["totalValue", 100], ["initialRequirement", 120]],
    [["maintenanceRequirement", 120], ["size", 56], ["fee", 63]],
  ]],
  ["globals", [[["nextOrder", 36], ["epoch", 40]]]],
  ["configurations", [
    [
      ["id", 9], ["price", 54], ["maxPrice", 54], ["maxSize", 56], ["status", 4], ["initialFraction", 20],
      ["stillAge", 20], ["haltAge", 20], ["collar", 10],
    ],
    [
      ["openNotionalLow", 63], ["openNotionalHigh", 63], ["openGrowth", 56], ["fundingInterval", 16],
      ["fundingCap", 30], ["maintenanceFraction", 20],
    ],
    [
      ["takerFee", 20], ["makerFee", 20], ["liquidationFee", 20], ["band", 20], ["lot", 40], ["tickQuote", 40],
      ["minLots", 32], ["statedInterest", 31], ["premiumClamp", 25],
    ],
    ...[0, 2, 4, 6].map((i) => [...tierFields(i), ...tierFields(i + 1)]),
  ]],
];

/** Of the tier above the first with this number, from 0. */
function tierFields(number) {
  return [[`from${number}`, 63], [`initialFraction${number}`, 20], [`maintenanceFraction${number}`, 20]];
}

/** Lists that have no hole before their last entry. */
const WITHOUT_HOLES = new Set(["deposits", "positions", "globals", "configurations"]);

/** Where the lists of a shape stand: `[{ name, layout, start, capacity }]`, and the number of all elements. */
export function placesOf(shape) {
  let start = HEADER_ELEMENTS;
  const lists = LISTS.map(([name, layout]) => {
    const capacity = name === "globals" ? 1 : Number(shape.capacities[name] ?? 0n);
    const list = { name, layout, start, capacity };
    start += capacity * layout.length;
    return list;
  });
  return { lists, count: start };
}

/** The ten elements of the header. Roots are joined and must be below the field's order. */
export function decodeHeader(batch, elements) {
  const at = (element) => ({ batch, list: "header", element });
  same(at(0), "domain", DOMAIN, elements[0]);
  const header = {
    ...unpack(at(1), elements[1], [["contract", 160], ["chainId", 64]]),
    ...unpack(at(2), elements[2], [
      ["time", 40], ["elementCount", 32], ["shapeId", 32], ["batch", 64], ["depositCapacity", 16],
      ["withdrawalStart", 16], ["withdrawalCapacity", 16], ["configurationCapacity", 16],
    ]),
    keyId: elements[3],
    ...unpack(at(8), elements[8], [["forced", 64], ["depositsAfter", 64], ["depositsBefore", 64]]),
    config: elements[9],
  };
  for (const [name, first] of [["oldRoot", 4], ["newRoot", 6]]) {
    for (const half of [first, first + 1]) inRange(at(half), `half of ${name}`, 0n, (1n << 128n) - 1n, elements[half]);
    header[name] = (elements[first] << 128n) + elements[first + 1];
    inRange(at(first), name, 0n, FIELD - 1n, header[name]);
  }
  return header;
}

/** The constants of the shape in element 2, and the number of elements. */
export function checkShape(header, places, shape, elements) {
  const at = { batch: header.batch, list: "header", element: 2 };
  const list = Object.fromEntries(places.lists.map((l) => [l.name, l]));
  same(at, "number of elements in the file", places.count, elements.length);
  same(at, "element count", BigInt(places.count), header.elementCount);
  same(at, "shape id", shape.id, header.shapeId);
  same(at, "capacity of deposits", BigInt(list.deposits.capacity), header.depositCapacity);
  same(at, "start of withdrawals", BigInt(list.withdrawals.start), header.withdrawalStart);
  same(at, "capacity of withdrawals", BigInt(list.withdrawals.capacity), header.withdrawalCapacity);
  same(at, "capacity of configurations", BigInt(list.configurations.capacity), header.configurationCapacity);
}

/** Signed values, keys, and rules that one entry alone can break. */
function refine(name, e) {
  if (name === "deposits" || name === "rekeys") {
    if (name === "rekeys") {
      // CKEY-3: with any lower part it is below the field's order.
      inRange(e.at, "upper part of x", 0n, (FIELD >> 128n) - 1n, e.xHigh);
      inRange(e.at, "upper part of y", 0n, (FIELD >> 136n) - 1n, e.yHigh);
    }
    e.owner = { x: (e.xHigh << 128n) + e.xLow, y: (e.yHigh << 136n) + e.yLow };
    inRange(e.at, "x", 0n, FIELD - 1n, e.owner.x);
    inRange(e.at, "y", 0n, FIELD - 1n, e.owner.y);
  } else if (name.endsWith("_accounts") || name === "mode_changes") {
    e.collateral -= SIGNED_64;
  } else if (name === "positions") {
    need(e.at, e.size !== 0n || (e.short === 0n && e.entryQuote === 0n), "an emptied slot", "no sign, no E", "either");
    e.size = e.short === 1n ? -e.size : e.size;
  } else if (name === "markets") {
    e.fundingIndex -= SIGNED_96;
    const silent = e.rate === 0n && e.asked === 0n;
    need(e.at, e.ticked === 1n || silent, "rate and asked price without a tick", 0, "others");
  }
  if (name === "configurations") {
    e.tiers = Array.from({ length: HIGHER_TIERS }, (_, i) => ({
      from: e[`from${i}`], initialFraction: e[`initialFraction${i}`], maintenanceFraction: e[`maintenanceFraction${i}`],
    }));
  }
  if (name === "orders") inRange(e.at, "fee carry", 0n, e.left === 0n ? 0n : MILLION - 1n, e.feeCarry);
  if (e.amount !== undefined) inRange(e.at, "amount", 1n, SIGNED_64 - 1n, e.amount);
  return e;
}

/** All lists: by name, the entries that are no holes, each with its place in `at` and its number in `row`. */
export function decodeLists(batch, elements, places) {
  const lists = {};
  for (const { name, layout, start, capacity } of places.lists) {
    const entries = [];
    for (let row = 0; row < capacity; row++) {
      const first = start + row * layout.length;
      const words = elements.slice(first, first + layout.length);
      if (words.every((word) => word === 0n)) continue;
      const at = { batch, list: name, entry: row, element: first };
      need(at, !WITHOUT_HOLES.has(name) || entries.length === row, "place", "no hole before an entry", "a hole");
      const fields = layout.map((f, i) => unpack({ ...at, element: first + i }, words[i], f));
      entries.push(refine(name, Object.assign({ at, row }, ...fields)));
    }
    lists[name] = entries;
  }
  return lists;
}
