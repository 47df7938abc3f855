/** Small files that would take hours or all memory, were they believed; each is made here. @module */

import {
  assemble,
  get,
  int,
  many,
  ORDERED_DICT,
  type Part,
  pth,
  put,
  tensor,
  text,
  uint,
  zip,
} from "./assemble_pth.ts";

/** A file that must be refused at once, or read in no more than it is worth. */
export interface Attack {
  /** What it does. */
  readonly name: string;
  /** The file. */
  readonly make: () => Uint8Array<ArrayBuffer>;
  /** What the message says; undefined where the file is read, since it is only strange. */
  readonly refused?: RegExp;
}

/** A list of pairs at 1 in the memo. */
const pairs = (count: number): Part => [
  "](",
  many(count, (i) => `${int(i)}N\x86`).join(""),
  "e\x85q\x010",
];

/** One tensor under many names. */
const shared = (count: number, one: Part): Part => [one, put(9), "0}", named(count, 9), "."];

/** Numbers that V8 keeps in four of 2^14 buckets: its hash of whole numbers has no seed. */
function colliding(count: number): number[] {
  const found: number[] = [];
  for (let key = 0; found.length < count; key++) {
    let hash = key | 0;
    hash = (~hash + (hash << 15)) | 0;
    hash = hash ^ (hash >>> 12);
    hash = (hash + (hash << 2)) | 0;
    hash = hash ^ (hash >>> 4);
    hash = Math.imul(hash, 2057);
    hash = hash ^ (hash >>> 16);
    if ((hash & 0xfff) === 0) found.push(key);
  }
  return found;
}

/** Many names, in the dict at the top of the stack, of what is at `index` in the memo. */
const named = (count: number, index: number): Part =>
  many(count / 1000, (batch) => [
    ...["(", many(1000, (i) => text(`t${1000 * batch + i}`) + get(index)).join(""), "u"],
  ]);

const TOO_MUCH = /ask for more (work|memory) than a file of that size needs/;

/** Attacks by `.pth` files. */
export const PTH_ATTACKS: readonly Attack[] = [
  {
    name: "2,000 ordered dicts of one list of 2,000 pairs, all kept",
    make: () => pth(ORDERED_DICT, "q\0", pairs(2000), "(", ...many(2000, () => "h\0h\x01R"), "t."),
    refused: TOO_MUCH,
  },
  {
    name: "10,000 ordered dicts of one list of 5,000 pairs, one kept",
    make: () => pth(ORDERED_DICT, "q\0", pairs(5000), ...many(10_000, () => "h\0h\x01R0"), "N."),
    refused: TOO_MUCH,
  },
  {
    name: "default dicts and ordered dicts through NEWOBJ, copied alike",
    make: () =>
      pth(
        "ccollections\ndefaultdict\n",
        ...["q\0", pairs(5000), ...many(10_000, () => "h\0h\x01\x810"), "N."],
      ),
    refused: TOO_MUCH,
  },
  {
    name: "two equal keys of 300 kB, set in turn",
    make: () => {
      const key = text("k".repeat(300_000));
      return pth(key, "q\x010", key, "q\x020}", ...many(20_000, () => "h\x01Nsh\x02Ns"), ".");
    },
    refused: TOO_MUCH,
  },
  {
    name: "keys whose hashes are one",
    make: () => pth("}(", ...colliding(20_000).map((key) => [int(key), "N"]), "u."),
    refused: /holds no tensors by name/,
  },
  {
    name: "big numbers that differ in their upper half as keys",
    make: () =>
      pth(
        "}(",
        ...many(40_000, (i) => [0x8a, 16, uint(1, 8), uint(i, 8), "N"]),
        "u.",
      ),
    refused: /holds no tensors by name/,
  },
  {
    name: "memo numbers whose hashes are one",
    make: () => pth("N", ...colliding(20_000).map((index) => ["r", uint(index, 4)]), "."),
    refused: /malformed/,
  },
  {
    name: "a memo number of four billion",
    make: () => pth("Nr", uint(2 ** 32 - 1, 4), "."),
    refused: /malformed/,
  },
  {
    name: "400,000 dicts in a list",
    make: () => pth("]", ...many(40, () => ["(", "}".repeat(10_000), "e"]), "."),
    refused: TOO_MUCH,
  },
  {
    name: "300,000 lists, dropped again",
    make: () => pth("]0".repeat(240_000), "N."),
    refused: /does not hold a dict/,
  },
  {
    name: "a list that doubles itself",
    make: () => pth("](NNNNe", ...many(1000, () => ["q\x01(", "h\x01".repeat(90), "e"]), "."),
    refused: /does not hold a dict/,
  },
  {
    name: "tuples nested 490,000 deep",
    make: () => pth("N", "\x85".repeat(490_000), "."),
    refused: /does not hold a dict/,
  },
  {
    name: "big numbers of 255 bytes, 16 MB of them",
    make: () => {
      const one = assemble(0x8a, 255, new Uint8Array(255).fill(0x7f), "0");
      return pth(many(65_000, () => one), "N.");
    },
    refused: /does not hold a dict/,
  },
  {
    name: "a text of 100 MB",
    make: () => pth("X", uint(1e8, 4), new Uint8Array(1e8).fill(0x61), "."),
    refused: TOO_MUCH,
  },
  {
    name: "bytes of 4 GB that are not there",
    make: () => pth("B", uint(2 ** 32 - 1, 4), "."),
    refused: /ends too early/,
  },
  {
    name: "200,000 outside references",
    make: () => pth("K\x01q\x01", "h\x01Q0".repeat(100_000), "."),
    refused: /does not hold a dict/,
  },
  {
    name: "100,000 tensors, each a view of the whole storage",
    make: () => pth(shared(100_000, tensor([4, 4], [4, 1]))),
    refused: /would unfold it to more than/,
  },
  {
    name: "30,000 names of one dict of 30,000 tensors",
    make: () =>
      pth(tensor([1], [1]), put(9), "0}", named(30_000, 9), put(10), "0}", named(30_000, 10), "."),
    refused: /holds tensors under "t0" and under "t1"/,
  },
  {
    name: "20,000 transposed views of one storage of 64 kB",
    make: () => {
      const one = tensor([128, 128], [1, 128], { length: 16384 });
      return zip([
        ["a/data.pkl", assemble(0x80, 2, shared(20_000, one))],
        ["a/data/0", new Uint8Array(65536)],
      ]);
    },
    refused: /would unfold it to more than/,
  },
  {
    name: "20,000 widened views of one storage of 64 kB",
    make: () => {
      const one = tensor([32768], [1], { length: 32768, kind: "HalfStorage" });
      return zip([
        ["a/data.pkl", assemble(0x80, 2, shared(20_000, one))],
        ["a/data/0", new Uint8Array(65536)],
      ]);
    },
    refused: /would unfold it to more than/,
  },
  {
    name: "a view of stride 0 with 60 axes of length 1",
    make: () => {
      const one = tensor([30_000_000, ...many(60, () => 1)], many(61, () => 0), {
        kind: "ByteStorage",
        length: 64,
      });
      return pth("}", text("t"), one, "s.");
    },
  },
  {
    name: "a shape of 2^60 elements",
    make: () => pth("}", text("t"), tensor([2 ** 30, 2 ** 30], [0, 0]), "s."),
    refused: /reaches beyond its storage|would unfold/,
  },
  {
    name: "a shape of 80,000 axes",
    make: () => pth("}", text("t"), tensor(many(40_000, () => 1), many(40_000, () => 1)), "s."),
    refused: /reaches beyond its storage/,
  },
  {
    name: "two equal names of a storage, 300 kB long",
    make: () => {
      const key = "0".repeat(300_000);
      return pth("}", text("t"), tensor([1], [1], { key }), "s.");
    },
    refused: /describes storage/,
  },
  {
    name: "two entries in one place",
    make: () => {
      const bytes = pth("}.");
      // The second entry's place in the directory, which comes before the end record of 22 bytes.
      const place = bytes.length - 22 - "a/data/0".length - 4;
      return bytes.fill(0, place, place + 4);
    },
    refused: /overlaps another/,
  },
  {
    name: "a directory of 150,000 entries",
    make: () => {
      const entry = assemble("PK\x01\x02", new Uint8Array(42));
      const named = many(150_000, (i) => {
        const name = i.toString(36);
        const own = entry.slice();
        own[28] = name.length;
        return [own, name];
      });
      const directory = assemble(named);
      const end64 = [
        "PK\x06\x06",
        uint(44, 8),
        ...[uint(0, 4), uint(0, 8), uint(150_000, 8), uint(150_000, 8)],
        ...[uint(directory.length, 8), uint(0, 8)],
      ];
      const locator = ["PK\x06\x07", uint(0, 4), uint(directory.length, 8), uint(1, 4)];
      const end = ["PK\x05\x06", new Uint8Array(18).fill(255, 4, 16)];
      return assemble(directory, ...end64, ...locator, ...end);
    },
    refused: /150000 entries/,
  },
];
