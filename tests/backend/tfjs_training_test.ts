/** Ordinary programs of tfjs train convolutions on wasm: as they do on its cpu backend, and right. */
import assert from "node:assert/strict";
import { stopBackend } from "../../src/backend/mod.ts";
import { RandomState } from "../../src/core/random.ts";
import { tfjs as tf } from "../deps.ts";
import { onBackend } from "./backend_test_case.ts";
import { runProgram } from "./child.ts";

const SIZE = 12;
const CLASSES = 3;
const IMAGES = 48;

/** Stripes that lie, stand or cross, with noise: `[IMAGES, SIZE, SIZE, 3]` and one-hot `[IMAGES, CLASSES]`. */
function stripes(): [tf.Tensor4D, tf.Tensor2D] {
  const random = new RandomState(1);
  const pixels = new Float32Array(IMAGES * SIZE * SIZE * 3);
  const labels = new Float32Array(IMAGES * CLASSES);
  for (let i = 0; i < IMAGES; i++) {
    const kind = i % CLASSES, phase = Math.floor(4 * random.randomDouble());
    labels[i * CLASSES + kind] = 1;
    for (let p = 0; p < SIZE * SIZE; p++) {
      const y = Math.floor(p / SIZE), x = p % SIZE;
      const wave = [y, x, x + y][kind] + phase;
      for (let c = 0; c < 3; c++) {
        const noise = random.randomDouble() - 0.5;
        pixels[(i * SIZE * SIZE + p) * 3 + c] = (wave % 4 < 2 ? 0.5 : -0.5) + noise;
      }
    }
  }
  return [tf.tensor4d(pixels, [IMAGES, SIZE, SIZE, 3]), tf.tensor2d(labels, [IMAGES, CLASSES])];
}

/** Losses and accuracies of every epoch. */
interface Course {
  readonly loss: number[];
  readonly accuracy: number[];
}

/** A model of tf.layers with every kind of convolution, trained by `fit`. */
async function fitLayers(): Promise<Course> {
  const normal = (seed: number) => tf.initializers.heNormal({ seed });
  const common = { padding: "same", useBias: false } as const;
  const { layers } = tf;
  const model = tf.sequential({
    layers: [
      layers.conv2d({
        ...common,
        inputShape: [SIZE, SIZE, 3],
        filters: 10,
        kernelSize: 3,
        kernelInitializer: normal(1),
      }),
      layers.batchNormalization(),
      layers.reLU(),
      layers.depthwiseConv2d({
        ...common,
        kernelSize: 3,
        strides: 2,
        depthwiseInitializer: normal(2),
      }),
      layers.conv2d({
        ...common,
        filters: 13,
        kernelSize: 1,
        activation: "relu",
        kernelInitializer: normal(3),
      }),
      layers.separableConv2d({
        ...common,
        filters: 9,
        kernelSize: 5,
        depthMultiplier: 2,
        depthwiseInitializer: normal(4),
        pointwiseInitializer: normal(5),
      }),
      layers.batchNormalization(),
      layers.reLU(),
      layers.conv2dTranspose({
        ...common,
        filters: 6,
        kernelSize: 3,
        strides: 2,
        kernelInitializer: normal(6),
        // tfjs's own MaxPoolGrad on wasm loses the gradient of windows that hold no positive number.
        activation: "relu",
      }),
      layers.maxPooling2d({ poolSize: 3 }),
      layers.flatten(),
      layers.dense({ units: CLASSES, kernelInitializer: normal(7) }),
      layers.softmax(),
    ],
  });
  const [images, labels] = stripes();
  const optimizer = tf.train.adam(0.01);
  model.compile({
    optimizer,
    loss: "categoricalCrossentropy",
    metrics: ["accuracy"],
  });
  const { history } = await model.fit(images, labels, {
    epochs: 6,
    batchSize: 16,
    shuffle: false,
    verbose: 0,
  });
  tf.dispose([images, labels]);
  optimizer.dispose();
  model.dispose();
  return { loss: history.loss as number[], accuracy: history.acc as number[] };
}

/** The same by hand: variables, ops and `variableGrads`, no layers. */
function stepByHand(): Course {
  const normal = <R extends tf.Rank>(shape: tf.ShapeMap[R], deviation: number, seed: number) =>
    tf.tidy(() => tf.variable(tf.randomNormal<R>(shape, 0, deviation, "float32", seed)));
  const kernel = normal<tf.Rank.R4>([3, 3, 3, 11], 0.3, 1);
  const depthwise = normal<tf.Rank.R4>([5, 5, 11, 1], 0.3, 2);
  const dense = normal<tf.Rank.R2>([11, CLASSES], 0.4, 3);
  const [offset, scale] = [0, 1].map((value) => tf.tidy(() => tf.variable(tf.fill([11], value))));
  const variables = [kernel, depthwise, offset, scale, dense];
  const [images, labels] = stripes();
  const optimizer = tf.train.adam(0.03);
  const course: Course = { loss: [], accuracy: [] };
  const scores = () => {
    const first = tf.conv2d(images, kernel, 2, 1);
    const { mean, variance } = tf.moments(first, [0, 1, 2]);
    const normal = tf.relu(tf.batchNorm(first, mean, variance, offset, scale, 1e-5) as tf.Tensor4D);
    const second = tf.relu(tf.depthwiseConv2d(normal, depthwise, 1, "valid"));
    return tf.matMul(tf.mean(second, [1, 2]) as tf.Tensor2D, dense);
  };
  const before = tf.memory().numTensors;
  let after = 0;
  for (let step = 0; step < 25; step++) {
    const { value, grads } = tf.variableGrads(
      () => tf.losses.softmaxCrossEntropy(labels, scores()) as tf.Scalar,
      variables,
    );
    optimizer.applyGradients(Object.entries(grads).map(([name, tensor]) => ({ name, tensor })));
    course.loss.push(value.dataSync()[0]);
    tf.dispose(value);
    tf.dispose(grads);
    if (step === 0) after = tf.memory().numTensors; // with Adam's moments
    assert.equal(tf.memory().numTensors, after);
  }
  assert.ok(after > before);
  course.accuracy.push(
    tf.tidy(() => tf.mean(tf.equal(tf.argMax(scores(), 1), tf.argMax(labels, 1))).dataSync()[0]),
  );
  optimizer.dispose();
  tf.dispose([...variables, images, labels]);
  return course;
}

const onCpu = async <T>(body: () => T | Promise<T>): Promise<T> => {
  stopBackend();
  tf.setBackend("cpu");
  return await body();
};

/** Rounding differs and each step builds on the last one; a wrong gradient is off by tenths after a few. */
const TOLERANCE = 2e-3;

for (const [name, train] of [["model.fit", fitLayers], ["variableGrads", stepByHand]] as const) {
  Deno.test(`${name} learns on wasm, with the losses that it has on cpu`, async () => {
    const expected = await onCpu(train);
    const courses = new Map<number, Course>();
    for (const threads of [1, 2]) {
      const course = await onBackend({ threads }, async () => {
        const before = tf.memory().numTensors;
        const result = await train();
        assert.equal(tf.memory().numTensors, before);
        return result;
      });
      courses.set(threads, course);
      assert.equal(course.loss.length, expected.loss.length);
      course.loss.forEach((loss, i) => {
        const wanted = expected.loss[i];
        assert.ok(Math.abs(loss - wanted) <= TOLERANCE, `epoch ${i}: ${loss}, on cpu ${wanted}`);
      });
      assert.ok(course.loss.at(-1)! < course.loss[0] / 4, `losses ${course.loss}`);
      assert.ok(course.accuracy.at(-1)! >= 0.95, `accuracies ${course.accuracy}`);
    }
    assert.deepEqual(courses.get(2), courses.get(1), "the number of threads changed the course");
  });
}

Deno.test("gradients agree with finite differences of tfjs's own forward pass", async () => {
  const programs: readonly [
    string,
    number[],
    number[],
    (x: tf.Tensor4D, w: tf.Tensor4D) => tf.Tensor,
  ][] = [
    ["conv2d", [2, 7, 6, 5], [3, 3, 5, 6], (x, w) => tf.conv2d(x, w, 2, "same")],
    ["depthwiseConv2d", [2, 7, 6, 9], [3, 3, 9, 2], (x, w) => tf.depthwiseConv2d(x, w, 1, "same")],
    [
      "conv2dTranspose",
      [2, 3, 4, 6],
      [3, 3, 5, 6],
      (x, w) => tf.conv2dTranspose(x, w, [2, 6, 8, 5], 2, "same"),
    ],
  ];
  await onBackend({ threads: 2 }, () => {
    for (const [name, xShape, wShape, forward] of programs) {
      tf.tidy(() => {
        const loss = (x: tf.Tensor, w: tf.Tensor) =>
          tf.sum(tf.square(forward(x as tf.Tensor4D, w as tf.Tensor4D))) as tf.Scalar;
        const at = [
          tf.randomNormal(xShape, 0, 1, "float32", 1),
          tf.randomNormal(wShape, 0, 1, "float32", 2),
        ];
        const gradients = tf.grads(loss)(at);
        // The loss is quadratic along any line: central differences are exact but for rounding.
        for (const which of [0, 1]) {
          const direction = tf.randomNormal(at[which].shape, 0, 1, "float32", 3 + which);
          const moved = (by: number) => {
            const points = [...at];
            points[which] = tf.add(at[which], tf.mul(direction, by));
            return loss(points[0], points[1]).dataSync()[0];
          };
          const difference = (moved(0.125) - moved(-0.125)) / 0.25;
          const slope = tf.sum(tf.mul(direction, gradients[which])).dataSync()[0];
          const size = Math.abs(difference) + Math.abs(slope);
          assert.ok(size > 1, `${name}: nothing to compare`);
          assert.ok(
            Math.abs(slope - difference) <= 1e-3 * size,
            `${name} ${which}: ${slope}, ${difference}`,
          );
        }
      });
    }
  });
});

Deno.test("a program that imports tfjs and the backend trains without a single permission", async () => {
  const { code, stdout, stderr } = await runProgram("tfjs_training");
  assert.equal(code, 0, stderr);
  const { backend, threads, first, last } = JSON.parse(stdout.trim().split("\n").at(-1)!);
  assert.equal(backend, "wasm");
  assert.equal(threads, 2);
  assert.ok(last < first / 10, `loss ${first} to ${last}`);
});
