// The state: accounts, orders, markets, globals, and the leaf of each. Document: circuits/spec/src/state.md, "Leaves".
import { poseidon3 } from "poseidon-lite/poseidon3";
import { poseidon4 } from "poseidon-lite/poseidon4";
import { poseidon5 } from "poseidon-lite/poseidon5";
import { poseidon6 } from "poseidon-lite/poseidon6";
import { poseidon9 } from "poseidon-lite/poseidon9";
import { poseidon10 } from "poseidon-lite/poseidon10";
import { pack } from "./bytes.mjs";
import { Tree } from "./tree.mjs";

const TAG = { block: 1n, cross: 2n, isolated: 3n, order: 4n, market: 5n, globals: 6n };
export const SIGNED_64 = 1n << 63n;
export const SIGNED_96 = 1n << 95n;

export const abs = (value) => (value < 0n ? -value : value);
const bit = (holds) => (holds ? 1n : 0n);

/** A position is `{ market, size, entryQuote, fundingIndex }` with a signed size; an empty slot is null. */
function slotWord(position) {
  if (position === null) return 0n;
  const { market, size, entryQuote, fundingIndex } = position;
  return pack([market, 16], [bit(size < 0n), 1], [abs(size), 56], [entryQuote, 63], [fundingIndex + SIGNED_96, 96]);
}

function accountLeaf(account) {
  const { owner, mode, collateral, orderNonce, cancelNonce, liqSince, leverageLimit, ordersFrom } = account;
  const word = pack(
    [collateral + SIGNED_64, 64], [orderNonce, 40], [cancelNonce, 40], [liqSince, 36], [leverageLimit, 20], [mode, 16],
    [ordersFrom, 36],
  );
  const slots = account.slots.map(slotWord);
  if (mode !== 0n) return poseidon5([TAG.isolated, owner.x, owner.y, word, slots[0]]);
  const blocks = [slots.slice(0, 8), slots.slice(8)].map((block) => poseidon9([TAG.block, ...block]));
  return poseidon6([TAG.cross, owner.x, owner.y, word, ...blocks]);
}

/** An order without anything left has the empty leaf. */
function orderLeaf(order) {
  if (order.left === 0n) return 0n;
  const { account, market, side, limit, flags, maxFee, expiry, size, left, feeCarry } = order;
  const terms = pack([account, 36], [market, 16], [side, 1], [limit, 32], [flags, 4], [maxFee, 20], [expiry, 36]);
  return poseidon3([TAG.order, terms, pack([size, 56], [left, 56], [feeCarry, 20])]);
}

/** The nine words of a market's leaf; the digest of the configuration is over the same words. */
export function marketWords(m) {
  return [
    pack(
      [m.price, 54], [m.fundingIndex + SIGNED_96, 96], [m.openInterest, 64], [m.rate + (1n << 30n), 31],
      [bit(m.inArrears), 1], [m.beyond, 2], [bit(m.still), 1],
    ),
    pack([m.lastTick, 40], [m.paidUntil, 40], [m.fundingRemainder, 42], [m.cutAt, 40], [m.asked, 54], [m.ratedHour, 29]),
    pack(
      [m.maxPrice, 54], [m.maxSize, 56], [m.fundingCap, 30], [m.fundingInterval, 16], [m.stillAge, 20], [m.haltAge, 20],
      [m.configuredAt, 40],
    ),
    pack(
      [m.initialFraction, 20], [m.maintenanceFraction, 20], [m.takerFee, 20], [m.makerFee, 20], [m.liquidationFee, 20],
      [m.band, 20], [m.lot, 40], [m.tickQuote, 40], [m.minLots, 32], [m.status, 4], [m.collar, 10],
    ),
    pack([m.openNotionalLow, 63], [m.openNotionalHigh, 63], [m.openGrowth, 56], [m.statedInterest, 31], [m.premiumClamp, 25]),
    ...[0, 2, 4, 6].map((i) => pack(...tierFields(m.tiers[i]), ...tierFields(m.tiers[i + 1]))),
  ];
}

const tierFields = (tier) => [[tier.from, 63], [tier.initialFraction, 20], [tier.maintenanceFraction, 20]];

function globalsLeaf({ batch, nextOrder, deposits, time, epoch, config, signers }) {
  const word = pack([batch, 64], [nextOrder, 36], [deposits, 64], [time, 40], [epoch, 40]);
  return poseidon4([TAG.globals, word, config, signers]);
}

/** Digest of the price signers' keys in their order: 0 without any. */
export const signersDigest = (keys) => keys.reduce((digest, { x, y }) => poseidon3([digest, x, y]), 0n);

/** An account with nothing: 16 slots if it is cross, one if it is isolated. */
export function emptyAccount(owner, mode) {
  const slots = Array(mode === 0n ? 16 : 1).fill(null);
  const nothing = { collateral: 0n, orderNonce: 0n, cancelNonce: 0n, liqSince: 0n, leverageLimit: 0n, ordersFrom: 0n };
  return { owner, mode, ...nothing, slots };
}

export class State {
  accounts = new Map();
  orders = new Map();
  markets = new Map();
  globals = null;
  /** Number of registered price signers. */
  priceSigners = 0;
  tree = new Tree();

  setAccount(id, account) {
    this.accounts.set(id, account);
    this.tree.accounts.setLeaf(id, accountLeaf(account));
  }

  setOrder(id, order) {
    if (order.left === 0n) this.orders.delete(id);
    else this.orders.set(id, order);
    this.tree.orders.setLeaf(id, orderLeaf(order));
  }

  setMarket(id, market) {
    this.markets.set(id, market);
    this.tree.markets.setLeaf(id, poseidon10([TAG.market, ...marketWords(market)]));
  }

  setGlobals(globals) {
    this.globals = globals;
    this.tree.globals = globalsLeaf(globals);
  }
}
