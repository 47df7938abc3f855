/** What Python pickles describe, as plain data. @module */

import { clip } from "../core/quoted.ts";

/** A class or function that a pickle names. */
export interface PickleGlobal {
  /** Tells the kinds of value apart. */
  readonly kind: "global";
  /** For instance `"torch._utils"`. */
  readonly module: string;
  /** For instance `"_rebuild_tensor_v2"`. */
  readonly name: string;
}

/** A call that a pickle asks for; it is recorded, not made. */
export interface PickleCall {
  /** Tells the kinds of value apart. */
  readonly kind: "call";
  /** What would have been called. */
  readonly callee: PickleGlobal;
  /** With what. */
  readonly args: readonly PickleValue[];
}

/** A reference to something outside of the pickle, in PyTorch a storage. */
export interface PicklePersistent {
  /** Tells the kinds of value apart. */
  readonly kind: "persistent";
  /** How the pickle names it. */
  readonly id: PickleValue;
}

/** A key of a dict that is no text. */
export interface PickleKey {
  /** Tells the kinds of value apart. */
  readonly kind: "key";
  /** The key. */
  readonly value: PickleValue;
}

/** What a pickle describes: dicts are maps, lists and tuples arrays, integers beyond 2^53 bigints. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly PickleValue[]
  | ReadonlyMap<PickleValue, PickleValue>
  | PickleGlobal
  | PickleCall
  | PickleKey
  | PicklePersistent;

/** Whether a value is a name. */
export function isGlobal(value: PickleValue | undefined): value is PickleGlobal {
  return isKind(value, "global");
}

/** Whether a value is a recorded call. */
export function isCall(value: PickleValue | undefined): value is PickleCall {
  return isKind(value, "call");
}

/** Whether a value is a reference to something outside of the pickle. */
export function isPersistent(value: PickleValue | undefined): value is PicklePersistent {
  return isKind(value, "persistent");
}

function isKind(value: PickleValue | undefined, kind: string): boolean {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === kind;
}

/**
 * A value for a message. What holds other values is only named: lists that hold one another twice would
 * take forever to spell out.
 */
export function describeValue(value: PickleValue | undefined): string {
  if (isKind(value, "key")) {
    const { value: key } = value as PickleKey;
    return isKind(key, "key") ? "(no scalar)" : describeValue(key);
  }
  if (typeof value === "object") return value === null ? "None" : "(no scalar)";
  return clip(String(value));
}

/** Classes whose objects are dicts here: Python's, and those of Lightning's hyper-parameters. */
const DICT_LIKE: ReadonlySet<string> = new Set(["OrderedDict", "defaultdict", "AttributeDict"]);

/** Whether it names a class of dicts. */
export function isDictLike({ name }: PickleGlobal): boolean {
  return DICT_LIKE.has(name);
}
