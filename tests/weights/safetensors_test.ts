import assert from "node:assert/strict";
import { readSafetensors, writeSafetensors } from "../../src/weights/safetensors.ts";
import type { HostTensor } from "../../src/core/host_tensor.ts";
import { assertTensors, assertUserError, fixture } from "./fixtures.ts";

/** A file with the given header, text or object, and `size` bytes of data. */
function craft(header: unknown, size = 0): Uint8Array {
  const text = typeof header === "string" ? header : JSON.stringify(header);
  const json = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + json.length + size);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

/** One float32 tensor's header entry. */
function entry(begin: number, end: number, shape: unknown = [(end - begin) / 4], dtype = "F32") {
  return { dtype, shape, data_offsets: [begin, end] };
}

Deno.test("a file written by Python's safetensors reads to the last bit", () => {
  const { tensors, metadata } = readSafetensors(fixture("safetensors"));
  assertTensors(tensors, "plain");
  assert.deepEqual(metadata, { format: "pt" });
});

Deno.test("a file without metadata has none, and names may be anything", () => {
  const { tensors, metadata } = readSafetensors(fixture("safetensors_bare"));
  assert.deepEqual(metadata, {});
  assert.deepEqual([...tensors.keys()].sort(), ["a", 'α "quoted"\n']);
});

Deno.test("the writer lays out a file byte for byte as Python's safetensors does", () => {
  const bare = fixture("safetensors_bare");
  assert.deepEqual(writeSafetensors(readSafetensors(bare)), bare);
});

Deno.test("every dtype survives writing and reading, at any alignment", () => {
  const { tensors, metadata } = readSafetensors(fixture("safetensors"));
  const reversed = new Map([...tensors].reverse());
  const bytes = writeSafetensors({ tensors: reversed, metadata });
  for (const shift of [0, 1, 4]) {
    const moved = new Uint8Array(bytes.length + shift);
    moved.set(bytes, shift);
    const again = readSafetensors(moved.subarray(shift));
    assertTensors(again.tensors, "plain");
    assert.deepEqual(again.metadata, metadata);
  }
});

Deno.test("float32 tensors are kept as 16-bit floats where asked for, as Python writes them", () => {
  const tensor: HostTensor = { dtype: "float32", shape: [2], data: Float32Array.of(1, 1 / 3) };
  const tensors = new Map([["a", tensor], ["b", tensor]]);
  const bytes = writeSafetensors({ tensors, metadata: {}, float16: new Set(["a"]) });
  const header = new TextDecoder().decode(bytes.subarray(8, bytes.length - 12)).trimEnd();
  assert.deepEqual(JSON.parse(header), {
    b: { dtype: "F32", shape: [2], data_offsets: [0, 8] },
    a: { dtype: "F16", shape: [2], data_offsets: [8, 12] },
  });
  assert.deepEqual([...bytes.subarray(-4)], [0x00, 0x3c, 0x55, 0x35]);
  const [half, whole] = ["a", "b"].map((name) => readSafetensors(bytes).tensors.get(name)!);
  assert.deepEqual([half.dtype, ...half.data], ["float32", 1, 1365 / 4096]);
  assert.deepEqual([...whole.data], [1, Math.fround(1 / 3)]);
  const wrong: HostTensor = { dtype: "int32", shape: [1], data: Int32Array.of(1) };
  assert.throws(
    () =>
      writeSafetensors({
        tensors: new Map([["a", wrong]]),
        metadata: {},
        float16: new Set(["a"]),
      }),
    /Cannot write tensor "a" as float16: it is int32/,
  );
});

Deno.test("aligned tensors share the file's memory", () => {
  const tensor: HostTensor = { dtype: "float32", shape: [2], data: new Float32Array([1, 2]) };
  const bytes = writeSafetensors({ tensors: new Map([["w", tensor]]), metadata: {} });
  assert.equal(readSafetensors(bytes).tensors.get("w")!.data.buffer, bytes.buffer);
});

Deno.test("a tensor may be called __proto__, and so may a metadata key", () => {
  const header = '{"__metadata__":{"__proto__":"x"},' +
    '"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}';
  const file = readSafetensors(craft(header, 1));
  assert.deepEqual([...file.tensors.keys()], ["__proto__"]);
  assert.deepEqual(Object.entries(file.metadata), [["__proto__", "x"]]);
  assert.deepEqual([...readSafetensors(writeSafetensors(file)).tensors.keys()], ["__proto__"]);
});

Deno.test("offsets beyond 4 GiB are compared exactly, not wrapped", () =>
  assertUserError(
    () => readSafetensors(craft({ w: entry(2 ** 33, 2 ** 33 + 4, [1]) }, 4)),
    /ends at byte 8589934596 of the data, which has 4/,
  ));

Deno.test("writing data that does not fit its shape is refused", () => {
  const tensor: HostTensor = { dtype: "float32", shape: [3], data: new Float32Array(2) };
  assert.throws(
    () => writeSafetensors({ tensors: new Map([["w", tensor]]), metadata: {} }),
    /Cannot write tensor "w": 8 bytes, shape \[3\] of float32 needs 12/,
  );
});

const FAULTS: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ["nothing", new Uint8Array(0), /has 0 bytes/],
  ["seven bytes", new Uint8Array(7), /has 7 bytes/],
  ["an absurd header length", new Uint8Array(8).fill(255), /claims 18446744073709552000 bytes/],
  ["a header beyond the end", craft({}).subarray(0, 9), /claims 2 bytes and the file ends after 1/],
  ["a header that is no JSON", craft('{"w": '), /header is not JSON/],
  ["a header of a million brackets", craft("[".repeat(1e6)), /header is not JSON/],
  ["a header that is no UTF-8", craft({}).with(8, 255), /header is not JSON/],
  ["a list for a header", craft([]), /header is not a JSON object/],
  ["null for a header", craft("null"), /header is not a JSON object/],
  ["metadata that is a list", craft({ __metadata__: [] }), /__metadata__ is not a JSON object/],
  ["metadata that is no text", craft({ __metadata__: { a: 1 } }), /entry "a" is no text/],
  ["an entry that is a number", craft({ w: 1 }), /tensor "w" is not described by/],
  ["an entry without dtype", craft({ w: {} }), /dtype undefined; graft reads BOOL, U8/],
  ["an unknown dtype", craft({ w: entry(0, 4, [1], "F8_E4M3") }, 4), /dtype "F8_E4M3"; graft/],
  ["a dtype of Object.prototype", craft({ w: entry(0, 4, [1], "constructor") }, 4), /dtype "con/],
  ["a negative size", craft({ w: entry(0, 4, [-1, -1]) }, 4), /shape \[-1,-1\]; expected/],
  ["a fractional size", craft({ w: entry(0, 4, [0.5, 2]) }, 4), /shape \[0.5,2\]; expected/],
  ["a shape that is a number", craft({ w: entry(0, 4, 1) }, 4), /shape 1; expected/],
  ["a giant shape", craft({ w: entry(0, 4, [2 ** 40, 2 ** 40]) }, 4), /shape \[1099511627776/],
  ["offsets that are one", craft({ w: { ...entry(0, 4), data_offsets: [0] } }, 4), /data_offsets/],
  ["offsets that run backwards", craft({ w: entry(4, 0, []) }, 4), /data_offsets \[4,0\]/],
  [
    "offsets that are text",
    craft({ w: { ...entry(0, 4), data_offsets: "04" } }, 4),
    /data_offsets/,
  ],
  ["too few bytes", craft({ w: entry(0, 4, [2]) }, 4), /has 4 bytes, shape \[2\] of F32 needs 8/],
  ["a truncated body", craft({ w: entry(0, 8) }, 4), /ends at byte 8 of the data, which has 4/],
  ["an overlap", craft({ a: entry(0, 8), b: entry(4, 12) }, 12), /"b" begins at byte 4, inside/],
  ["a hole", craft({ a: entry(0, 4), b: entry(8, 12) }, 12), /bytes 4 to 8 before tensor "b"/],
  [
    "a name given twice",
    craft(`{"w":${JSON.stringify(entry(0, 4))},"w":${JSON.stringify(entry(4, 8))}}`, 8),
    /a field is there twice/,
  ],
  ["bytes left over", craft({ a: entry(0, 4) }, 6), /2 bytes after the last tensor/],
  ["a name that steers the terminal", craft({ "\x1b[2J\n": 1 }), /tensor "\\u001b\[2J\\n" is not/],
];

for (const [what, bytes, message] of FAULTS) {
  Deno.test(`a safetensors file with ${what} is refused`, () =>
    assertUserError(() => readSafetensors(bytes, "w.safetensors"), message));
}

Deno.test("a safetensors file cut anywhere is refused", async () => {
  const bytes = fixture("safetensors");
  for (let length = 0; length < bytes.length; length += 7) {
    await assertUserError(() => readSafetensors(bytes.subarray(0, length)), /Cannot read safetens/);
  }
});
