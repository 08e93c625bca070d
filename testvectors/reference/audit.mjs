#!/usr/bin/env node
// The second auditor: rebuilds the state of a run from its published bytes, and refuses at the first difference.
// Written from the documents alone (circuits/spec/src, docs/run-directory.md). It shares no code with the Rust program.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { elementsOf, hex } from "./bytes.mjs";
import { applyBatch, checkFollows } from "./apply.mjs";
import { HEADER_ELEMENTS, checkShape, decodeHeader, decodeLists, placesOf } from "./decode.mjs";
import { CannotRun, Difference, need } from "./difference.mjs";
import { genesisState, readShape } from "./genesis.mjs";

const HELP = `Usage: node audit.mjs DIR [--json]

Rebuilds the state of a run from genesis.json, shape.toml and batch-NNNN/bytes.bin in DIR, and compares every root,
every tick, the sum of collateral and every liquidation with the law. It verifies no proofs: signatures, fills and
what the state does not hold (recipients of withdrawals, amounts of transfers) are the proof's business.

  --json   print the summary, or the difference, as JSON
  --help   print this text

Exit codes: 0 clean; 1 not clean, the first difference is on standard error; 2 could not run.`;

function read(path) {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CannotRun(`${path}: cannot be read (${error.code}); give the directory of a run`);
  }
}

function readJson(path) {
  try {
    return JSON.parse(read(path));
  } catch (error) {
    if (error instanceof CannotRun) throw error;
    throw new CannotRun(`${path}: is no JSON (${error.message})`);
  }
}

/** Folders count from batch-0001 without gaps. */
function batchFolders(directory) {
  const folders = readdirSync(directory).filter((name) => /^batch-[0-9]{4,}$/.test(name));
  folders.sort((a, b) => Number(a.slice(6)) - Number(b.slice(6)));
  folders.forEach((name, i) => {
    const expected = `batch-${String(i + 1).padStart(4, "0")}`;
    need({ file: name }, name === expected, "folder", expected, name);
  });
  if (folders.length === 0) throw new CannotRun(`${directory}: has no batch-0001: nothing to audit`);
  return folders;
}

/** Audits the run in `directory`. Returns the summary; throws Difference or CannotRun. */
export function audit(directory) {
  if (!existsSync(directory)) throw new CannotRun(`${directory}: there is no such directory`);
  const state = genesisState(readJson(join(directory, "genesis.json")));
  const shape = readShape(read(join(directory, "shape.toml")).toString("utf8"));
  const places = placesOf(shape);
  const counts = { deposits: 0, withdrawals: 0, transfers: 0, liquidations: 0, ticks: 0 };
  let withdrawn = 0n;
  let first;
  const folders = batchFolders(directory);
  for (const folder of folders) {
    const batch = state.globals.batch + 1n;
    const elements = elementsOf({ batch }, read(join(directory, folder, "bytes.bin")));
    need({ batch }, elements.length >= HEADER_ELEMENTS, "elements", "a header of 10", elements.length);
    const header = decodeHeader(batch, elements);
    first ??= header;
    checkFollows(header, state, first);
    checkShape(header, places, shape, elements);
    const lists = decodeLists(batch, elements, places);
    applyBatch(state, header, lists, shape);
    for (const name of ["deposits", "withdrawals", "transfers", "liquidations"]) counts[name] += lists[name].length;
    counts.ticks += lists.markets.filter((m) => m.ticked === 1n).length;
    withdrawn += lists.withdrawals.reduce((total, w) => total + w.amount, 0n);
  }
  return {
    clean: true,
    batches: folders.length,
    root: hex(state.tree.root()),
    time: Number(state.globals.time),
    accounts: state.accounts.size,
    orders: state.orders.size,
    markets: state.markets.size,
    priceSigners: state.priceSigners,
    ...counts,
    withdrawn: String(withdrawn),
    proofs: "not verified",
  };
}

function print(s) {
  console.log(`clean: ${s.batches} batches, every root rebuilt from the bytes`);
  console.log(`  last root     ${s.root}`);
  console.log(`  state         ${s.accounts} accounts, ${s.orders} resting orders, ${s.markets} markets`);
  console.log(`  paid in       ${s.deposits} deposits`);
  console.log(`  paid out      ${s.withdrawals} withdrawals, ${s.withdrawn} quanta together`);
  console.log(`  within        ${s.transfers} transfers`);
  console.log(`  law           ${s.ticks} ticks and ${s.liquidations} liquidations recomputed`);
  const signed = `the median of a quorum of ${s.priceSigners} signers: shown by the proofs`;
  console.log(`  prices        ${s.priceSigners === 0 ? "the operator's word" : signed}`);
  console.log("  proofs        not verified: that is for `zkmargin verify`");
}

function main(words) {
  if (words.includes("--help")) return console.log(HELP), 0;
  const json = words.includes("--json");
  const names = words.filter((word) => word !== "--json");
  if (names.length !== 1 || names[0].startsWith("-")) return console.error(HELP), 2;
  try {
    const summary = audit(names[0]);
    if (json) console.log(JSON.stringify(summary, null, 1));
    else print(summary);
    return 0;
  } catch (error) {
    console.error(error instanceof Difference || error instanceof CannotRun ? error.message : error);
    if (json && error instanceof Difference) {
      const { at, what, expected, found } = error;
      const number = (_, value) => (typeof value === "bigint" ? Number(value) : value);
      console.log(JSON.stringify({ clean: false, at, what, expected, found }, number, 1));
    }
    return error instanceof Difference ? 1 : 2;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.slice(2));
