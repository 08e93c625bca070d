// The sparse tree of arity 8. Document: circuits/spec/src/state.md, "Tree".
import { poseidon8 } from "poseidon-lite/poseidon8";

const EMPTY = 0n;

/** `hashes[h]`: the hash of an empty subtree of height h. */
const emptyHashes = [EMPTY];
for (let height = 1; height <= 12; height++) emptyHashes.push(poseidon8(Array(8).fill(emptyHashes[height - 1])));

/** One wing: a subtree below a child of the root. Only what is not empty is kept. */
export class Wing {
  constructor(height) {
    this.height = height;
    this.levels = Array.from({ length: height + 1 }, () => new Map());
    this.touched = new Set();
  }

  node(level, index) {
    return this.levels[level].get(index) ?? emptyHashes[level];
  }

  setLeaf(index, leaf) {
    this.levels[0].set(index, leaf);
    this.touched.add(index);
  }

  /** The wing's hash. Every node above a leaf set since the last call is hashed once. */
  hash() {
    let touched = this.touched;
    for (let level = 1; level <= this.height; level++) {
      const parents = new Set([...touched].map((index) => index >> 3n));
      for (const parent of parents) {
        const children = Array.from({ length: 8 }, (_, j) => this.node(level - 1, parent * 8n + BigInt(j)));
        this.levels[level].set(parent, poseidon8(children));
      }
      touched = parents;
    }
    this.touched = new Set();
    return this.node(this.height, 0n);
  }
}

/** The whole tree: three wings and the leaf of the globals. */
export class Tree {
  accounts = new Wing(12);
  orders = new Wing(12);
  markets = new Wing(3);
  globals = EMPTY;

  root() {
    const wings = [this.accounts.hash(), this.orders.hash(), this.markets.hash()];
    return poseidon8([...wings, this.globals, EMPTY, EMPTY, EMPTY, EMPTY]);
  }
}
