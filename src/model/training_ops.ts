/** The stage table as ops of a training plan: the forward pass, and the backward pass over what it left. @module */

import { fromRows, scaleColumns, spreadMean, toRows } from "../backend/ops/columns.ts";
import { gemm } from "../backend/ops/gemm.ts";
import { columnSums, turnWeights, weightGradient } from "../backend/ops/gradients.ts";
import type { Op } from "../backend/ops/op.ts";
import { meanToChannels, PATCH_COLUMNS, patches } from "../backend/ops/planes.ts";
import { panels, turnedWeights, type Value } from "../backend/ops/value.ts";
import { blockForward, type BlockTape, depthwiseBorder } from "./training_block.ts";
import { blockBackward } from "./training_block_backward.ts";
import { convBackward, normBackward, normForward, type TrainingPlan } from "./training_layers.ts";
import { CLASSIFIER } from "./network_entries.ts";
import { HEAD, STEM } from "./parameters.ts";
import { blocks, convGeometry, LAST_STAGE, stageChannels } from "./stages.ts";

/** Ops of both passes. */
export interface TrainingOps {
  /** From the pictures (`input`) to one row per picture (`output`): logits, or features where there is no classifier. */
  readonly forward: readonly Op[];
  /** From the rows' gradient (`gradient`) to the gradients of all parameters that learn. */
  readonly backward: readonly Op[];
  /** What is watched, by stage: its output, and the gradient by it once the backward pass ran. */
  readonly watched: ReadonlyMap<number, WatchedValues>;
}

/** A stage's output and the gradient by it. */
export interface WatchedValues {
  /** What the forward pass left. */
  readonly activation: Value;
  /** What the backward pass left. */
  readonly gradient: Value;
}

/** Builds both passes. */
export function trainingOps(plan: TrainingPlan): TrainingOps {
  const { size, stages, padding, features, architecture } = plan;
  const { stemChannels, headChannels } = architecture;
  const forward: Op[] = [];
  const list = blocks(architecture).filter(({ stage }) => stage <= stages[stages.length - 1]);
  const input: Value = { name: "input", kind: "input", channels: 3, height: size, width: size };
  const pooled = panels("pooled", features, 1, 1);
  const channelOf = new Map<number, number>();
  let channel = 0;
  for (const stage of stages) {
    channelOf.set(stage, channel);
    channel += stageChannels(stage, architecture);
  }
  const pool = (stage: number, value: Value) => {
    const at = channelOf.get(stage);
    if (at !== undefined) forward.push(meanToChannels(value, pooled, at));
  };

  // The stem is a matrix product over patches.
  const window = { kernel: 3, stride: 2, ...convGeometry(size, 3, 2, padding) };
  const patched = panels(`${STEM} patches`, PATCH_COLUMNS, window.size, window.size);
  const stem = panels(`${STEM} sums`, stemChannels, window.size, window.size);
  const border = depthwiseBorder(list[0], window.size, padding);
  const stemOut = panels(STEM, stemChannels, window.size, window.size, border);
  forward.push(
    patches(input, patched, window),
    gemm(patched, stem, { weight: plan.weight(`${STEM}.0.weight`), epilogue: "linear" }),
    normForward(plan, STEM, STEM, stem, stemOut),
  );

  let value = stemOut;
  const tapes: BlockTape[] = [];
  list.forEach((block, i) => {
    const { ops, tape } = blockForward(plan, block, value);
    forward.push(...ops);
    tapes.push(tape);
    value = tape.output;
    if (list[i + 1]?.stage !== block.stage) pool(block.stage, value);
  });
  const outputs = new Map(tapes.map(({ block, output }) => [block.stage, output]));
  const deepest = stages[stages.length - 1];
  const head = panels(`${HEAD} sums`, headChannels, value.height, value.width);
  if (deepest === LAST_STAGE) {
    const headOut = panels(HEAD, headChannels, value.height, value.width);
    forward.push(
      gemm(value, head, { weight: plan.weight(`${HEAD}.0.weight`), epilogue: "linear" }),
      normForward(plan, HEAD, HEAD, head, headOut),
    );
    pool(LAST_STAGE, headOut);
    outputs.set(LAST_STAGE, headOut);
  }
  const adapted = plan.adapt ? panels("features", features, 1, 1) : pooled;
  if (plan.adapt) forward.push(scaleColumns(pooled, adapted, plan.adapt));
  const { classes } = plan;
  const logits = panels("logits", classes, 1, 1);
  const rows = (kind: "output" | "gradient"): Value => ({
    name: kind,
    kind,
    channels: classes ? logits.channels : features,
    height: 1,
    width: 1,
  });
  if (classes) {
    forward.push(gemm(adapted, logits, {
      weight: plan.weight(`${CLASSIFIER}.weight`),
      bias: plan.weight(`${CLASSIFIER}.bias`),
      epilogue: "linear",
    }));
  }
  forward.push(toRows(classes ? logits : adapted, rows("output")));

  const backward: Op[] = [];
  const logitGradient = panels("gradient of logits", classes || features, 1, 1);
  backward.push(fromRows(rows("gradient"), logitGradient));
  let featureGradient = logitGradient;
  if (classes) {
    featureGradient = panels("gradient of features", features, 1, 1);
    const turned = turnedWeights("classifier turned", features, classes);
    const weight = plan.weight(`${CLASSIFIER}.weight`);
    if (plan.learns("classifier")) {
      backward.push(
        columnSums(logitGradient, plan.gradient(`${CLASSIFIER}.bias`)),
        weightGradient(adapted, logitGradient, {
          gradient: plan.gradient(`${CLASSIFIER}.weight`),
          share: "inputs",
        }),
      );
    }
    if (plan.reaches(deepest === LAST_STAGE ? HEAD : list[list.length - 1].name)) {
      backward.push(
        turnWeights(weight, turned, "inputs"),
        gemm(logitGradient, featureGradient, { weight: turned, epilogue: "linear" }),
      );
    }
  }
  if (plan.adapt) {
    const { factors, mask } = plan.adapt;
    const unscaled = panels("gradient of pooled", features, 1, 1);
    backward.push(scaleColumns(featureGradient, unscaled, { factors, mask }));
    featureGradient = unscaled;
  }

  /** Gradient of the value that the walk has come to; absent until something flows into it. */
  let gradient: Value | undefined;
  const watched = new Map<number, WatchedValues>();
  /** To be called when all that flows into a stage's output is in its gradient. */
  const watch = (stage: number, gradient: Value) => {
    if (plan.watch.includes(stage)) {
      watched.set(stage, { activation: outputs.get(stage)!, gradient });
    }
  };
  const unpool = (stage: number, of: Value) => {
    const at = channelOf.get(stage);
    if (at === undefined) return;
    const add = gradient !== undefined;
    gradient ??= panels(`gradient of ${of.name}`, of.channels, of.height, of.width);
    backward.push(spreadMean(featureGradient, gradient, { channel: at, add }));
  };
  if (deepest === LAST_STAGE && plan.reaches(HEAD)) {
    if (plan.watch.includes(LAST_STAGE)) {
      // A second time: the norm's gradient writes over its source.
      unpool(LAST_STAGE, head);
      watch(LAST_STAGE, gradient!);
      gradient = undefined;
    }
    const wantsInput = plan.reaches(list[list.length - 1].name);
    if (wantsInput || plan.learns(HEAD)) {
      unpool(LAST_STAGE, head);
      backward.push(normBackward(plan, HEAD, HEAD, gradient!, gradient!, head));
      const { ops, inputGradient } = convBackward(plan, {
        part: HEAD,
        prefix: HEAD,
        input: value,
        outputGradient: gradient!,
        wantsInput,
      });
      backward.push(...ops);
      gradient = inputGradient;
    }
  }
  for (let i = list.length - 1; i >= 0; i--) {
    const block = list[i];
    if (!plan.reaches(block.name)) break;
    if (list[i + 1]?.stage !== block.stage) {
      unpool(block.stage, tapes[i].output);
      watch(block.stage, gradient!);
    }
    const wantsInput = plan.reaches(i > 0 ? list[i - 1].name : STEM);
    if (!wantsInput && !plan.learns(block.name)) break; // it was reached to be watched
    const { ops, inputGradient } = blockBackward(plan, tapes[i], gradient!, wantsInput);
    backward.push(...ops);
    gradient = inputGradient;
  }
  if (plan.reaches(STEM) && gradient) {
    backward.push(
      normBackward(plan, STEM, STEM, gradient, gradient, stem),
      weightGradient(patched, gradient, {
        gradient: plan.gradient(`${STEM}.0.weight`),
        share: "outputs",
      }),
    );
  }
  return { forward, backward, watched };
}
