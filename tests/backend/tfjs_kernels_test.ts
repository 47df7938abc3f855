/** The gradient kernels as tfjs sees them: registered and taken out, refusing what is wrong, on a full heap. */
import assert from "node:assert/strict";
import { startBackend, stopBackend } from "../../src/backend/mod.ts";
import type { WasmRuntime } from "../../src/backend/tfjs_loader.ts";
import { importTfjs } from "../../src/deps.ts";
import { tfjs as tf } from "../deps.ts";
import { backendTest } from "./backend_test_case.ts";

const NAMES = [
  tf.Conv2DBackpropFilter,
  tf.Conv2DBackpropInput,
  tf.DepthwiseConv2dNativeBackpropFilter,
  tf.DepthwiseConv2dNativeBackpropInput,
] as const;

/** Runs one kernel by its name. */
function backprop(
  kernel: typeof NAMES[number],
  inputs: tf.NamedTensorMap,
  attributes: Record<string, unknown>,
): tf.Tensor {
  const attrs = { strides: 1, pad: "same", dataFormat: "NHWC", dilations: 1, ...attributes };
  return tf.engine().runKernel(kernel, inputs, attrs as unknown as tf.NamedAttrMap) as tf.Tensor;
}

Deno.test("the kernels are tfjs's own again when the backend has stopped, and come back with it", async () => {
  stopBackend();
  await importTfjs(); // its wasm package registers them
  const registered = () => NAMES.map((name) => tf.getKernel(name, "wasm"));
  const stock = registered();
  // The day that tfjs has them all this fails, and there is less to do.
  assert.deepEqual(stock.map((kernel) => kernel !== undefined), [false, true, false, false]);
  const warned: unknown[][] = [];
  const warn = console.warn;
  console.warn = (...words) => void warned.push(words);
  try {
    for (const threads of [2, 1]) {
      await startBackend({ threads });
      for (const kernel of registered()) assert.ok(kernel && !stock.includes(kernel));
      stopBackend();
      assert.deepEqual(registered(), stock);
    }
    // What a program registers itself while the backend runs stays its own.
    await startBackend({ threads: 1 });
    const own = { kernelName: NAMES[0], backendName: "wasm", kernelFunc: () => [] };
    tf.unregisterKernel(NAMES[0], "wasm");
    tf.registerKernel(own);
    stopBackend();
    assert.equal(tf.getKernel(NAMES[0], "wasm"), own);
    tf.unregisterKernel(NAMES[0], "wasm");
    // So does what it takes out.
    await startBackend({ threads: 1 });
    tf.unregisterKernel(NAMES[2], "wasm");
    stopBackend();
    assert.deepEqual(registered(), stock);
  } finally {
    console.warn = warn;
  }
  assert.deepEqual(warned, []);
});

backendTest("a tensor of another backend is fetched from there", { threads: 2 }, () => {
  tf.setBackend("cpu");
  const [x, dy] = [tf.fill([1, 4, 4, 8], 2), tf.fill([1, 4, 4, 8], 3)];
  tf.setBackend("wasm");
  const dw = backprop("Conv2DBackpropFilter", { x, dy }, { filterShape: [1, 1, 8, 8] });
  assert.deepEqual([...dw.dataSync()], new Array(64).fill(16 * 6));
});

backendTest("NCHW goes to tfjs's own kernel, where there is one", { threads: 2 }, () => {
  const inputs = () => ({
    dy: tf.range(0, 2 * 5 * 4 * 4).reshape([2, 5, 4, 4]),
    filter: tf.range(0, 9 * 3 * 5).reshape([3, 3, 3, 5]),
  });
  const attributes = { inputShape: [2, 3, 4, 4], dataFormat: "NCHW" };
  const actual = backprop("Conv2DBackpropInput", inputs(), attributes);
  tf.setBackend("cpu");
  const expected = backprop("Conv2DBackpropInput", inputs(), attributes);
  assert.deepEqual([...actual.dataSync()], [...expected.dataSync()]); // whole numbers: exact
  tf.setBackend("wasm");
});

backendTest("a sum over nothing is zero", { threads: 2 }, () => {
  const dw = backprop(
    "Conv2DBackpropFilter",
    { x: tf.ones([0, 4, 4, 3]), dy: tf.ones([0, 4, 4, 2]) },
    { filterShape: [3, 3, 3, 2] },
  );
  assert.deepEqual([...dw.dataSync()], new Array(54).fill(0));
  const dx = backprop(
    "Conv2DBackpropInput",
    { dy: tf.ones([1, 4, 4, 0]), filter: tf.ones([3, 3, 2, 0]) },
    { inputShape: [1, 4, 4, 2] },
  );
  assert.deepEqual([...dx.dataSync()], new Array(32).fill(0));
});

backendTest("what does not belong together is refused before anything is read", {
  threads: 1,
}, () => {
  const [x, dy] = [tf.ones([2, 6, 6, 8]), tf.ones([2, 6, 6, 8])];
  const [filter, channels] = [tf.ones([3, 3, 8, 8]), tf.ones([3, 3, 8, 1])];
  const whole = tf.cast(dy, "int32");
  const flat = tf.ones([12, 6, 8]);
  const half = tf.ones([2, 3, 3, 8]);
  const before = tf.memory();
  const refused = (
    kernel: typeof NAMES[number],
    inputs: tf.NamedTensorMap,
    attributes: Record<string, unknown>,
    what: string,
  ) =>
    assert.throws(() => backprop(kernel, inputs, attributes), {
      message: `Cannot compute ${kernel} on the wasm backend: ${what}`,
    });
  const [toInput, toFilter, toChannels] = [
    { inputShape: x.shape },
    { filterShape: filter.shape },
    { filterShape: channels.shape },
  ];
  const [dwInput, dwFilter] = [
    "DepthwiseConv2dNativeBackpropInput",
    "DepthwiseConv2dNativeBackpropFilter",
  ] as const;

  const type = "is int32, expected float32; cast it with tf.cast";
  refused("Conv2DBackpropInput", { dy: whole, filter }, toInput, `dy ${type}`);
  refused("Conv2DBackpropFilter", { x: whole, dy }, toFilter, `x ${type}`);
  refused(dwInput, { dy: whole, filter: channels }, toInput, `dy ${type}`);
  refused(dwFilter, { x, dy: whole }, toChannels, `dy ${type}`);

  const layout = "dataFormat is NCHW, expected NHWC";
  refused("Conv2DBackpropFilter", { x, dy }, { ...toFilter, dataFormat: "NCHW" }, layout);

  const shape = (is: string, expected: string) =>
    `dy has the shape [2,${is}], the convolution's output has [2,${expected}]`;
  const strides = 2;
  refused("Conv2DBackpropFilter", { x, dy }, { ...toFilter, strides }, shape("6,6,8", "3,3,8"));
  refused(dwFilter, { x, dy }, { ...toChannels, strides }, shape("6,6,8", "3,3,8"));
  const taller = { inputShape: [2, 7, 6, 8] };
  refused("Conv2DBackpropInput", { dy, filter }, taller, shape("6,6,8", "7,6,8"));
  refused(dwInput, { dy, filter: channels }, taller, shape("6,6,8", "7,6,8"));
  const dimensions = "dyShape is [12,6,8], expected four dimensions";
  refused("Conv2DBackpropFilter", { x, dy: flat }, toFilter, dimensions);

  const fewer = { inputShape: [2, 6, 6, 4] };
  const mismatch = "the input has 4 channels, the filter is for 8";
  refused("Conv2DBackpropInput", { dy, filter }, fewer, mismatch);
  refused(dwInput, { dy, filter: channels }, fewer, mismatch);

  const both = { ...toChannels, strides, dilations: 2 };
  refused(dwFilter, { x, dy: half }, both, "strides or dilations must be 1");
  const negative = { ...toFilter, pad: [[0, 0], [-1, 3], [1, 1], [0, 0]] };
  const numbers = "strides, dilations and paddings must be whole numbers that are not negative";
  refused("Conv2DBackpropFilter", { x, dy }, negative, numbers);

  assert.equal(tf.memory().numTensors, before.numTensors);
  assert.equal(tf.memory().numDataBuffers, before.numDataBuffers);
});

for (const threads of [1, 2]) {
  backendTest(`a full heap is a clear RangeError that leaves no tensor (${threads} threads)`, {
    threads,
  }, ({ runtime }) => {
    const [x, dy] = [tf.ones([8, 32, 32, 64]), tf.ones([8, 32, 32, 64])];
    const [filter, channels] = [tf.ones([1, 1, 64, 64]), tf.ones([9, 9, 64, 1])];
    let before = tf.memory();
    const calls = [
      () => backprop("Conv2DBackpropInput", { dy, filter }, { inputShape: x.shape }),
      () => backprop("Conv2DBackpropFilter", { x, dy }, { filterShape: filter.shape }),
      () =>
        backprop("DepthwiseConv2dNativeBackpropInput", { dy, filter: channels }, {
          inputShape: x.shape,
        }),
      () =>
        backprop("DepthwiseConv2dNativeBackpropFilter", { x, dy }, {
          filterShape: channels.shape,
        }),
    ];
    // Nothing, and room for a result but not for the work on it.
    for (const [room, failing] of [[16, calls], [2 ** 21 + 8192, calls.slice(0, 1)]] as const) {
      const spare = runtime.allocate(room);
      const held = fill(runtime);
      runtime.free(spare);
      for (const call of failing) {
        assert.throws(
          call,
          (error) =>
            error instanceof RangeError &&
            /^Cannot allocate memory on the wasm/.test(error.message),
        );
      }
      assert.equal(tf.memory().numTensors, before.numTensors);
      assert.equal(tf.memory().numDataBuffers, before.numDataBuffers);
      for (const block of held) runtime.free(block);
      assert.equal(calls[0]().dataSync()[0], 64);
      before = tf.memory();
    }
  });
}

/** Takes all memory but gaps of less than 16 KB. */
function fill(runtime: WasmRuntime): number[] {
  const held: number[] = [];
  for (let bytes = 2 ** 31; bytes >= 2 ** 14; bytes /= 2) {
    try {
      while (true) held.push(runtime.allocate(bytes));
    } catch (error) {
      assert.ok(error instanceof RangeError);
    }
  }
  return held;
}
