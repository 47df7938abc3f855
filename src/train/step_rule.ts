/** The update that each step of a run makes. @module */
import type { Network, UpdateRule } from "../model/network.ts";
import type { CoolDown } from "./cool_down.ts";
import type { FitSettings } from "./fit_options.ts";
import { layerDecay } from "./layer_decay.ts";
import { averageDecayAt } from "./regularise.ts";
import { makeSchedule } from "./schedule.ts";

/** Where a step stands. */
export interface StepPlace {
  /** Number of the step, from 1. */
  readonly step: number;
  /** The cool-down that it belongs to. */
  readonly coolDown: CoolDown | null;
}

/** Updates by step. */
export interface StepRule {
  /** Learning rate of a step, before factors by layer. */
  learningRate(place: StepPlace): number;
  /** The update of a step. `norm` is that of its gradient, which clipping goes by. */
  make(place: StepPlace, norm: number): UpdateRule;
}

/** Added to the norm that is divided by, as in `torch.nn.utils.clip_grad_norm_`. */
const CLIP_EPSILON = 1e-6;

/**
 * The updates of a run of `steps` steps.
 *
 * @throws {UserError} For a schedule or a layer decay that makes no sense.
 */
export function stepRule(network: Network, settings: FitSettings, steps: number): StepRule {
  const { optimizer, weightDecay, decays, startDecay, averageDecay, maxNorm = Infinity } = settings;
  const schedule = makeSchedule(settings.schedule, steps);
  const rateOf = layerDecay(network.entries, settings.layerDecay);
  const learningRate = ({ step, coolDown }: StepPlace) => {
    if (coolDown === null) return settings.learningRate * schedule(step - 1);
    const fall = makeSchedule({ kind: "cosine" }, coolDown.steps);
    return settings.learningRate * schedule(coolDown.after - 1) * fall(step - coolDown.after - 1);
  };
  return {
    learningRate,
    make(place, norm) {
      const { step } = place;
      const common = {
        step,
        learningRate: learningRate(place),
        gradientScale: Math.min(1, maxNorm / (norm + CLIP_EPSILON)),
        rateOf,
        weightDecay,
        decays,
        startDecay,
        averageDecay: averageDecay && averageDecayAt(averageDecay, step),
      };
      if (optimizer.kind === "sgd") {
        const { momentum = 0.9, dampening = 0, nesterov = false } = optimizer;
        return { ...common, kind: "sgd", momentum, dampening, nesterov };
      }
      const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = optimizer;
      const decoupled = optimizer.kind === "adamw";
      return { ...common, kind: "adam", beta1, beta2, epsilon, decoupled };
    },
  };
}
