/** Pickles of state dicts, as PyTorch writes them, and the files around them. @module */
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

/** Everything that the reader knows. */
export const GLOBALS = [
  "collections OrderedDict",
  "torch._utils _rebuild_tensor",
  "torch._utils _rebuild_tensor_v2",
  "torch._utils _rebuild_parameter",
  "torch Size",
  "torch device",
  ...TYPES.map((type) => `torch ${type}`),
];

const NOTHING = new Uint8Array(0);

/** Writes opcodes; values that a pickle holds become calls of its methods. */
export class PickleWriter {
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
