/** How much a server takes on. @module */

import type { OptionKinds } from "../core/check_options.ts";
import { UserError } from "../core/errors.ts";

/** What a server takes on at most. */
export interface LimitOptions {
  /** Most bytes of a request. @default {16_000_000} */
  readonly maxBodyBytes?: number;
  /** Most pixels of a picture, read from its header before it is decoded. @default {24_000_000} */
  readonly maxPixels?: number;
  /** Most pictures of a request. @default {16} */
  readonly maxPictures?: number;
  /** Most pictures that wait for the network; with more, requests are answered 503 with `Retry-After`. @default {64} */
  readonly maxWaiting?: number;
  /** Most requests whose bodies are being read at once; further ones are answered 503. @default {128} */
  readonly maxReading?: number;
  /** Most bytes of all bodies that are being read or wait; further ones are answered 503. @default {64_000_000} */
  readonly maxHeldBytes?: number;
  /** Most pictures that pass through the network together; fewer where they would hold up other requests for 0.1 s. @default {8} */
  readonly batchSize?: number;
  /** Time that a picture may wait, in milliseconds. @default {10_000} */
  readonly timeoutMs?: number;
  /** Time that decoding a picture may take, in milliseconds; with more it is answered 422. @default {10_000} */
  readonly decodeTimeoutMs?: number;
  /** Time that a body may take to arrive, in milliseconds. @default {10_000} */
  readonly bodyTimeoutMs?: number;
  /** Classes that are named where a request does not say how many. @default {3} */
  readonly top?: number;
}

/** Options that are numbers, with their defaults. */
const DEFAULTS = {
  maxBodyBytes: 16_000_000,
  maxPixels: 24_000_000,
  maxPictures: 16,
  maxWaiting: 64,
  maxReading: 128,
  maxHeldBytes: 64_000_000,
  batchSize: 8,
  timeoutMs: 10_000,
  decodeTimeoutMs: 10_000,
  bodyTimeoutMs: 10_000,
  top: 3,
} as const;

/** Of {@linkcode LimitOptions}. */
export const LIMIT_KINDS: OptionKinds<LimitOptions> = {
  maxBodyBytes: "number",
  maxPixels: "number",
  maxPictures: "number",
  maxWaiting: "number",
  maxReading: "number",
  maxHeldBytes: "number",
  batchSize: "number",
  timeoutMs: "number",
  decodeTimeoutMs: "number",
  bodyTimeoutMs: "number",
  top: "number",
};

/** The limits in force, see {@linkcode LimitOptions}. */
export type Limits = Readonly<Record<keyof typeof DEFAULTS, number>>;

/** Applies defaults. @throws {UserError} For a limit that is no whole number from 1. */
export function checkedLimits(options: LimitOptions): Limits {
  const names = Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[];
  return Object.fromEntries(names.map((name) => {
    const value = options[name] ?? DEFAULTS[name];
    if (Number.isInteger(value) && value >= 1) return [name, value];
    throw new UserError(
      `Cannot serve the classifier: ${name} is ${value}, expected a whole number from 1`,
    );
  })) as Limits;
}
