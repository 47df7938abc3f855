/** Pickles that make much of little, and random programs of all opcodes. @module */
import type { Dice } from "./dice.ts";
import { joined, latin1, little } from "./mutate.ts";
import { GLOBALS, PickleWriter } from "./pickle_files.ts";

/** Names that no reader of tensors may know. */
const FOREIGN = [
  "os system",
  "builtins eval",
  "torch._utils _rebuild_qtensor",
  "numpy dtype",
  "__proto__ constructor",
];

/** Programs that make much of little, by every opcode and call that the reader knows. */
export function growingPickle(dice: Dice): Uint8Array<ArrayBuffer> {
  const out = new PickleWriter(dice);
  const times = dice.size(dice.chance(0.05) ? 20_000 : 1500);
  const length = dice.size(dice.chance(0.05) ? 10_000 : 1000);
  const kind = dice.below(9);
  if (kind === 0) {
    // A long list of pairs, from which ordered dicts are made again and again.
    out.op(0x5d).op(0x71, Uint8Array.of(0)).op(0x28);
    for (let i = 0; i < length; i++) out.int(i).int(i).op(0x86);
    out.op(0x65).op(0x30).op(0x5d);
    for (let i = 0; i < times; i++) {
      out.global("collections OrderedDict").op(0x68, Uint8Array.of(0)).op(0x85).op(0x52);
      out.op(dice.chance(0.9) ? 0x61 : 0x30);
    }
  } else if (kind === 1) {
    // Doubling: each list holds the one before it twice.
    out.op(0x5d).op(0x71, Uint8Array.of(0));
    for (let i = 0; i < times; i++) {
      out.op(0x30).op(0x68, Uint8Array.of(0)).op(0x68, Uint8Array.of(0)).op(0x86).op(
        0x71,
        Uint8Array.of(0),
      );
    }
  } else if (kind === 2) {
    // Depth: tuples in tuples.
    for (let i = 0; i < times; i++) out.op(0x28);
    for (let i = 0; i < times; i++) out.op(0x74);
  } else if (kind === 3) {
    for (let i = 0; i < times; i++) out.op(0x5d).op(0x94);
    out.op(0x28);
    for (let i = 0; i < length; i++) out.op(0x6a, little(dice.below(times), 4));
    out.op(0x74);
  } else if (kind === 4) {
    // A list that holds itself, and calls that take it.
    out.op(0x5d).op(0x71, Uint8Array.of(0)).op(0x68, Uint8Array.of(0)).op(0x61);
    for (let i = 0; i < times; i++) {
      out.global(dice.pick(GLOBALS)).op(0x68, Uint8Array.of(0)).op(0x52).op(0x30);
    }
  } else if (kind === 5) {
    // One long text, as many keys and bytes.
    out.op(0x7d).op(0x58, little(length, 4), new Uint8Array(length).fill(0x61)).op(
      0x71,
      Uint8Array.of(1),
    );
    out.op(0x30);
    for (let i = 0; i < times; i++) out.op(0x68, Uint8Array.of(1)).op(0x4e).op(0x73);
  } else if (kind === 6) {
    // Storages that are referred to again and again.
    out.op(0x5d);
    for (let i = 0; i < times; i++) out.op(0x28).text("storage").op(0x74).op(0x51).op(0x61);
  } else if (kind === 7) {
    for (let i = 0; i < times; i++) {
      out.op(0x8a, Uint8Array.of(255), new Uint8Array(255).fill(i));
    }
    for (let i = 1; i < times; i++) out.op(0x30);
  } else {
    // A dict in whose place the next one is made of the pairs of all before.
    out.op(0x28);
    for (let i = 0; i < length; i++) out.op(0x5d);
    out.op(0x74).op(0x71, Uint8Array.of(0));
    for (let i = 0; i < times; i++) {
      out.op(0x28).op(0x68, Uint8Array.of(0)).op(0x68, Uint8Array.of(0)).op(0x86).op(
        0x75 - dice.below(2) * 0x10,
      ).op(0x30);
    }
  }
  return out.bytes();
}

/** Codes that the reader knows, with how many values each takes and gives; -1 takes all down to a mark. */
// deno-fmt-ignore
const OPCODES: readonly (readonly [code: number, takes: number, gives: number])[] = [
  [0x4e, 0, 1], [0x88, 0, 1], [0x89, 0, 1], [0x4a, 0, 1], [0x4b, 0, 1], [0x4d, 0, 1], [0x8a, 0, 1], [0x47, 0, 1],
  [0x55, 0, 1], [0x8c, 0, 1], [0x54, 0, 1], [0x58, 0, 1], [0x8d, 0, 1], [0x43, 0, 1], [0x42, 0, 1], [0x8e, 0, 1],
  [0x5d, 0, 1], [0x29, 0, 1], [0x7d, 0, 1], [0x85, 1, 1], [0x86, 2, 1], [0x87, 3, 1], [0x74, -1, 1], [0x61, 2, 1],
  [0x65, -1, 0], [0x73, 3, 1], [0x75, -1, 0], [0x63, 0, 1], [0x93, 2, 1], [0x52, 2, 1], [0x62, 2, 1], [0x51, 1, 1],
  [0x71, 1, 1], [0x72, 1, 1], [0x94, 1, 1], [0x68, 0, 1], [0x6a, 0, 1], [0x28, 0, 0], [0x30, 1, 0], [0x31, -1, 0],
  [0x95, 0, 0], [0x80, 0, 0],
];

/** A random program that seldom lets its stack run empty. */
export function randomPickle(dice: Dice): Uint8Array<ArrayBuffer> {
  const out = new PickleWriter(dice);
  const marks: number[] = [];
  let depth = 0;
  for (let count = dice.size(400); count > 0; count--) {
    const [code, takes, gives] = dice.pick(OPCODES);
    if (
      dice.chance(0.98) && (takes < 0 ? marks.length === 0 : depth - (marks.at(-1) ?? 0) < takes)
    ) continue;
    if (code === 0x28) marks.push(depth);
    depth = takes < 0 ? (marks.pop() ?? 0) + gives : Math.max(0, depth - takes) + gives;
    out.op(code, operand(code, dice));
  }
  while (marks.length > 0) {
    out.op(0x74);
    depth = marks.pop()! + 1;
  }
  for (; depth > 1; depth--) out.op(dice.pick([0x30, 0x86, 0x61]));
  if (dice.chance(0.02)) out.op(dice.below(256));
  return out.bytes();
}

function operand(code: number, dice: Dice): Uint8Array {
  const short = () => dice.bytes(dice.size(12));
  const counted = (width: 1 | 4 | 8, bytes: Uint8Array) =>
    joined(
      dice.chance(0.99) ? little(bytes.length, width) : little(dice.interesting(), width),
      bytes,
    );
  switch (code) {
    case 0x80:
      return Uint8Array.of(dice.between(1, 6));
    case 0x95:
      return little(dice.interesting(), 8);
    case 0x4a:
      return little(dice.interesting(), 4);
    case 0x4b:
      return Uint8Array.of(dice.below(256));
    case 0x4d:
      return little(dice.interesting(), 2);
    case 0x8a:
      return counted(1, short());
    case 0x47:
      return dice.bytes(8);
    case 0x55:
    case 0x8c:
      return counted(
        1,
        latin1(dice.pick(["storage", "torch", "0", "OrderedDict", "collections", "__proto__", ""])),
      );
    case 0x54:
    case 0x58:
      return counted(4, latin1(dice.pick(["state_dict", "cpu", "a.weight", "1"])));
    case 0x8d:
      return counted(8, latin1("model"));
    case 0x43:
      return counted(1, short());
    case 0x42:
      return counted(4, short());
    case 0x8e:
      return counted(8, short());
    case 0x63:
      return latin1(`${dice.pick(dice.chance(0.98) ? GLOBALS : FOREIGN).replace(" ", "\n")}\n`);
    case 0x71:
    case 0x68:
      return Uint8Array.of(dice.below(4));
    case 0x72:
    case 0x6a:
      return little(dice.chance(0.99) ? dice.below(4) : dice.interesting(), 4);
    default:
      return new Uint8Array(0);
  }
}
