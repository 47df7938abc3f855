/** Three steps of the whole network give the same bits on any machine's threads, whatever ran in between. */
import assert from "node:assert/strict";
import { RandomState } from "../../src/core/random.ts";
import { tf } from "../tfjs.ts";
import { createNetwork } from "../../src/model/create_network.ts";
import type { AdamRule, Chance, Network } from "../../src/model/network.ts";
import { randomWeights } from "../../src/model/random_weights.ts";
import { onBackend } from "../backend/backend_test_case.ts";
import { reserveLowerHalf } from "../backend/reserve.ts";
import { draw } from "../backend/training_case.ts";

const SIZE = 28, CLASSES = 3, IMAGES = 5, STEPS = 3, SEED = 7;

const weights = await randomWeights(4);
const random = new RandomState(11);
const pixels = draw(random, IMAGES * SIZE * SIZE * 3, 2);
/** Stands for the gradient of a loss; another one for each step. */
const logitGradients = Array.from({ length: STEPS }, () => draw(random, IMAGES * CLASSES));

/** Everything that three steps leave, by what it is. */
type Course = ReadonlyMap<string, Float32Array>;

const alone = await onBackend({ threads: 1 }, () => course());

Deno.test("three steps with chance give the same bits on 1, 2 and 4 threads", async () => {
  for (const threads of [2, 4]) {
    await onBackend({ threads }, ({ report }) => {
      assert.equal(report.threads, threads);
      assertSame(course(), alone, `${threads} threads`);
    });
  }
});

Deno.test("other work between the passes does not change a bit", () =>
  onBackend({ threads: 2 }, () => {
    using other = network(3);
    assertSame(
      course(() => {
        // Another network's step, of another batch, and work of tfjs on the same threads.
        const images: tf.Tensor4D = tf.randomUniform([3, SIZE, SIZE, 3]);
        const logits = other.forward(images, { seed: 1, step: 1 });
        other.backward(logits.map((value) => value + 1));
        other.update(rule(1));
        tf.tidy(() => tf.matMul(tf.ones([300, 300]), tf.ones([300, 300])).dataSync());
        images.dispose();
      }),
      alone,
      "other work",
    );
  }));

Deno.test("neither do addresses beyond 2 GB", () =>
  onBackend({ threads: 2 }, ({ runtime }) => {
    if (!reserveLowerHalf(runtime)) {
      console.warn("SKIPPED: the system does not give more than 2 GB of addresses");
      return;
    }
    assertSame(course(), alone, "beyond 2 GB");
  }));

Deno.test("another seed and another step are another course", () =>
  onBackend({ threads: 2 }, () => {
    using learner = startingNetwork();
    const images = tf.tensor4d(pixels, [IMAGES, SIZE, SIZE, 3]);
    const first = (chance: Chance) =>
      new Map([["logits of step 1", learner.forward(images, chance)]]);
    const wanted = new Map([...alone].slice(0, 1));
    assertSame(first({ seed: SEED, step: 1 }), wanted, "same");
    for (const chance of [{ seed: SEED + 1, step: 1 }, { seed: SEED, step: 2 }]) {
      assert.throws(() => assertSame(first(chance), wanted, "other"), /other: logits/);
    }
    images.dispose();
  }));

function network(batchSize: number): Network {
  return createNetwork(weights, { classes: CLASSES, imageSize: SIZE, batchSize });
}

function rule(step: number): AdamRule {
  return {
    kind: "adam",
    learningRate: 1e-3,
    weightDecay: 1e-2,
    step,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    decoupled: true,
    startDecay: 1e-2,
    averageDecay: 0.9,
    gradientScale: 0.5,
  };
}

function startingNetwork(): Network {
  const learner = network(IMAGES + 1);
  learner.write("classifier.1.weight", draw(new RandomState(5), CLASSES * 1280, 0.05));
  return learner;
}

/** Three steps from the start, `between` the passes of each something else. */
function course(between: () => void = () => {}): Course {
  using learner = startingNetwork();
  const left = new Map<string, Float32Array>();
  const images = tf.tensor4d(pixels, [IMAGES, SIZE, SIZE, 3]);
  logitGradients.forEach((gradients, i) => {
    const step = i + 1;
    left.set(`logits of step ${step}`, learner.forward(images, { seed: SEED, step }));
    between();
    learner.backward(gradients);
    between();
    left.set(`norm of step ${step}`, Float32Array.of(learner.gradientNorm().norm));
    between();
    learner.update(rule(step));
  });
  images.dispose();
  for (const { name, shape, kind } of learner.entries) {
    left.set(name, learner.read(name));
    // Of the matrices, which take their time to read, the values show what the other arrays were.
    if (shape.length > 1 || kind.startsWith("running")) continue;
    for (const array of ["gradient", "first", "second", "average"] as const) {
      left.set(`${array} of ${name}`, learner.read(name, array));
    }
  }
  return left;
}

function assertSame(actual: Course, wanted: Course, what: string): void {
  assert.deepEqual([...actual.keys()], [...wanted.keys()]);
  for (const [name, numbers] of wanted) {
    assert.ok(numbers.every(Number.isFinite), name);
    const [mine, theirs] = [actual.get(name)!, numbers]
      .map(({ buffer, byteOffset, length }) => new Uint32Array(buffer, byteOffset, length));
    const different = theirs.findIndex((word, i) => word !== mine[i]);
    assert.equal(
      different,
      -1,
      `${what}: ${name}[${different}] is ${actual.get(name)![different]}`,
    );
  }
}
