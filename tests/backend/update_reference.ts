/** Steps of the optimizers as torch.optim's documentation defines them, in float64. @module */
import type { Numbers } from "./reference.ts";

/** The rule of one step, named as in `src/model/network.ts`. */
export interface ReferenceRule {
  /** Adam with decay in the gradient, AdamW, or SGD. */
  readonly kind: "adam" | "adamw" | "sgd";
  /** Step size. */
  readonly learningRate: number;
  /** Weight decay. */
  readonly weightDecay: number;
  /** Number of the step, from 1. */
  readonly step: number;
  /** Factor of every gradient, before everything else. @default 1 */
  readonly gradientScale?: number;
  /** Adam's. @default 0.9 */
  readonly beta1?: number;
  /** Adam's. @default 0.999 */
  readonly beta2?: number;
  /** Adam's. @default 1e-8 */
  readonly epsilon?: number;
  /** SGD's. @default 0 */
  readonly momentum?: number;
  /** SGD's. @default 0 */
  readonly dampening?: number;
  /** SGD's. @default false */
  readonly nesterov?: boolean;
  /** Strength of the pull towards `start`. @default 0 */
  readonly startDecay?: number;
  /** Decay of the average. @default no average */
  readonly averageDecay?: number;
}

/** Arrays of one parameter, all of one length. */
export interface ReferenceArrays {
  /** The parameter. */
  readonly value: Numbers;
  /** Its gradient. */
  readonly gradient: Numbers;
  /** Mean of gradients, or the momentum. */
  readonly first: Numbers;
  /** Mean of squared gradients. */
  readonly second: Numbers;
  /** What L2-SP pulls towards. */
  readonly start?: Numbers;
  /** Running average of values. */
  readonly average?: Numbers;
}

/** The arrays after one step; the gradient stays. */
export function referenceUpdate(
  arrays: ReferenceArrays,
  rule: ReferenceRule,
): Record<"value" | "first" | "second" | "average", Float64Array> {
  const { kind, learningRate, weightDecay, step, gradientScale = 1, startDecay = 0 } = rule;
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, momentum = 0, dampening = 0 } = rule;
  const value = Float64Array.from(arrays.value);
  const first = Float64Array.from(arrays.first), second = Float64Array.from(arrays.second);
  value.forEach((old, i) => {
    let g = gradientScale * arrays.gradient[i];
    if (kind !== "adamw") g += weightDecay * old;
    if (arrays.start) g += startDecay * (old - arrays.start[i]);
    if (kind === "sgd") {
      // Without momentum torch.optim.SGD looks at no buffer and no dampening; with it, the first step starts the buffer.
      first[i] = step === 1 || momentum === 0 ? g : momentum * first[i] + (1 - dampening) * g;
      value[i] = old - learningRate * (rule.nesterov ? g + momentum * first[i] : first[i]);
      return;
    }
    first[i] = beta1 * first[i] + (1 - beta1) * g;
    second[i] = beta2 * second[i] + (1 - beta2) * g * g;
    const mean = first[i] / (1 - beta1 ** step);
    const root = Math.sqrt(second[i] / (1 - beta2 ** step)) + epsilon;
    const decayed = kind === "adamw" ? old * (1 - learningRate * weightDecay) : old;
    value[i] = decayed - learningRate * mean / root;
  });
  const { averageDecay = 0 } = rule;
  const average = Float64Array.from(
    arrays.average ?? [],
    (old, i) => averageDecay * old + (1 - averageDecay) * value[i],
  );
  return { value, first, second, average };
}
