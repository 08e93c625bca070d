// Elements of 31 bytes and the fields packed into them.
// Documents: circuits/spec/src/publication.md (lists), statement.md (header), state.md (leaf words).
import { keccak_256 } from "@noble/hashes/sha3";
import { need } from "./difference.mjs";

/** The order of the field that roots and keys live in. */
export const FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
export const ELEMENT_BYTES = 31;

const toInteger = (bytes) => BigInt("0x" + (Buffer.from(bytes).toString("hex") || "0"));

/** The bytes of a batch as big-endian integers of 31 bytes. */
export function elementsOf(at, bytes) {
  need(at, bytes.length % ELEMENT_BYTES === 0, "length", `a multiple of ${ELEMENT_BYTES} bytes`, bytes.length);
  const count = bytes.length / ELEMENT_BYTES;
  return Array.from({ length: count }, (_, i) => toInteger(bytes.subarray(i * ELEMENT_BYTES, (i + 1) * ELEMENT_BYTES)));
}

/** The first 31 bytes of keccak256, as an integer. */
export const digest31 = (bytes) => toInteger(keccak_256(bytes).subarray(0, ELEMENT_BYTES));

/** `value` in so many bytes, big-endian, two's complement. */
export const bigEndian = (value, length) =>
  Buffer.from(BigInt.asUintN(8 * length, BigInt(value)).toString(16).padStart(2 * length, "0"), "hex");

/** Cuts `word` into fields, given as [name, bits] from the lowest bit upward. Bits above the last field must be 0. */
export function unpack(at, word, fields) {
  const values = {};
  for (const [name, bits] of fields) {
    values[name] = BigInt.asUintN(bits, word);
    word >>= BigInt(bits);
  }
  need(at, word === 0n, "spare bits above the fields", 0, `0x${word.toString(16)}`);
  return values;
}

/** The word of fields, given as [value, bits] from the lowest bit upward. */
export function pack(...fields) {
  let word = 0n;
  let shift = 0n;
  for (const [value, bits] of fields) {
    if (value < 0n || value >> BigInt(bits) !== 0n) throw new RangeError(`${value} needs more than ${bits} bits`);
    word += value << shift;
    shift += BigInt(bits);
  }
  return word;
}

export const hex = (value) => `0x${value.toString(16).padStart(64, "0")}`;
