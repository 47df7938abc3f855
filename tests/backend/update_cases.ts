/** Cases of the optimizers' steps and of the sums of squared gradients, over spans of parameters. @module */
import { squares, update } from "../../src/backend/ops/update.ts";
import type { Addresses, Parameter } from "./parameter_memory.ts";
import { draw, once, randomFor, type TrainingCase } from "./training_case.ts";
import { type ReferenceRule, referenceUpdate } from "./update_reference.ts";

/** Floats of each span, and floats behind it that belong to none. More spans than threads have parts. */
const SPANS = [8, 4, 1024, 20, 12, 8, 1000, 36, 8, 8, 16];
const GAP = 8;

const SPAN_WORDS = 16;
/** Floats of every array. */
const FLOATS = SPANS.reduce((sum, floats) => sum + floats + GAP, 0);

/** Rules by what is special about them; every span has a rate and a decay of its own. */
export const UPDATE_RULES: Readonly<Record<string, ReferenceRule>> = {
  "Adam's first step": { kind: "adam", learningRate: 1e-2, weightDecay: 0, step: 1 },
  "Adam's later step": {
    kind: "adam",
    learningRate: 1e-2,
    weightDecay: 0,
    step: 1000,
    beta1: 0.8,
    beta2: 0.95,
    epsilon: 1e-3,
  },
  "Adam with decay": {
    kind: "adam",
    learningRate: 1e-2,
    weightDecay: 0.1,
    step: 3,
    gradientScale: 0.25,
  },
  "AdamW": { kind: "adamw", learningRate: 1e-2, weightDecay: 0.3, step: 3 },
  "AdamW with everything": {
    kind: "adamw",
    learningRate: 1e-2,
    weightDecay: 0.3,
    step: 3,
    gradientScale: 0.5,
    startDecay: 0.2,
    averageDecay: 0.9,
  },
  "SGD": { kind: "sgd", learningRate: 0.1, weightDecay: 0, step: 2 },
  "SGD with decay and clipping": {
    kind: "sgd",
    learningRate: 0.1,
    weightDecay: 0.1,
    step: 1,
    gradientScale: 0.125,
  },
  "momentum's first step": {
    kind: "sgd",
    learningRate: 0.1,
    weightDecay: 0.1,
    step: 1,
    momentum: 0.9,
    dampening: 0.5,
  },
  "momentum": { kind: "sgd", learningRate: 0.1, weightDecay: 0, step: 2, momentum: 0.9 },
  "dampening": {
    kind: "sgd",
    learningRate: 0.1,
    weightDecay: 0.1,
    step: 5,
    momentum: 0.9,
    dampening: 0.5,
  },
  "Nesterov": {
    kind: "sgd",
    learningRate: 0.1,
    weightDecay: 0.1,
    step: 5,
    momentum: 0.9,
    nesterov: true,
  },
  "SGD with everything": {
    kind: "sgd",
    learningRate: 0.1,
    weightDecay: 0.1,
    step: 5,
    momentum: 0.9,
    nesterov: true,
    gradientScale: 0.5,
    startDecay: 0.2,
    averageDecay: 0.99,
  },
};

/** A step is a handful of roundings to 2^-24; Adam's quotient is not larger than its numbers. */
const TOLERANCE = 1e-6;

/** All of them. */
export function updateCases(): TrainingCase[] {
  return [
    ...Object.entries(UPDATE_RULES).map(([name, rule]) => updateCase(name, rule)),
    squaresCase(1),
    squaresCase(1e-12),
    squaresCase(1e15),
  ];
}

/** Float at which each span begins. */
function starts(): number[] {
  let at = 0;
  return SPANS.map((floats) => (at += floats + GAP) - floats - GAP);
}

function updateCase(name: string, rule: ReferenceRule): TrainingCase {
  const random = randomFor(name);
  const arrays = {
    value: draw(random, FLOATS),
    gradient: draw(random, FLOATS),
    first: draw(random, FLOATS),
    second: draw(random, FLOATS, 0.5).map((square) => square + 0.5),
    start: draw(random, FLOATS),
    average: draw(random, FLOATS),
  };
  // Entries of all kinds in one run: without start or average, at half the rate, without decay.
  const starting = (span: number) => rule.startDecay !== undefined && span % 3 !== 0;
  const averaged = (span: number) => rule.averageDecay !== undefined && span % 4 !== 0;
  const rate = (span: number) => rule.learningRate / (1 + span % 2);
  const decay = (span: number) => span % 5 === 0 ? 0 : rule.weightDecay;
  const spans: Parameter = {
    words: SPANS.length * SPAN_WORDS,
    fill: (at: Addresses) =>
      tableOf((span, first) => [
        at.value + first * 4,
        at.gradient + first * 4,
        at.first + first * 4,
        at.second + first * 4,
        SPANS[span],
        bits(rate(span)),
        bits(decay(span)),
        starting(span) ? at.start + first * 4 : 0,
        averaged(span) ? at.average + first * 4 : 0,
      ]),
  };
  const written = ["value", "first", "second", "average"] as const;
  return {
    name,
    images: 1,
    given: new Map(),
    parameters: { ...arrays, spans, rule: Float32Array.from(ruleWords(rule)) },
    writes: written,
    ops: (at) => [update({ address: at.spans, count: SPANS.length }, at.rule)],
    expected: once(() => {
      const after = Object.fromEntries(
        written.map((array) => [array, Float64Array.from(arrays[array])]),
      );
      starts().forEach((first, span) => {
        const cut = (array: keyof typeof arrays) =>
          arrays[array].subarray(first, first + SPANS[span]);
        const stepped = referenceUpdate({
          value: cut("value"),
          gradient: cut("gradient"),
          first: cut("first"),
          second: cut("second"),
          start: starting(span) ? cut("start") : undefined,
          average: averaged(span) ? cut("average") : undefined,
        }, { ...rule, learningRate: rate(span), weightDecay: decay(span) });
        for (const array of written) after[array].set(stepped[array], first);
      });
      return written.map((of) => ({ of, numbers: after[of], tolerance: TOLERANCE }));
    }),
  };
}

function squaresCase(size: number): TrainingCase {
  const name = `squares of gradients of about ${size}`;
  const gradient = draw(randomFor(name), FLOATS, size);
  return {
    name,
    images: 1,
    given: new Map(),
    parameters: {
      gradient,
      sums: SPANS.length * 2,
      spans: {
        words: SPANS.length * SPAN_WORDS,
        fill: (at: Addresses) =>
          tableOf((span, first) => [
            ...[0, at.gradient + first * 4, 0, 0, SPANS[span], 0, 0, 0, 0, at.sums + span * 8],
          ]),
      },
    },
    writes: ["sums"],
    ops: (at) => [squares({ address: at.spans, count: SPANS.length })],
    expected: once(() => [{
      of: "sums",
      doubles: true,
      numbers: starts().map((first, span) =>
        gradient.subarray(first, first + SPANS[span])
          .reduce((sum, value) => sum + value * value, 0)
      ),
    }]),
  };
}

/** The words of all spans. */
function tableOf(words: (span: number, first: number) => readonly number[]): Uint32Array {
  const table = new Uint32Array(SPANS.length * SPAN_WORDS);
  starts().forEach((first, span) => table.set(words(span, first), span * SPAN_WORDS));
  return table;
}

/** The floats of a rule, as `_wasm/assembly/update.ts` reads them. */
function ruleWords(rule: ReferenceRule): number[] {
  const { kind, step, gradientScale = 1, startDecay = 0, averageDecay = 0 } = rule;
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, momentum = 0, dampening = 0 } = rule;
  if (kind === "sgd") {
    const rest = momentum === 0 ? 1 : 1 - dampening;
    return [
      ...[1, gradientScale, momentum, dampening, 0, 0, 0, rule.nesterov ? 1 : 0],
      ...[step === 1 ? 1 : 0, startDecay, averageDecay, 0, rest, 1 - averageDecay, 0, 0],
    ];
  }
  const corrections = [1 / (1 - beta1 ** step), 1 / Math.sqrt(1 - beta2 ** step)];
  return [
    ...[0, gradientScale, beta1, beta2, epsilon, ...corrections, kind === "adamw" ? 1 : 0],
    ...[0, startDecay, averageDecay, 1 - beta1, 1 - beta2, 1 - averageDecay, 0, 0],
  ];
}

function bits(float: number): number {
  return new Uint32Array(Float32Array.of(float).buffer)[0];
}
