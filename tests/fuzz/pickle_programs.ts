/** Pickles: state dicts as PyTorch writes them, programs that grow, and random programs of all opcodes. @module */
import type { Dice } from "./dice.ts";
import { joined, latin1, little } from "./mutate.ts";

/** A storage that a pickle refers to. */
export interface StoredStorage {
  readonly key: string;
  /** PyTorch's class. */
  readonly type: string;
  /** Elements, as the pickle says. */
  readonly length: number;
  readonly bytes: Uint8Array;
}

/** A pickle and the storages that it refers to. */
export interface TensorPickle {
  readonly pickle: Uint8Array<ArrayBuffer>;
  readonly storages: readonly StoredStorage[];
}

const WIDTHS = {
  FloatStorage: 4,
  DoubleStorage: 8,
  HalfStorage: 2,
  BFloat16Storage: 2,
  LongStorage: 8,
  IntStorage: 4,
  ShortStorage: 2,
  CharStorage: 1,
  ByteStorage: 1,
  BoolStorage: 1,
} as const;
type StorageType = keyof typeof WIDTHS;
const TYPES = Object.keys(WIDTHS) as StorageType[];

/** Everything that the reader knows, and some that it must refuse. */
const GLOBALS = [
  "collections OrderedDict",
  "torch._utils _rebuild_tensor",
  "torch._utils _rebuild_tensor_v2",
  "torch._utils _rebuild_parameter",
  "torch Size",
  "torch device",
  ...TYPES.map((type) => `torch ${type}`),
];
const FOREIGN = [
  "os system",
  "builtins eval",
  "torch._utils _rebuild_qtensor",
  "numpy dtype",
  "__proto__ constructor",
];

const NOTHING = new Uint8Array(0);

/** Writes opcodes; values that a pickle holds become calls of its methods. */
class PickleWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;
  readonly #memo: boolean;
  #next = 0;

  constructor(dice: Dice) {
    this.#memo = dice.chance(0.5);
    this.op(0x80, Uint8Array.of(dice.pick([2, 2, 3, 4, 5])));
  }

  op(code: number, data?: Uint8Array, more?: Uint8Array): this {
    this.#put(code);
    for (const byte of data ?? NOTHING) this.#put(byte);
    for (const byte of more ?? NOTHING) this.#put(byte);
    return this;
  }

  #put(byte: number): void {
    if (this.#length === this.#bytes.length) this.#bytes = joined(this.#bytes, this.#bytes);
    this.#bytes[this.#length++] = byte;
  }

  /** Remembers what is on top, as Python does. */
  remember(): this {
    if (!this.#memo) return this;
    const index = this.#next++;
    return index < 256 ? this.op(0x71, Uint8Array.of(index)) : this.op(0x72, little(index, 4));
  }

  text(text: string): this {
    const bytes = new TextEncoder().encode(text);
    return this.op(0x58, little(bytes.length, 4), bytes).remember();
  }

  int(value: number): this {
    if (value >= 0 && value < 256 && Number.isInteger(value)) {
      return this.op(0x4b, Uint8Array.of(value));
    }
    if (Number.isInteger(value) && Math.abs(value) < 2 ** 31) {
      return this.op(0x4a, little(value, 4));
    }
    if (Number.isSafeInteger(value)) return this.op(0x8a, Uint8Array.of(8), little(value, 8));
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value);
    return this.op(0x47, bytes);
  }

  global(moduleAndName: string): this {
    return this.op(0x63, latin1(`${moduleAndName.replace(" ", "\n")}\n`)).remember();
  }

  tuple(items: readonly number[]): this {
    this.op(0x28);
    for (const item of items) this.int(item);
    return this.op(0x74).remember();
  }

  bytes(): Uint8Array<ArrayBuffer> {
    this.#put(0x2e);
    return this.#bytes.slice(0, this.#length);
  }
}

/** A state dict, usually a sound one. */
export function stateDict(dice: Dice): TensorPickle {
  const out = new PickleWriter(dice);
  const odd = dice.chance(0.4) ? 0.05 : 0;
  const size = (usual: number) =>
    dice.chance(odd) ? dice.interesting() * dice.pick([1, -1, 1e6]) : usual;
  const storages = Array.from({ length: dice.size(6) }, (_, i): StoredStorage => {
    const type = dice.pick(TYPES);
    const length = dice.chance(0.05) ? 0 : dice.size(200);
    const bytes = dice.bytes(
      Math.max(0, length * WIDTHS[type] + (dice.chance(odd) ? dice.between(-8, 8) : 0)),
    );
    return { key: String(i), type, length: size(length), bytes };
  });
  const nested = dice.chance(0.2)
    ? dice.pick(["state_dict", "model_state_dict", "model", "other"])
    : undefined;
  if (nested !== undefined) out.op(0x7d).remember().op(0x28).text(nested);
  const ordered = dice.chance(0.6);
  if (ordered) out.global("collections OrderedDict").op(0x29).op(0x52).remember();
  else out.op(0x7d).remember();
  out.op(0x28);
  const prefix = dice.chance(0.2) ? dice.pick(["module.", "_orig_mod.", "model."]) : "";
  for (let i = dice.size(12); i > 0; i--) {
    out.text(
      `${prefix}${
        dice.chance(0.9)
          ? `features.${i}.weight`
          : dice.pick(["", "__proto__", "a\nb", "é", "x".repeat(300)])
      }`,
    );
    if (dice.chance(0.1)) out.int(dice.interesting());
    else putTensor(out, dice.pick(storages), dice, size);
  }
  out.op(0x75);
  if (ordered && dice.chance(0.2)) out.op(0x7d).op(0x62); // its _metadata
  if (nested !== undefined) out.text("epoch").int(3).op(0x75);
  return { pickle: out.bytes(), storages };
}

/** A window on a storage: whole, strided, transposed, empty, or beyond it. */
function putTensor(
  out: PickleWriter,
  { key, type, length }: StoredStorage,
  dice: Dice,
  size: (usual: number) => number,
): void {
  const parameter = dice.chance(0.2);
  if (parameter) out.global("torch._utils _rebuild_parameter").op(0x28);
  out.global(`torch._utils _rebuild_tensor${dice.chance(0.8) ? "_v2" : ""}`).op(0x28);
  out.op(0x28).text("storage").global(`torch ${dice.chance(0.99) ? type : dice.pick(TYPES)}`).text(
    key,
  );
  out.text(dice.pick(["cpu", "cuda:0"])).int(length).op(0x74).op(0x51);
  const rows = dice.size(Math.max(1, length));
  const columns = Math.floor(Math.max(0, length) / rows);
  const shape = dice.pick([[length], [rows, columns], [columns], [], [1, rows, 1], [0, rows], [
    rows,
    rows,
    0,
  ]]);
  const dense = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const strides = dice.chance(0.7)
    ? dense
    : dice.chance(0.5)
    ? dense.toReversed()
    : shape.map(() => dice.below(3));
  out.int(size(dice.chance(0.8) ? 0 : dice.below(length + 2)));
  out.tuple(shape.map(size)).tuple(strides.map(size));
  out.op(0x89).global("collections OrderedDict").op(0x29).op(0x52).op(0x74).op(0x52).remember();
  if (parameter) out.op(0x88).global("collections OrderedDict").op(0x29).op(0x52).op(0x74).op(0x52);
}

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

/** The pickles and storages of a file that PyTorch before 1.6 wrote. */
export function legacyFile(
  { pickle, storages }: TensorPickle,
  dice: Dice,
): Uint8Array<ArrayBuffer> {
  const magic = joined(
    Uint8Array.of(0x80, 2, 0x8a, 10),
    Uint8Array.of(0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19),
    latin1("."),
  );
  const version = Uint8Array.of(0x80, 2, 0x4d, 0xe9, 3, 0x2e);
  const system = joined(
    Uint8Array.of(0x80, 2, 0x7d, 0x28),
    textOf("little_endian"),
    Uint8Array.of(dice.chance(0.98) ? 0x88 : 0x89),
    latin1("u."),
  );
  const keys = joined(
    Uint8Array.of(0x80, 2, 0x5d, 0x28),
    ...storages.map(({ key }) => textOf(key)),
    latin1("e."),
  );
  const data = storages.flatMap(({ length, bytes }) => [
    little(dice.chance(0.99) ? length : dice.interesting(), 8),
    bytes,
  ]);
  return joined(magic, version, system, pickle, keys, ...data);
}

/** A text as a pickle holds it. */
function textOf(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  return joined(Uint8Array.of(0x58), little(bytes.length, 4), bytes);
}
