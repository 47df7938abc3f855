/**
 * Python pickles as plain data.
 *
 * A pickle is a program for a stack machine, and Python's own reader runs whatever functions it names.
 * This one runs nothing: a name stays a name, a call stays a record of what would have been called,
 * and both must be on the caller's list. Only the opcodes that `torch.save` emits in protocols 2 to 5
 * are known (CPython, Lib/pickletools.py).
 *
 * @module
 */

import { UserError } from "../core/errors.ts";
import { clip } from "../core/quoted.ts";
import { PickleInput } from "./pickle_input.ts";
import {
  isGlobal,
  isOrderedDict,
  type PickleGlobal,
  type PicklePersistent,
  type PickleValue,
} from "./pickle_value.ts";

/** How to read a pickle. */
export interface PickleOptions {
  /** What messages call the file. */
  readonly name: string;
  /** Where the pickle begins. @default {0} */
  readonly start?: number;
  /** Whether the pickle may name `module.name`. */
  readonly allows: (module: string, name: string) => boolean;
}

/** A pickle's value. */
export interface Pickle {
  /** The value at the top. */
  readonly value: PickleValue;
  /** Every outside reference, in order of appearance. */
  readonly persistent: readonly PicklePersistent[];
  /** Index of the byte after the pickle. */
  readonly end: number;
}

// Bounds that a hostile pickle meets before memory runs out. EfficientNet-B0's state dict takes about
// 11,000 opcodes, a stack of 720 and a depth of 6; an empty dict, the costliest value, some 200 bytes.
const MAX_OPCODES = 500_000;
const MAX_STACK = 100_000;
const MAX_DEPTH = 500;
const MAX_NAME_BYTES = 256;

/**
 * Reads one pickle.
 *
 * @param bytes Bytes that hold the pickle; what follows it is not looked at.
 *
 * @throws {UserError} The pickle is truncated or malformed, names what `options.allows` refuses, uses an
 * opcode that tensors do not need, or exceeds the bounds on opcodes, stack and nesting.
 *
 * @example
 * ```ts
 * import { parsePickle } from "./pickle.ts";
 * const bytes = new Uint8Array([0x80, 2, 0x4b, 1, 0x4b, 2, 0x86, 0x2e]); // pickle.dumps((1, 2), 2)
 * const { value } = parsePickle(bytes, { name: "pair", allows: () => false });
 * if (JSON.stringify(value) !== "[1,2]") throw new Error();
 * ```
 */
export function parsePickle(bytes: Uint8Array, options: PickleOptions): Pickle {
  const { name, start = 0, allows } = options;
  const fail = (detail: string) => new UserError(`Cannot read ${name}: ${detail}`);
  const input = new PickleInput(bytes, start, fail);
  const stack: PickleValue[] = [];
  const marks: number[] = [];
  const memo = new Map<number, PickleValue>();
  const persistent: PicklePersistent[] = [];

  const malformed = () => fail("its pickle is malformed; fetch the file again");
  const pop = (): PickleValue => {
    if (stack.length <= (marks.at(-1) ?? 0)) throw malformed();
    return stack.pop()!;
  };
  const top = (): PickleValue => {
    if (stack.length <= (marks.at(-1) ?? 0)) throw malformed();
    return stack[stack.length - 1];
  };
  const popMark = (): PickleValue[] => {
    const mark = marks.pop();
    if (mark === undefined) throw malformed();
    return stack.splice(mark);
  };
  const popTuple = (size: number): void => {
    const items = Array.from({ length: size }, pop).reverse();
    stack.push(items);
  };
  const append = (items: readonly PickleValue[]): void => {
    const list = top();
    if (!Array.isArray(list)) throw malformed();
    for (const item of items) list.push(item);
  };
  const setItems = (items: readonly PickleValue[]): void => {
    const dict = top();
    if (!(dict instanceof Map) || items.length % 2 !== 0) throw malformed();
    for (let i = 0; i < items.length; i += 2) dict.set(items[i], items[i + 1]);
  };
  const global = (module: PickleValue, name: PickleValue): PickleGlobal => {
    if (typeof module !== "string" || typeof name !== "string") throw malformed();
    if (!allows(module, name)) {
      throw fail(
        `its pickle asks for ${
          clip(`${module}.${name}`)
        }, which tensors do not need, and nothing was ` +
          `executed; in Python keep only the tensors: torch.save(model.state_dict(), path)`,
      );
    }
    return { kind: "global", module, name };
  };
  /** Python 2 hands an ordered dict's pairs to the call, Python 3 sets them after it. */
  const dictOf = ([pairs = []]: readonly PickleValue[]): PickleValue => {
    const isPair = (item: PickleValue) => Array.isArray(item) && item.length === 2;
    if (!Array.isArray(pairs) || !pairs.every(isPair)) throw malformed();
    return new Map(pairs as [PickleValue, PickleValue][]);
  };
  const recall = (index: number): PickleValue => {
    const value = memo.get(index);
    if (value === undefined) throw malformed();
    return value;
  };

  for (let count = 0;; count++) {
    if (count === MAX_OPCODES) {
      throw fail(`its pickle has more than ${MAX_OPCODES} opcodes; no checkpoint needs as many`);
    }
    if (stack.length > MAX_STACK || marks.length > MAX_DEPTH) {
      throw fail(
        `its pickle nests deeper than ${MAX_DEPTH} or holds more than ${MAX_STACK} values at once; no checkpoint does`,
      );
    }
    const opcode = input.uint(1);
    switch (opcode) {
      case 0x80: { // PROTO
        const protocol = input.uint(1);
        if (protocol < 2 || protocol > 5) {
          throw fail(`its pickle has protocol ${protocol}; graft reads 2 to 5`);
        }
        break;
      }
      case 0x95: // FRAME: a hint for buffered reading
        input.take(8);
        break;
      case 0x2e: // STOP
        if (stack.length !== 1 || marks.length > 0) throw malformed();
        return { value: stack[0], persistent, end: input.position };
      case 0x28: // MARK
        marks.push(stack.length);
        break;
      case 0x30: // POP
        if (marks.at(-1) === stack.length) marks.pop();
        else pop();
        break;
      case 0x31: // POP_MARK
        popMark();
        break;
      case 0x4e: // NONE
        stack.push(null);
        break;
      case 0x88: // NEWTRUE
        stack.push(true);
        break;
      case 0x89: // NEWFALSE
        stack.push(false);
        break;
      case 0x4a: // BININT
        stack.push(input.uint(4) | 0);
        break;
      case 0x4b: // BININT1
        stack.push(input.uint(1));
        break;
      case 0x4d: // BININT2
        stack.push(input.uint(2));
        break;
      case 0x8a: // LONG1
        stack.push(input.long(input.uint(1)));
        break;
      case 0x47: // BINFLOAT
        stack.push(input.float());
        break;
      case 0x55: // SHORT_BINSTRING, Python 2's text
      case 0x8c: // SHORT_BINUNICODE
        stack.push(input.text(input.uint(1)));
        break;
      case 0x54: // BINSTRING, Python 2's text
      case 0x58: // BINUNICODE
        stack.push(input.text(input.uint(4)));
        break;
      case 0x8d: // BINUNICODE8
        stack.push(input.text(input.uint(8)));
        break;
      case 0x43: // SHORT_BINBYTES
        stack.push(input.take(input.uint(1)));
        break;
      case 0x42: // BINBYTES
        stack.push(input.take(input.uint(4)));
        break;
      case 0x8e: // BINBYTES8
        stack.push(input.take(input.uint(8)));
        break;
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
        stack.push([]);
        break;
      case 0x7d: // EMPTY_DICT
        stack.push(new Map());
        break;
      case 0x85: // TUPLE1
        popTuple(1);
        break;
      case 0x86: // TUPLE2
        popTuple(2);
        break;
      case 0x87: // TUPLE3
        popTuple(3);
        break;
      case 0x74: { // TUPLE
        const items = popMark();
        stack.push(items);
        break;
      }
      case 0x61: { // APPEND
        const item = pop();
        append([item]);
        break;
      }
      case 0x65: { // APPENDS
        const items = popMark();
        append(items);
        break;
      }
      case 0x73: { // SETITEM
        const value = pop();
        const key = pop();
        setItems([key, value]);
        break;
      }
      case 0x75: { // SETITEMS
        const items = popMark();
        setItems(items);
        break;
      }
      case 0x63: // GLOBAL
        stack.push(global(input.line(MAX_NAME_BYTES), input.line(MAX_NAME_BYTES)));
        break;
      case 0x93: { // STACK_GLOBAL
        const name = pop();
        const module = pop();
        stack.push(global(module, name));
        break;
      }
      case 0x52: { // REDUCE
        const args = pop();
        const callee = pop();
        if (!isGlobal(callee) || !Array.isArray(args)) throw malformed();
        stack.push(isOrderedDict(callee) ? dictOf(args) : { kind: "call", callee, args });
        break;
      }
      case 0x62: // BUILD: sets attributes, which plain data has none of (OrderedDict's `_metadata`)
        pop();
        top();
        break;
      case 0x51: { // BINPERSID
        const reference: PicklePersistent = { kind: "persistent", id: pop() };
        persistent.push(reference);
        stack.push(reference);
        break;
      }
      case 0x71: // BINPUT
        memo.set(input.uint(1), top());
        break;
      case 0x72: // LONG_BINPUT
        memo.set(input.uint(4), top());
        break;
      case 0x94: // MEMOIZE
        memo.set(memo.size, top());
        break;
      case 0x68: // BINGET
        stack.push(recall(input.uint(1)));
        break;
      case 0x6a: // LONG_BINGET
        stack.push(recall(input.uint(4)));
        break;
      default:
        throw fail(
          `its pickle uses opcode 0x${
            opcode.toString(16).padStart(2, "0")
          }, which tensors do not ` +
            `need, and nothing was executed; in Python keep only the tensors: torch.save(model.state_dict(), path)`,
        );
    }
  }
}
