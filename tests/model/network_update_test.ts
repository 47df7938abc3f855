/** The step of each optimizer against torch.optim: fixture by tests/fixtures/make_optimizers.py. */
import assert from "node:assert/strict";
import { createNetwork } from "../../src/model/create_network.ts";
import type { Network, UpdateRule } from "../../src/model/network.ts";
import { randomWeights } from "../../src/model/random_weights.ts";
import { onBackend } from "../backend/backend_test_case.ts";
import { maxRelativeError } from "../backend/reference.ts";
import { decodeFloats } from "./random_b0_weights.ts";

/** Of the largest value after a step: PyTorch's own float32 is up to 1.5e-7 away from float64. */
const TOLERANCE = 1e-6;
/** The array that the fixture's 37 numbers go into: the classifier's bias, with as many classes. */
const ENTRY = "classifier.1.bias";

/** One optimizer; arrays are base64 of float32. */
interface OptimizerCase {
  readonly name: string;
  readonly kind: "adam" | "adamw" | "sgd";
  /** Named as in `torch.optim`. */
  readonly options: {
    readonly weight_decay: number;
    readonly betas?: readonly [number, number];
    readonly eps?: number;
    readonly momentum?: number;
    readonly dampening?: number;
    readonly nesterov?: boolean;
  };
  /** Values after each step. */
  readonly after: readonly string[];
  /** The optimizer's arrays after the last. */
  readonly moments: { readonly first?: string; readonly second?: string };
}

const { rates, values, gradients, cases } = JSON.parse(
  Deno.readTextFileSync(new URL("../fixtures/optimizers.json", import.meta.url)),
) as {
  readonly rates: readonly number[];
  readonly values: string;
  readonly gradients: readonly string[];
  readonly cases: readonly OptimizerCase[];
};
const start = decodeFloats(values);
const weights = await randomWeights(1);

for (const options of [{ threads: 2 }, { threads: 1, fma: false }]) {
  const how = options.threads === 1 ? "1 thread, plain" : "2 threads";
  for (const one of cases) {
    Deno.test(`five steps equal torch.optim's: ${one.name} (${how})`, () =>
      onBackend(options, () => {
        using network = smallNetwork();
        network.write(ENTRY, start);
        gradients.forEach((gradient, index) => {
          network.write(ENTRY, decodeFloats(gradient), "gradient");
          network.update(ruleOf(one, index + 1));
          const error = maxRelativeError(network.read(ENTRY), decodeFloats(one.after[index]));
          assert.ok(error <= TOLERANCE, `step ${index + 1} off by ${error}`);
        });
        for (const array of ["first", "second"] as const) {
          const expected = one.moments[array];
          if (expected === undefined) continue;
          const error = maxRelativeError(network.read(ENTRY, array), decodeFloats(expected));
          assert.ok(error <= TOLERANCE, `${array} off by ${error}`);
        }
      }));
  }

  Deno.test(`moments written by hand are where the next step goes on (${how})`, () =>
    onBackend(options, () => {
      const one = cases.find(({ name }) => name === "adam")!;
      using whole = smallNetwork();
      using resumed = smallNetwork();
      whole.write(ENTRY, start);
      const step = (network: Network, index: number) => {
        network.write(ENTRY, decodeFloats(gradients[index]), "gradient");
        network.update(ruleOf(one, index + 1));
      };
      for (const index of [0, 1, 2]) step(whole, index);
      for (const array of ["first", "second", "value"] as const) {
        resumed.write(ENTRY, whole.read(ENTRY, array), array);
        assert.deepEqual(resumed.read(ENTRY, array), whole.read(ENTRY, array), array);
      }
      for (const index of [3, 4]) {
        step(whole, index);
        step(resumed, index);
      }
      assert.deepEqual(resumed.read(ENTRY), whole.read(ENTRY));
    }));

  Deno.test(`a gradient's scale comes before everything else (${how})`, () =>
    onBackend(options, () => {
      const one = cases.find(({ name }) => name === "sgd, nesterov and decay")!;
      using network = smallNetwork();
      network.write(ENTRY, start);
      gradients.forEach((gradient, index) => {
        network.write(ENTRY, decodeFloats(gradient).map((value) => 4 * value), "gradient");
        network.update({ ...ruleOf(one, index + 1), gradientScale: 0.25 });
      });
      const error = maxRelativeError(network.read(ENTRY), decodeFloats(one.after.at(-1)!));
      assert.ok(error <= TOLERANCE, `off by ${error}`);
    }));
}

/** A network of which the classifier alone learns, with 37 classes. */
function smallNetwork(): Network {
  return createNetwork(weights, {
    classes: start.length,
    imageSize: 28,
    batchSize: 1,
    policy: (part) => ({ trainable: part === "classifier", batchNorm: "running" }),
  });
}

function ruleOf({ kind, options }: OptimizerCase, step: number): UpdateRule {
  const common = { learningRate: rates[step - 1], weightDecay: options.weight_decay, step };
  if (kind === "sgd") {
    const { momentum = 0, dampening = 0, nesterov = false } = options;
    return { kind, ...common, momentum, dampening, nesterov };
  }
  const [beta1, beta2] = options.betas!;
  const decoupled = kind === "adamw";
  return { kind: "adam", ...common, beta1, beta2, epsilon: options.eps!, decoupled };
}
