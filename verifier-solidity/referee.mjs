// A second verifier for the tests: proofs in the form that the contract takes them (keccak256 challenge, committed s,
// public columns one, s, v, z), with big integers and pairings of @noble/curves. It shares no code with the rest of
// the project; both equations of `circuits/spec/src/proof-system.md` are checked apart, as they stand there.
//
// Reads {"key": hex of 960 bytes, "cases": [{"published": hex, "proof": hex} or {"s": hex, "v": hex, "proof": hex}]}
// from standard input and writes a list with "accepted" or a reason for each case.
import { readFileSync } from 'node:fs';
import { bn254 } from '@noble/curves/bn254.js';
import { keccak_256 } from '@noble/hashes/sha3.js';

const { G1, G2, fields } = bn254;
const Q = fields.Fp.ORDER;
const R = fields.Fr.ORDER;
const ELEMENT = 31;

const integer = (bytes) => bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
const hash = (bytes) => integer(keccak_256(bytes)) % R;

function word(value) {
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(64, '0'), 'hex'));
}

function refuse(reason) {
  throw new Error(reason);
}

/** Reads 32-byte words in order; points may be neither malformed nor the one at infinity. */
class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  coordinate() {
    const value = integer(this.bytes.subarray(this.at, this.at + 32));
    this.at += 32;
    return value < Q ? value : refuse('coordinate out of range');
  }

  g1() {
    const [x, y] = [this.coordinate(), this.coordinate()];
    return valid(G1, { x, y }, x === 0n && y === 0n);
  }

  g2() {
    // The imaginary part comes first.
    const [x1, x0, y1, y0] = [this.coordinate(), this.coordinate(), this.coordinate(), this.coordinate()];
    const infinity = [x1, x0, y1, y0].every((coordinate) => coordinate === 0n);
    return valid(G2, { x: { c0: x0, c1: x1 }, y: { c0: y0, c1: y1 } }, infinity);
  }
}

function valid(group, affine, infinity) {
  if (infinity) refuse('point at infinity');
  const point = group.Point.fromAffine(affine);
  try {
    point.assertValidity();
  } catch {
    refuse('point off the curve');
  }
  return point.isTorsionFree() ? point : refuse('point outside the subgroup');
}

function readKey(bytes) {
  if (bytes.length !== 960) refuse('a key has 960 bytes');
  const points = new Reader(bytes);
  const [alpha, beta, gamma, delta] = [points.g1(), points.g2(), points.g2(), points.g2()];
  const k = [0, 1, 2, 3].map(() => points.g1());
  return { alpha, beta, gamma, delta, k, g: points.g2(), minusSigmaG: points.g2() };
}

function readProof(bytes) {
  if (bytes.length !== 384) refuse('a proof has 384 bytes');
  const points = new Reader(bytes);
  return { a: points.g1(), b: points.g2(), c: points.g1(), d: points.g1(), p: points.g1() };
}

/** Σ dᵢ·zⁱ over elements of 31 bytes. */
function evaluate(published, z) {
  let [sum, power] = [0n, 1n];
  for (let at = 0; at < published.length; at += ELEMENT) {
    sum = (sum + integer(published.subarray(at, at + ELEMENT)) * power) % R;
    power = (power * z) % R;
  }
  return sum;
}

const times = (point, scalar) => point.multiplyUnsafe(scalar);

/** Whether the product of e(left, right) is one; pairs with the point at infinity are one. */
function isOne(pairs) {
  const proper = pairs.filter(([left]) => !left.is0()).map(([g1, g2]) => ({ g1, g2 }));
  return fields.Fp12.eql(bn254.pairingBatch(proper), fields.Fp12.ONE);
}

function judge(key, { published, s: givenS, v: givenV, proof: proofHex }) {
  const bytes = published === undefined ? undefined : fromHex(published);
  const proofBytes = fromHex(proofHex);
  const { a, b, c, d, p } = readProof(proofBytes);
  const s = bytes ? hash(bytes) : BigInt(givenS);
  if (s >= R) refuse('s out of range');
  const z = hash(Uint8Array.from([...proofBytes.subarray(256, 320), ...word(s)]));
  const v = bytes ? evaluate(bytes, z) : BigInt(givenV);
  if (v >= R) refuse('v out of range');
  const l = [1n, s, v, z].reduce((sum, x, i) => sum.add(times(key.k[i], x)), d);
  if (!isOne([[d, key.minusSigmaG], [p, key.g]])) refuse('knowledge equation');
  const main = [[a.negate(), b], [key.alpha, key.beta], [l, key.gamma], [c, key.delta]];
  if (!isOne(main)) refuse('main equation');
}

function fromHex(text) {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

const { key: keyHex, cases } = JSON.parse(readFileSync(0, 'utf8'));
const key = readKey(fromHex(keyHex));
const verdicts = cases.map((one) => {
  try {
    judge(key, one);
    return 'accepted';
  } catch (error) {
    return error.message;
  }
});
process.stdout.write(JSON.stringify(verdicts));
