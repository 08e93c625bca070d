// What the law refuses besides, as far as bytes and the state before show it. Run: node --test
import assert from "node:assert/strict";
import test from "node:test";
import { checkLawful } from "./cause.mjs";

const at = { batch: 1n, list: "accounts", entry: 0, element: 0 };
const slots = (size) => [size === 0n ? null : { market: 1n, size }, null];

/** A batch in which account 600 goes from one size to another in a market. */
function batch({ still = true, from = 100n, to = 100n, ordersFrom = 0n, lists = {} }) {
  const opened = new Map([[600n, { at, id: 600n, pre: { slots: slots(from) }, post: { slots: slots(to) } }]]);
  return {
    lists: { transfers: [], liquidations: [], orders: [], ...lists },
    markets: new Map([[1n, { still, lot: 10n }]]),
    opened,
    account: (_, name, id) => opened.get(id),
    state: { accounts: new Map([[600n, { ordersFrom }]]), orders: new Map([[7n, { left: 50n }]]) },
  };
}

test("a position in a still market grows by takeovers alone", () => {
  const taken = [{ at, taker: 600n, market: 1n, lots: 3n, order: 0n }];
  for (const [from, to] of [[100n, 101n], [-100n, -101n], [0n, 1n], [100n, -101n]]) {
    checkLawful(batch({ still: false, from, to }));
    assert.throws(() => checkLawful(batch({ from, to })), /FILL-23/);
    checkLawful(batch({ from, to, lists: { liquidations: taken } }));
  }
  checkLawful(batch({ from: 100n, to: 130n, lists: { liquidations: taken } }));
  assert.throws(() => checkLawful(batch({ from: 100n, to: 131n, lists: { liquidations: taken } })), /FILL-23/);
  checkLawful(batch({ from: 100n, to: 0n }));
});

test("an account that holds a still market sends nothing", () => {
  const transfers = [{ at, from: 600n, to: 601n, amount: 5n }];
  checkLawful(batch({ still: false, lists: { transfers } }));
  checkLawful(batch({ from: 0n, to: 0n, lists: { transfers } }));
  assert.throws(() => checkLawful(batch({ lists: { transfers } })), /TAKE-5/);
});

test("orders of an earlier key are void", () => {
  const orders = (left) => ({ lists: { orders: [{ at, id: 7n, account: 600n, left }] } });
  checkLawful(batch({ ordersFrom: 7n, ...orders(49n) }));
  assert.throws(() => checkLawful(batch({ ordersFrom: 8n, ...orders(49n) })), /FILL-25/);
  // Cancelled, or as it was.
  for (const left of [0n, 50n]) checkLawful(batch({ ordersFrom: 8n, ...orders(left) }));
  const liquidations = [{ at, taker: 600n, market: 1n, lots: 1n, order: 7n }];
  checkLawful(batch({ ordersFrom: 7n, lists: { liquidations } }));
  assert.throws(() => checkLawful(batch({ ordersFrom: 8n, lists: { liquidations } })), /LIQ-25/);
});
