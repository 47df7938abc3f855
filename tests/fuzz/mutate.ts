/** Changes of bytes and of JSON that know nothing of the format they are in. @module */
import { joinBytes } from "../../src/core/join_bytes.ts";
import type { Dice } from "./dice.ts";

/** No file of a case is longer. */
export const MOST_BYTES = 1 << 17;

/** Some bytes after one to five random changes. @param other Another file of the kind, to be spliced in. */
export function mutate(
  bytes: Uint8Array,
  dice: Dice,
  other: Uint8Array = bytes,
): Uint8Array<ArrayBuffer> {
  let result = bytes.slice();
  for (let count = dice.size(5); count > 0; count--) {
    result = dice.pick(CHANGES)(result, dice, other).slice(0, MOST_BYTES);
  }
  return result;
}

type Bytes = Uint8Array<ArrayBuffer>;
type Change = (bytes: Bytes, dice: Dice, other: Uint8Array) => Bytes;

/** Each makes a new array, or changes the one that it is given. */
const CHANGES: readonly Change[] = [
  (bytes, dice) => {
    if (bytes.length > 0) bytes[dice.below(bytes.length)] ^= 1 << dice.below(8);
    return bytes;
  },
  (bytes, dice) => {
    if (bytes.length > 0) bytes[dice.below(bytes.length)] = dice.below(256);
    return bytes;
  },
  (bytes, dice) => writeNumber(bytes, dice),
  (bytes, dice) => writeNumber(bytes, dice),
  (bytes, dice) => {
    const [at] = range(bytes, dice);
    return joined(bytes.subarray(0, at), dice.bytes(dice.size(32)), bytes.subarray(at));
  },
  (bytes, dice) => {
    const [from, to] = range(bytes, dice);
    return joined(bytes.subarray(0, from), bytes.subarray(to));
  },
  (bytes, dice) => {
    const [from, to] = range(bytes, dice);
    const part = bytes.subarray(from, to);
    const times = dice.chance(0.1) ? dice.size(400) : 1;
    return joined(bytes.subarray(0, to), ...Array(times).fill(part), bytes.subarray(to));
  },
  (bytes, dice) => {
    const [a, b] = range(bytes, dice);
    const [c, d] = range(bytes.subarray(b), dice).map((at) => at + b);
    return joined(
      ...[[0, a], [c, d], [b, c], [a, b], [d, bytes.length]].map(([i, j]) => bytes.subarray(i, j)),
    );
  },
  (bytes, dice, other) => {
    const [from, to] = range(other, dice);
    const [at, until] = range(bytes, dice);
    return joined(bytes.subarray(0, at), other.subarray(from, to), bytes.subarray(until));
  },
  (bytes, dice) => bytes.slice(0, dice.below(bytes.length + 1)),
  (bytes, dice) => {
    const [from, to] = range(bytes, dice);
    bytes.fill(dice.pick([0, 0xff, 0x20, dice.below(256)]), from, to);
    return bytes;
  },
];

/** Writes a number of 1, 2, 4 or 8 bytes anywhere, or a little more or less than is there. */
function writeNumber(bytes: Bytes, dice: Dice): Bytes {
  const width = dice.pick([1, 2, 4, 8]);
  if (bytes.length < width) return bytes;
  const view = new DataView(bytes.buffer);
  const at = dice.below(bytes.length - width + 1);
  const little = dice.chance(0.5);
  const value = dice.chance(0.3)
    ? -dice.size(64)
    : dice.interesting() * (dice.chance(0.1) ? 2 ** 32 : 1);
  if (width === 1) view.setUint8(at, dice.chance(0.5) ? value : view.getUint8(at) + value);
  else if (width === 2) view.setUint16(at, value, little);
  else if (width === 4) view.setUint32(at, value, little);
  else view.setBigUint64(at, BigInt.asUintN(64, BigInt(value)), little);
  return bytes;
}

/** Beginning and end of a random range, short ones more often. */
function range(bytes: Uint8Array, dice: Dice): [number, number] {
  const length = Math.min(bytes.length, dice.size(Math.max(1, bytes.length)));
  const from = dice.below(bytes.length - length + 1);
  return [from, from + length];
}

/** All of some arrays. */
export function joined(...parts: readonly Uint8Array[]): Bytes {
  return joinBytes(parts);
}

/** Characters as bytes, one each. */
export function latin1(text: string): Bytes {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Big-endian number of so many bytes. */
export function big(value: number, width: 1 | 2 | 4): Bytes {
  return little(value, width).reverse();
}

/** Little-endian number of so many bytes; a negative one by its complement. */
export function little(value: number, width: 1 | 2 | 4 | 8): Bytes {
  const bytes = new Uint8Array(width);
  const high = Math.floor(value / 2 ** 32);
  for (let i = 0; i < width; i++) bytes[i] = (i < 4 ? value : high) >>> 8 * (i & 3);
  return bytes;
}

/** Values that a JSON file should not hold where it is asked for others. */
function oddValue(dice: Dice, depth = 0): unknown {
  const odd: readonly (() => unknown)[] = [
    () => null,
    () => dice.chance(0.5),
    () => dice.interesting() * dice.pick([1, -1, 0.5, 1e-300, 1e300, 2 ** 21]),
    () => dice.pick([1e-308, 5e-324, 1e308, -1e308, 1e-6, 1e39, 1e-46, -0]),
    () => dice.pick(["", " ", "\0", "\u202e", "a\nb", "\ud800", "__proto__", "constructor", "é"]),
    () => "x".repeat(dice.size(5000)),
    () => depth > 3 ? [] : Array.from({ length: dice.size(5) }, () => oddValue(dice, depth + 1)),
    () => depth > 3 ? {} : { [String(oddValue(dice, 9)).slice(0, 50)]: oddValue(dice, depth + 1) },
    () => Array(dice.size(2000)).fill(dice.interesting()),
  ];
  return dice.pick(odd)();
}

/** A JSON value after one to three random changes of fields, items or the order of them. */
export function mutateJson(value: unknown, dice: Dice): unknown {
  let copy: unknown = structuredClone(value);
  for (let count = dice.size(3); count > 0; count--) {
    const path: (readonly [object, string])[] = [];
    for (let at: unknown = copy; typeof at === "object" && at !== null;) {
      const keys = Object.keys(at);
      if (keys.length === 0) break;
      const key = dice.pick(keys);
      path.push([at, key]);
      if (dice.chance(0.2)) break;
      at = (at as Record<string, unknown>)[key];
    }
    if (path.length === 0) copy = oddValue(dice);
    else changeField(...path[path.length - 1], dice);
  }
  return copy;
}

function changeField(holder: object, key: string, dice: Dice): void {
  const fields = holder as Record<string, unknown>;
  const value = fields[key];
  const move = dice.below(6);
  if (move === 0) {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete fields[key];
  } else if (move === 1 && typeof value === "number") {
    fields[key] = value * dice.pick([-1, 2, 0.5, 1e9, 1e-9]) + dice.pick([0, 1, -1]);
  } else if (move === 2 && Array.isArray(value)) {
    fields[key] = dice.chance(0.5) ? [...value, ...value] : value.toReversed();
  } else if (move === 3) {
    const other = dice.pick(Object.keys(fields));
    [fields[key], fields[other]] = [fields[other], fields[key]];
  } else if (move === 4 && !Array.isArray(holder)) {
    Object.defineProperty(fields, dice.pick(["__proto__", "x", "__metadata__", `${key} `]), {
      value: oddValue(dice),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else fields[key] = oddValue(dice);
}
