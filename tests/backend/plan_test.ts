/** Laying plans out, refusing what kernels cannot do, and running them within their limits. */
import assert from "node:assert/strict";
import { borderFor, depthwise } from "../../src/backend/ops/depthwise.ts";
import { EPILOGUES, gemm, packGemm } from "../../src/backend/ops/gemm.ts";
import { meanToOutput, patchColumn, patches } from "../../src/backend/ops/planes.ts";
import { padChannels, panels, type Value } from "../../src/backend/ops/value.ts";
import { createPlan } from "../../src/backend/plan.ts";
import {
  chunkSegments,
  opSegments,
  placeValues,
  SCRATCH_BYTES,
} from "../../src/backend/plan_layout.ts";
import type { WasmRuntime } from "../../src/backend/tfjs_loader.ts";
import { backendTest } from "./backend_test_case.ts";

const SIDE = 8;
const COLUMNS = 16;

/** patches of an 8 x 8 picture -> gemm -> mean: each of the 16 features is the mean of one patch column. */
function miniature(runtime: WasmRuntime) {
  const input: Value = { name: "input", kind: "input", channels: 3, height: SIDE, width: SIDE };
  const cut = panels("patches", 32, SIDE / 2, SIDE / 2);
  const mixed = panels("mixed", COLUMNS, SIDE / 2, SIDE / 2);
  const output: Value = { name: "output", kind: "output", channels: COLUMNS, height: 1, width: 1 };
  const weight = runtime.allocate(32 * COLUMNS * 4);
  const bias = runtime.allocate(COLUMNS * 4);
  packGemm(
    new Float32Array(runtime.memory.buffer, weight, 32 * COLUMNS),
    32,
    COLUMNS,
    (k, n) => k === n ? 1 : 0,
  );
  new Float32Array(runtime.memory.buffer, bias, COLUMNS).fill(0.5);
  return [[
    patches(input, cut, { kernel: 3, stride: 2, before: 0 }),
    gemm(cut, mixed, { weight, bias, epilogue: "linear" }),
  ], [meanToOutput(mixed, output, 0)]];
}

for (const threads of [1, 3]) {
  for (const share of ["images", "ops"] as const) {
    backendTest(
      `a plan runs on one image up to its capacity, again and again (${threads} threads, ${share})`,
      { threads },
      ({ runtime }) => {
        const capacity = 7;
        const plan = createPlan(runtime, miniature(runtime), { capacity, share });
        const pixels = SIDE * SIDE * 3;
        const input = runtime.allocate(capacity * pixels * 4);
        const output = runtime.allocate(capacity * COLUMNS * 4);
        const floats = (at: number, length: number) =>
          new Float32Array(runtime.memory.buffer, at, length);
        // Image i is i + 1 everywhere, so that every mean is: but for the taps that fall off the edge.
        floats(input, capacity * pixels).forEach((_, i, all) =>
          all[i] = Math.floor(i / pixels) + 1
        );
        for (const images of [1, 7, 3, 1, 6]) {
          const results = floats(output, capacity * COLUMNS).fill(NaN);
          plan.run({ input, output }, images);
          for (let image = 0; image < capacity; image++) {
            const centre = results[image * COLUMNS + patchColumn(1, 1, 2)];
            assert.equal(centre, image < images ? image + 1.5 : NaN, `image ${image} of ${images}`);
          }
        }
        assert.equal(plan.capacity, capacity);
        assert.equal(plan.macs, (SIDE / 2) ** 2 * 32 * COLUMNS);
        for (const images of [0, capacity + 1]) {
          assert.throws(() => plan.run({ input, output }, images), /it holds 1 to 7/);
        }
        plan.dispose();
        plan.dispose();
        assert.throws(() => plan.run({ input, output }, 1), /disposed/);
      },
    );
  }
}

backendTest("disposed plans leave their memory to the next", { threads: 2 }, ({ runtime }) => {
  const groups = miniature(runtime);
  createPlan(runtime, groups, { capacity: 500 }).dispose();
  const size = runtime.memory.buffer.byteLength;
  for (let i = 0; i < 100; i++) createPlan(runtime, groups, { capacity: 500 }).dispose();
  assert.equal(runtime.memory.buffer.byteLength, size);
});

backendTest("many images are shared by chunks, few by ops", { threads: 2 }, ({ runtime }) => {
  const groups = miniature(runtime);
  const images = (capacity: number) =>
    createPlan(runtime, groups, { capacity }).segments.map((segment) => segment.images);
  assert.deepEqual(images(1), [0, 0, 0]);
  assert.ok(images(64).every((count) => count > 0));
});

Deno.test("a value that one segment makes for another is shared, any other is its thread's own", () => {
  const [a, b, c] = ["a", "b", "c"].map((name) => panels(name, 8, 4, 4));
  const relay = (source: Value, target: Value) =>
    gemm(source, target, { weight: 0, bias: 0, epilogue: "linear" });
  const [first, second, third] = [relay(a, b), relay(b, a), relay(a, c)];
  const segments = [{ ops: [first, second], images: 4 }, { ops: [third], images: 2 }];
  const { placements, privateBytes, sharedBytes } = placeValues(segments, 16);
  assert.deepEqual([a, b, c].map((value) => placements.get(value)!.place), [
    "shared",
    "private",
    "private",
  ]);
  const image = 4 * 4 * 8 * 4;
  const own = privateBytes - SCRATCH_BYTES;
  assert.ok(own >= 4 * image && own < 16 * image);
  assert.ok(sharedBytes >= 16 * image);
  const alone = placeValues(opSegments([[first, second], [third]]), 16);
  assert.ok([...alone.placements.values()].every(({ place }) => place === "shared"));
  assert.equal(alone.privateBytes, SCRATCH_BYTES);
});

Deno.test("a value that is kept is shared, and nothing takes its place until the end", () => {
  const [a, b, c, d] = ["a", "b", "c", "d"].map((name) => panels(name, 8, 4, 4));
  const relay = (source: Value, target: Value) =>
    gemm(source, target, { weight: 0, bias: 0, epilogue: "linear" });
  const segments = [
    { ops: [relay(a, b)], images: 4 },
    { ops: [relay(b, c)], images: 4 },
    { ops: [relay(c, d)], images: 4 },
  ];
  const place = (kept: Value[]) => placeValues(segments, 4, kept).placements;
  const offsets = (placements: ReturnType<typeof place>) =>
    [a, b, c, d].map((value) => placements.get(value)!);
  assert.deepEqual(offsets(place([])).map(({ place }) => place), [
    "private",
    "shared",
    "shared",
    "private",
  ]);
  const kept = offsets(place([a, b]));
  assert.deepEqual(kept.map(({ place }) => place), ["shared", "shared", "shared", "private"]);
  assert.equal(new Set(kept.slice(0, 3).map(({ offset }) => offset)).size, 3);
});

backendTest("only what a plan keeps is read from it", { threads: 2 }, ({ runtime }) => {
  const [a, b] = ["a", "b"].map((name) => panels(name, 8, 4, 4));
  const op = gemm(a, b, { weight: 0, bias: 0, epilogue: "linear" });
  const plan = createPlan(runtime, [[op]], { capacity: 2, share: "ops", kept: [b] });
  assert.equal(plan.read(b, 2).length, 2 * 4 * 4 * 8);
  assert.throws(() => plan.read(a, 2), /Cannot read a: the plan does not keep it/);
  plan.dispose();
  assert.throws(() => plan.read(b, 2), /disposed/);
});

Deno.test("panels never start near a multiple of 4 KB from one another", () => {
  for (const side of [1, 2, 4, 8, 11, 16, 32, 64]) {
    const value = panels("value", 16, side, side);
    const op = gemm(value, panels("target", 16, side, side), {
      weight: 0,
      bias: 0,
      epilogue: "linear",
    });
    for (const images of [1, 3, 8, 16]) {
      const { panelStride } = placeValues(opSegments([[op]]), images).placements.get(value)!;
      assert.ok(panelStride >= side * side * 32 * images);
      const inPage = panelStride % 4096;
      assert.ok(inPage >= 128 && inPage <= 4096 - 128, `${side} px, ${images} images: ${inPage}`);
    }
  }
});

Deno.test("chunks are powers of two, and groups whose chunks are alike become one segment", () => {
  const stage = (side: number) => {
    const [a, b] = [panels("a", 64, side, side), panels("b", 64, side, side)];
    return [gemm(a, b, { weight: 0, bias: 0, epilogue: "linear" })];
  };
  const segments = chunkSegments([stage(56), stage(14), stage(14), stage(1)], 1000, 2);
  assert.deepEqual(segments.map(({ ops }) => ops.length), [1, 2, 1]);
  for (const { images } of segments) assert.equal(Math.log2(images) % 1, 0);
  for (const capacity of [1, 5, 33]) {
    const chunks = chunkSegments([stage(1)], capacity, 2).map(({ images }) => images);
    assert.ok(chunks.every((images) => images >= 1 && images <= capacity), `${chunks}`);
  }
});

Deno.test("ops refuse what the kernels cannot do, in one line that names the target", () => {
  const [source, target] = [panels("source", 8, 6, 6), panels("the target", 8, 6, 6)];
  const window = { kernel: 3, stride: 1, before: 1 };
  const border = borderFor(6, 6, 6, 6, window);
  const bordered = panels("the target", 8, 6, 6, border);
  const addresses = { weight: 0, bias: 0 };
  const wrong: readonly (() => unknown)[] = [
    () => gemm(source, target, { ...addresses, epilogue: "residual" }),
    () => gemm(source, target, { ...addresses, epilogue: "silu", residual: source }),
    () => gemm(source, panels("the target", 8, 3, 3), { ...addresses, epilogue: "silu" }),
    () => gemm(source, bordered, { ...addresses, epilogue: "residual", residual: source }),
    () => gemm(source, bordered, { ...addresses, epilogue: "sigmoid" }),
    () => depthwise(bordered, target, source, { ...window, ...addresses, kernel: 7 }),
    () => depthwise(bordered, target, source, { ...window, ...addresses, stride: 3 }),
    () => patches(source, target, window),
  ];
  for (const build of wrong) {
    assert.throws(
      build,
      (error) =>
        (error instanceof RangeError || error instanceof TypeError) &&
        /^Cannot plan the target: [^\n]+$/.test(error.message),
      String(build),
    );
  }
  assert.deepEqual(EPILOGUES, { linear: 0, residual: 1, silu: 2, sigmoid: 3 });
});

Deno.test("channels fill whole panels", () => {
  assert.deepEqual([1, 8, 9, 16, 20, 1152].map(padChannels), [8, 8, 16, 16, 24, 1152]);
});

Deno.test("every value of a patch has a column of its own", () => {
  const columns = new Set<number>();
  for (let ky = 0; ky < 3; ky++) {
    for (let kx = 0; kx < 3; kx++) {
      for (let channel = 0; channel < 3; channel++) columns.add(patchColumn(ky, kx, channel));
    }
  }
  assert.equal(columns.size, 27);
  assert.ok([...columns].every((column) => column >= 0 && column < 32));
});
