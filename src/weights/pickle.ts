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
import { COST, EMPTY_TUPLE, PickleStack } from "./pickle_stack.ts";
import type { PickleGlobal, PicklePersistent, PickleValue } from "./pickle_value.ts";

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
// 11,000 opcodes, a stack of 720 and a depth of 6.
const MAX_OPCODES = 500_000;
const MAX_STACK = 100_000;
const MAX_DEPTH = 500;
const MAX_NAME_BYTES = 256;

/**
 * Reads one pickle. Work and memory are bounded by budgets that follow from the bytes read so far, whatever the opcodes and names:
 * see {@linkcode PickleStack}.
 *
 * @param bytes Bytes that hold the pickle; what follows it is not looked at.
 *
 * @throws {UserError} The pickle is truncated or malformed, names what `options.allows` refuses, uses an
 * opcode that tensors do not need, or exceeds the bounds on work, memory, opcodes, stack and nesting.
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
  const stack = new PickleStack(input, fail);
  const global = (module: PickleValue, name: PickleValue): PickleGlobal => {
    if (typeof module !== "string" || typeof name !== "string") throw stack.malformed();
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

  for (let opcodes = 0;; opcodes++) {
    if (opcodes === MAX_OPCODES) {
      throw fail(`its pickle has more than ${MAX_OPCODES} opcodes; no checkpoint needs as many`);
    }
    if (stack.size > MAX_STACK || stack.depth > MAX_DEPTH) {
      throw fail(
        `its pickle nests deeper than ${MAX_DEPTH} or holds more than ${MAX_STACK} values at once; no checkpoint does`,
      );
    }
    const opcode = input.uint(1);
    stack.spend(1, 0);
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
        return { value: stack.last(), persistent: stack.persistent, end: input.position };
      case 0x28: // MARK
        stack.mark();
        break;
      case 0x30: // POP
        stack.popAny();
        break;
      case 0x31: // POP_MARK
        stack.popMark();
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
        stack.push(input.uint(4) | 0, COST.number);
        break;
      case 0x4b: // BININT1
        stack.push(input.uint(1));
        break;
      case 0x4d: // BININT2
        stack.push(input.uint(2));
        break;
      case 0x8a: // LONG1
        stack.push(input.long(input.uint(1)), COST.view);
        break;
      case 0x47: // BINFLOAT
        stack.push(input.float(), COST.number);
        break;
      case 0x55: // SHORT_BINSTRING, Python 2's text
      case 0x8c: // SHORT_BINUNICODE
        stack.pushText(input.take(input.uint(1)));
        break;
      case 0x54: // BINSTRING, Python 2's text
      case 0x58: // BINUNICODE
        stack.pushText(input.take(input.uint(4)));
        break;
      case 0x8d: // BINUNICODE8
        stack.pushText(input.take(input.uint(8)));
        break;
      case 0x43: // SHORT_BINBYTES
        stack.push(input.take(input.uint(1)), COST.view);
        break;
      case 0x42: // BINBYTES
        stack.push(input.take(input.uint(4)), COST.view);
        break;
      case 0x8e: // BINBYTES8
        stack.push(input.take(input.uint(8)), COST.view);
        break;
      case 0x5d: // EMPTY_LIST
      case 0x8f: // EMPTY_SET
        stack.push([], COST.list);
        break;
      case 0x29: // EMPTY_TUPLE
        stack.push(EMPTY_TUPLE);
        break;
      case 0x7d: // EMPTY_DICT
        stack.push(new Map(), COST.dict);
        break;
      case 0x85: // TUPLE1
        stack.popTuple(1);
        break;
      case 0x86: // TUPLE2
        stack.popTuple(2);
        break;
      case 0x87: // TUPLE3
        stack.popTuple(3);
        break;
      case 0x74: // TUPLE
      case 0x91: { // FROZENSET
        const items = stack.popMark();
        stack.push(items);
        break;
      }
      case 0x61: { // APPEND
        const item = stack.pop();
        stack.append([item]);
        break;
      }
      case 0x65: // APPENDS
      case 0x90: { // ADDITEMS, of a set
        const items = stack.popMark();
        stack.append(items);
        break;
      }
      case 0x73: { // SETITEM
        const value = stack.pop();
        const key = stack.pop();
        stack.setItems([key, value]);
        break;
      }
      case 0x75: { // SETITEMS
        const items = stack.popMark();
        stack.setItems(items);
        break;
      }
      case 0x63: // GLOBAL
        stack.push(global(input.line(MAX_NAME_BYTES), input.line(MAX_NAME_BYTES)), COST.record);
        break;
      case 0x93: { // STACK_GLOBAL
        const name = stack.pop();
        const module = stack.pop();
        stack.push(global(module, name), COST.record);
        break;
      }
      case 0x52: // REDUCE
      case 0x81: // NEWOBJ: makes an object of a class as REDUCE calls a function
        stack.call();
        break;
      case 0x62: // BUILD: sets attributes, which plain data has none of (OrderedDict's `_metadata`)
        stack.pop();
        stack.top();
        break;
      case 0x51: // BINPERSID
        stack.refer();
        break;
      case 0x71: // BINPUT
        stack.memoize(input.uint(1));
        break;
      case 0x72: // LONG_BINPUT
        stack.memoize(input.uint(4));
        break;
      case 0x94: // MEMOIZE
        stack.memoize();
        break;
      case 0x68: // BINGET
        stack.recall(input.uint(1));
        break;
      case 0x6a: // LONG_BINGET
        stack.recall(input.uint(4));
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
