import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readPth } from "../../src/weights/pth.ts";
import { readSafetensors } from "../../src/weights/safetensors.ts";
import { assertTensors, assertUserError, fixture, realWeights } from "./fixtures.ts";

for (const name of ["zip_p2", "zip_p4", "zip_p5", "legacy_p2", "legacy_p4"]) {
  Deno.test(`torch.save's ${name} reads to the last bit, strided tensors included`, async () => {
    const { tensors, metadata, skipped } = await readPth(fixture(name), name);
    assertTensors(tensors, "everything");
    assert.deepEqual(metadata, {});
    assert.equal(skipped, undefined);
  });
}

Deno.test("a file reads the same at any alignment in memory", async () => {
  for (const name of ["zip_p2", "legacy_p2"]) {
    for (const shift of [1, 4]) {
      const bytes = fixture(name);
      const moved = new Uint8Array(bytes.length + shift);
      moved.set(bytes, shift);
      assertTensors((await readPth(moved.subarray(shift))).tensors, "everything");
    }
  }
});

Deno.test("contiguous tensors of a zip file share its memory", async () => {
  const bytes = fixture("zip_p2");
  const { tensors } = await readPth(bytes);
  for (const name of ["float32", "int64", "offset", "parameter"]) {
    assert.equal(tensors.get(name)!.data.buffer, bytes.buffer, name);
  }
});

Deno.test("a training script's checkpoint gives its state dict without DataParallel's prefix", async () => {
  assertTensors((await readPth(fixture("nested_state_dict"))).tensors, "module");
});

Deno.test('a module\'s state dict is found under "model", its _metadata passed over', async () => {
  assertTensors((await readPth(fixture("nested_model"))).tensors, "module");
});

Deno.test("what is no tensor is left out and listed", async () => {
  const { tensors, skipped } = await readPth(fixture("mixed"));
  assert.deepEqual([...tensors.keys()], ["weight"]);
  assert.deepEqual(skipped, ["epoch", "note"]);
});

for (const name of ["small_zip", "small_legacy", "zip64", "little_endian"]) {
  Deno.test(`the form ${name} reads`, async () => {
    const { tensors } = await readPth(fixture(name));
    assert.deepEqual([...tensors.get("weight")!.data], [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(tensors.get("weight")!.shape, [2, 3]);
  });
}

const FAULTS: readonly (readonly [string, RegExp])[] = [
  ["os_system_zip", /asks for posix\.system, .* nothing was executed/],
  ["os_system_legacy", /asks for posix\.system/],
  ["eval_p4", /asks for builtins\.eval/],
  ["module_object", /asks for torch\.nn\.modules\.linear\.Linear.*torch\.save\(model\.state_dict/],
  ["no_tensors", /holds no tensors by name \(its keys: epoch\)/],
  ["a_tensor", /does not hold a dict/],
  ["plain_pickle", /does not begin as a file made by torch\.save does/],
  ["not_torch", /holds no "<name>\/data\.pkl"/],
  ["torchscript", /is a TorchScript program/],
  ["big_endian", /written on a big-endian machine/],
  ["deflated", /entry "archive\/data\.pkl" is compressed, which torch\.save never does/],
  ["bomb", /is compressed/],
  ["storage_absent", /storages and the tensors that refer to them do not match/],
  ["storage_short", /storage "0" has 20 bytes, 6 elements of float32 need 24/],
  ["beyond_storage", /"weight" of shape \[2, 4\], strides \[3, 1\].* beyond its storage of 6/],
  ["giant", /"weight" would unfold it to more than \d+ bytes/],
];

for (const [name, message] of FAULTS) {
  Deno.test(`the file ${name} is refused`, () =>
    assertUserError(() => readPth(fixture(name), "w.pth"), message));
}

Deno.test("a file that asks for os.system has executed nothing", async () => {
  for (const name of ["os_system_zip", "os_system_legacy"]) {
    await readPth(fixture(name)).catch(() => {});
  }
  assert.throws(() => Deno.statSync("/tmp/graft_was_here"), Deno.errors.NotFound);
});

for (const name of ["zip_p2", "legacy_p2", "zip64"]) {
  Deno.test(`the file ${name} cut anywhere is refused`, async () => {
    const bytes = fixture(name);
    for (let length = 0; length < bytes.length; length += 13) {
      await assertUserError(
        () => readPth(bytes.subarray(0, length), "w.pth"),
        /^Cannot read w\.pth/,
      );
    }
  });

  Deno.test(`the file ${name} with any byte changed reads or is refused, never more`, async () => {
    const bytes = fixture(name);
    const step = name === "zip64" ? 1 : 3;
    for (let at = 0; at < bytes.length; at += step) {
      for (const value of [0, 255, bytes[at] ^ 1]) {
        await readPth(bytes.with(at, value), "w.pth").then(
          () => {},
          (error) => assert.equal(error.name, "UserError", `byte ${at} = ${value}: ${error.stack}`),
        );
      }
    }
  });
}

Deno.test("lists that hold one another twice, fifty deep, are not spelt out in messages", async () => {
  const magic = fixture("small_legacy").subarray(0, 15);
  const text = "\x80\x02]q\x000" +
    Array.from({ length: 50 }, (_, i) => {
      const [last, next] = [String.fromCharCode(i), String.fromCharCode(i + 1)];
      return `](h${last}h${last}eq${next}0`;
    }).join("") + "h\x32.";
  const doubled = Array.from(text, (character) => character.charCodeAt(0));
  await assertUserError(
    () => readPth(new Uint8Array([...magic, ...doubled])),
    /its form has version \(no scalar\), expected 1001/,
  );
});

const [pth, safetensors] = [realWeights("pth"), realWeights("safetensors")];

Deno.test({
  name: "both forms of the real weights hold equal tensors and read well under 0.3 s",
  ignore: pth === undefined || safetensors === undefined,
  fn: async () => {
    const [a, b] = [await Deno.readFile(pth!), await Deno.readFile(safetensors!)];
    const begin = performance.now();
    const fromPth = (await readPth(a)).tensors;
    const middle = performance.now();
    const fromSafetensors = readSafetensors(b).tensors;
    const end = performance.now();
    assert.equal(fromPth.size, 359);
    assert.deepEqual([...fromPth.keys()].sort(), [...fromSafetensors.keys()].sort());
    for (const [name, { dtype, shape, data }] of fromPth) {
      const other = fromSafetensors.get(name)!;
      assert.deepEqual([dtype, shape], [other.dtype, other.shape], name);
      assert.equal(Buffer.compare(bytesOf(data), bytesOf(other.data)), 0, name);
    }
    // Both take some 20 ms on two idle cores; the bound leaves room for busy ones.
    assert.ok(middle - begin < 300, `.pth took ${middle - begin} ms`);
    assert.ok(end - middle < 300, `.safetensors took ${end - middle} ms`);
  },
});

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
