import assert from "node:assert/strict";
import { parsePickle } from "../../src/weights/pickle.ts";
import { assertUserError } from "./fixtures.ts";

/** A pickle from bytes and text. */
function assemble(...parts: (number | string)[]): Uint8Array {
  return new Uint8Array(
    parts.flatMap((part) =>
      typeof part === "number" ? [part] : [...part].map((character) => character.charCodeAt(0))
    ),
  );
}

function parse(bytes: Uint8Array, allows: (module: string, name: string) => boolean = () => true) {
  return parsePickle(bytes, { name: "x.pth", allows });
}

Deno.test("scalars of every width read as Python wrote them", () => {
  // pickle.dumps([None, True, False, 0, 255, 256, 65535, -1, 2**31, -2**63, 2**80, 1.5, "é", b"\0"], 4)
  const bytes = Uint8Array.from(
    atob(
      "gASVRwAAAAAAAABdlChOiIlLAEv/TQABTf//Sv////+KBQAAAIAAiggAAAAAAAAAgIoLAAAAAAAAAAAAAAFHP/gAAAAAAACMAsOplEMBAJRlLg==",
    ),
    (character) => character.charCodeAt(0),
  );
  assert.deepEqual(parse(bytes).value, [
    null,
    true,
    false,
    0,
    255,
    256,
    65535,
    -1,
    2 ** 31,
    -(2n ** 63n),
    2n ** 80n,
    1.5,
    "é",
    new Uint8Array([0]),
  ]);
});

Deno.test("a list may hold itself, and reading it ends", () => {
  const value = parse(assemble(0x80, 2, "]q\0h\0a.")).value as unknown[];
  assert.equal(value[0], value);
});

Deno.test("thirty lists that each hold the next twice take no more memory than they are", () => {
  // Each: EMPTY_LIST, MARK, twice BINGET of the list before, APPENDS, BINPUT; POP leaves it in the memo.
  const doubled = Array.from({ length: 30 }, (_, i) => ["](h", i, "h", i, "eq", i + 1, "0"]).flat();
  let { value } = parse(assemble(0x80, 2, "]q", 0, "0", ...doubled, "h", 30, "."));
  for (let depth = 0; depth < 30; depth++) {
    assert.ok(Array.isArray(value) && value.length === 2 && value[0] === value[1]);
    value = value[0];
  }
  assert.deepEqual(value, []);
});

Deno.test("an ordered dict is a dict, in Python 2's form as in Python 3's", () => {
  const python3 = assemble(0x80, 2, "ccollections\nOrderedDict\n)R(U\x01aK\x01u.");
  const python2 = assemble(0x80, 2, "ccollections\nOrderedDict\n](](U\x01aK\x01ee", 0x85, "R.");
  assert.deepEqual(parse(python3).value, new Map([["a", 1]]));
  assert.deepEqual(parse(python2).value, new Map([["a", 1]]));
});

Deno.test("an ordered dict of what are no pairs is refused", () =>
  assertUserError(
    () => parse(assemble(0x80, 2, "ccollections\nOrderedDict\n]K\x01a", 0x85, "R.")),
    /malformed/,
  ));

Deno.test("a call is recorded and not made", () => {
  const { value } = parse(assemble(0x80, 2, "cos\nsystem\nU\x04exit", 0x85, "R."));
  assert.deepEqual(value, {
    kind: "call",
    callee: { kind: "global", module: "os", name: "system" },
    args: ["exit"],
  });
});

Deno.test("objects of classes are recorded and not made, those of dicts are dicts", () => {
  const namespace = "cargparse\nNamespace\n)";
  assert.deepEqual(parse(assemble(0x80, 2, namespace, 0x81, "}U\x01aK\x01sb.")).value, {
    kind: "call",
    callee: { kind: "global", module: "argparse", name: "Namespace" },
    args: [],
  });
  const attributes = "clightning.fabric.utilities.data\nAttributeDict\n)";
  const { value } = parse(assemble(0x80, 2, attributes, 0x81, "U\x01aK\x01s}b."));
  assert.deepEqual(value, new Map([["a", 1]]));
});

Deno.test("keys that are no text are kept, each by itself", () => {
  const { value } = parse(assemble(0x80, 2, "}(K\x01NK\x01NU\x011Nu."));
  assert.equal((value as ReadonlyMap<unknown, unknown>).size, 3);
});

Deno.test("reading tells where the pickle ends", () => {
  assert.equal(parse(assemble(0x80, 2, "N.", 1, 2, 3)).end, 4);
});

const FAULTS: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ["nothing", assemble(), /ends too early/],
  ["no end", assemble(0x80, 2, "N"), /ends too early/],
  ["two values at its end", assemble(0x80, 2, "NN."), /malformed/],
  ["no value at its end", assemble(0x80, 2, "."), /malformed/],
  ["an open mark at its end", assemble(0x80, 2, "N(."), /malformed/],
  ["protocol 0", assemble(0x80, 0, "N."), /protocol 0; graft reads 2 to 5/],
  ["protocol 6", assemble(0x80, 6, "N."), /protocol 6/],
  ["an unknown opcode", assemble(0x80, 2, 0xff, "."), /opcode 0xff.*nothing was executed/],
  ["INST", assemble(0x80, 2, "(ios\nsystem\n."), /opcode 0x69/],
  ["OBJ", assemble(0x80, 2, "(cos\nsystem\no."), /opcode 0x6f/],
  ["an extension", assemble(0x80, 2, 0x82, 1, "."), /opcode 0x82/],
  ["a number of 4 GB", assemble(0x80, 2, 0x8b, 255, 255, 255, 255, "."), /opcode 0x8b/],
  ["a text of 4 GB", assemble(0x80, 2, "X", 255, 255, 255, 255, "."), /ends too early/],
  ["bytes of 2^64", assemble(0x80, 4, 0x8e, ..."\xff".repeat(8), "."), /ends too early/],
  ["a text that is no UTF-8", assemble(0x80, 2, "U\x01\xff."), /not UTF-8/],
  ["a name without end", assemble(0x80, 2, "c", "a".repeat(300), "\nb\n."), /name without end/],
  ["a recall of nothing", assemble(0x80, 2, "h\x05."), /malformed/],
  ["a pop from nothing", assemble(0x80, 2, "0."), /malformed/],
  ["a pop below the mark", assemble(0x80, 2, "N(", 0x85, "."), /malformed/],
  ["items without a mark", assemble(0x80, 2, "]e."), /malformed/],
  ["an item for a number", assemble(0x80, 2, "K\x01K\x02a."), /malformed/],
  ["a key without value", assemble(0x80, 2, "}(K\x01u."), /malformed/],
  ["a call of a number", assemble(0x80, 2, "K\x01)R."), /malformed/],
  ["a name made of numbers", assemble(0x80, 4, "K\x01K\x02", 0x93, "."), /malformed/],
  ["600 open marks", assemble(0x80, 2, "(".repeat(600), "."), /nests deeper than 500/],
  ["too many values", assemble(0x80, 2, "N".repeat(100_010), "."), /more than 100000 values/],
  ["too many opcodes", assemble(0x80, 2, "N0".repeat(300_000), "N."), /more than 500000 opcodes/],
  ["more dicts than it is worth", assemble(0x80, 2, "}0".repeat(100_000), "N."), /more memory/],
];

for (const [what, bytes, message] of FAULTS) {
  Deno.test(`a pickle with ${what} is refused`, () => assertUserError(() => parse(bytes), message));
}

Deno.test("a name that is not allowed is refused, and said on one line", async () => {
  const none = () => false;
  await assertUserError(
    () => parse(assemble(0x80, 2, "cos\nsystem\n."), none),
    /Cannot read x.pth: its pickle asks for os\.system, which tensors do not need, and nothing was/,
  );
  await assertUserError(
    () => parse(assemble(0x80, 4, 0x8c, 4, "a\x1b[m", 0x8c, 2, "b\n", 0x93, "."), none),
    /asks for a \[m\.b , which/,
  );
});
