/** Where a model looks. @module */

import { checkPictures } from "../classifier/check_arguments.ts";
import { checkModel } from "../classifier/check_classifier.ts";
import type { Classifier } from "../classifier/classifier.ts";
import { checkOptions, type OptionKinds, PROGRESS_KINDS } from "../core/check_options.ts";
import { UserError } from "../core/errors.ts";
import type { Progress, ProgressOptions } from "../core/progress.ts";
import { ImageDataset } from "../data/dataset.ts";
import { type ImageSource, readPictureBatches } from "../data/read_image.ts";
import { attachTfjs } from "../backend/start.ts";
import type { tf } from "../deps.ts";
import { likeliest } from "../evaluate/likeliest.ts";
import { createNetwork } from "../model/create_network.ts";
import type { Network } from "../model/network.ts";
import { CLASSIFIER } from "../model/network_entries.ts";
import { LAST_STAGE } from "../model/stages.ts";
import { transposed } from "../core/transposed.ts";
import { breathe } from "../train/breathe.ts";
import { preparePictures } from "../train/prepare_pictures.ts";
import { classActivationMaps } from "./class_activation.ts";
import type { Heatmap } from "./interpretation.ts";

/** Options of {@linkcode gradCam}. */
export interface GradCamOptions extends ProgressOptions {
  /** Class whose places are looked for: the one that is answered, that of the label, or indices of classes, one for all pictures or one for each. @default {"answer"} */
  readonly target?: "answer" | "label" | number | ArrayLike<number>;
  /**
   * Stage of the trunk that is looked at, up to the last that the head uses: earlier ones have finer maps of simpler things.
   *
   * @default see {@linkcode gradCamStage}
   */
  readonly stage?: number;
}

/** Of {@linkcode GradCamOptions}. */
const KINDS: OptionKinds<GradCamOptions> = { ...PROGRESS_KINDS, target: "any", stage: "number" };

/** Pictures that pass at once: at 224 pixels some 300 MB. */
const BATCH = 16;

/** A map with fewer cells a side says little about where. */
const LEAST_SIDE = 6;

/** Pixels of the input to a cell of the map, a side, by stage from 1 on. */
const STRIDES = [2, 4, 8, 16, 16, 32, 32, 32];

/**
 * The stage that Grad-CAM looks at unless told otherwise: the deepest whose map has 6 cells a side or more. At 224 pixels that is
 * stage 8, as in the paper; at 84, where its map has 3 cells a side, stage 5.
 *
 * What a map points at should matter: with the quarter of each picture that it marks most blanked, the mean probability of the answer
 * falls, on real weights, to
 *
 * | marked by                | cats and dogs, 192 px | Fashion-MNIST, 84 px |
 * | ------------------------ | --------------------- | -------------------- |
 * | nothing is blanked       | 0.96                  | 0.88                 |
 * | lot                      | 0.84                  | 0.49                 |
 * | nearness to the middle   | 0.71                  | 0.58                 |
 * | stage 8                  | 0.59, 6 cells a side  | 0.49, 3 cells a side |
 * | stage 6                  | 0.63, 6               | 0.47, 3              |
 * | stage 5                  | 0.78, 12              | 0.39, 6              |
 * | stage 4                  | 0.74, 12              | 0.50, 6              |
 * | stage 3                  | 0.77, 24              | 0.54, 11             |
 *
 * @param size Side of the network's input, in pixels.
 * @param deepest Last stage that the head uses.
 *
 * @example
 * ```ts
 * import { gradCamStage } from "./grad_cam.ts";
 * if (gradCamStage(224) !== 8 || gradCamStage(84) !== 5) throw new Error();
 * ```
 */
export function gradCamStage(size: number, deepest: number = LAST_STAGE): number {
  for (let stage = deepest; stage > 1; stage--) {
    if (Math.ceil(size / STRIDES[stage - 1]) >= LEAST_SIDE) return stage;
  }
  return 1;
}

/**
 * Shows how much each place of a picture speaks for a class, by Grad-CAM: see {@linkcode classActivationMaps}. The gradient is
 * that of the class's score before softmax, through all later stages and, where the head takes the stage's own pooled output, through
 * that. Works for every head; pictures are prepared as for `model.predict`. Leaves no tensor behind.
 *
 * @param pictures Decoded, or bytes, paths or addresses of JPEG and PNG files.
 * @returns A map for each picture; `row` is its place among them.
 * @throws {UserError} When the classifier was not trained, a file cannot be read, or the stage or a class does not exist.
 *
 * @example
 * ```ts
 * import { createClassifier, drawSample, gradCam } from "../../mod.ts";
 * const data = drawSample({ rows: 60 });
 * using model = await createClassifier({ weights: "random", imageSize: 28, stages: [4] });
 * await model.fit(data);
 * const [{ values, height, width }] = await gradCam(model, [await data.image(0)], { stage: 3 });
 * if (values.length !== height * width || Math.max(...values) > 1) throw new Error();
 * ```
 */
export async function gradCam(
  model: Classifier,
  pictures: ImageDataset | readonly ImageSource[],
  options: GradCamOptions = {},
): Promise<Heatmap[]> {
  const taker = { action: "look into the classifier", method: "gradCam" };
  checkModel(model, taker);
  checkPictures(pictures, taker);
  checkOptions(options, KINDS, taker);
  if (model.head === undefined) {
    throw new UserError("Cannot look into the classifier: it was not trained; call fit() first");
  }
  if (pictures instanceof ImageDataset) return await lookAt(model, pictures, options);
  const { onProgress, signal, target } = options;
  const maps: Heatmap[] = [];
  for await (const { pictures: some } of readPictureBatches(pictures, { signal })) {
    const at = maps.length;
    const own = typeof target === "object" ? some.map((_, i) => target[at + i]) : target;
    const ofAll = ({ done, ...progress }: Progress) =>
      onProgress?.({ ...progress, done: at + done, total: pictures.length });
    const data = ImageDataset.fromImages(some);
    const found = await lookAt(model, data, { ...options, target: own, onProgress: ofAll });
    maps.push(...found.map((map) => ({ ...map, row: at + map.row })));
  }
  return maps;
}

async function lookAt(
  model: Classifier,
  data: ImageDataset,
  options: GradCamOptions,
): Promise<Heatmap[]> {
  const { length } = data;
  if (length === 0) return [];
  const { onProgress, signal } = options;
  const { size, stages, preprocessing, fit } = model.recipeFor(data);
  const { stage = gradCamStage(size, stages[stages.length - 1]) } = options;
  const targetOf = targets(model, data, options.target);
  using network = openNetwork(model, { size, stages, stage, batch: Math.min(BATCH, length) });
  const maps: Heatmap[] = [];
  const tf = await attachTfjs();
  for (let start = 0; start < length; start += BATCH) {
    const count = Math.min(BATCH, length - start);
    const rows = Int32Array.from({ length: count }, (_, i) => start + i);
    const pixels = await preparePictures(data, rows, { preprocessing, size, fit, signal });
    const images = tf.tensor4d(pixels, [count, size, size, 3]);
    try {
      maps.push(
        ...mapsOf(network, images, stage, (answer, i) => targetOf(rows[i], answer))
          .map((map, i) => ({ row: rows[i], ...map })),
      );
    } finally {
      images.dispose();
    }
    onProgress?.({ stage: "heatmaps", done: maps.length, total: length, unit: "images" });
    await breathe(signal);
  }
  return maps;
}

/** Class to look for in a row, of which the model says `answer`. */
function targets(
  { classes }: Classifier,
  data: ImageDataset,
  target: GradCamOptions["target"] = "answer",
): (row: number, answer: number) => number {
  if (target === "answer") return (_, answer) => answer;
  const given = target === "label" ? data.withClasses(classes).labels : target;
  return (row) => {
    const index = typeof given === "number" ? given : given[row];
    return checkClass(index, classes.length, data.name(row));
  };
}

/** One batch, forward and backward. */
function mapsOf(
  network: Network,
  images: tf.Tensor4D,
  stage: number,
  targetOf: (answer: number, place: number) => number,
): Omit<Heatmap, "row">[] {
  const { classes } = network;
  const logits = network.forward(images, "none");
  const wanted = likeliest(logits, classes).map(targetOf);
  const gradients = new Float32Array(logits.length);
  wanted.forEach((target, i) => gradients[i * classes + target] = 1);
  network.backward(gradients);
  const { activation, gradient } = network.watched(stage);
  const { height, width } = activation;
  return classActivationMaps(activation, gradient)
    .map((values, i) => ({ target: wanted[i], stage, height, width, values }));
}

/** Trunk and head as one network that learns nothing and answers as the classifier does. */
function openNetwork(
  model: Classifier,
  { size, stages, stage, batch }: {
    readonly size: number;
    readonly stages: readonly number[];
    readonly stage: number;
    readonly batch: number;
  },
): Network {
  const { weight, bias, mean, scale, classes, columns } = model.head!;
  const network = createNetwork(model.trunk.weights, {
    classes,
    imageSize: size,
    batchSize: batch,
    stages,
    policy: () => ({ trainable: false, batchNorm: "running" }),
    dropout: 0,
    stochasticDepth: 0,
    standardisation: mean && scale && { mean, scale },
    watch: [stage],
  });
  network.write(`${CLASSIFIER}.weight`, transposed(weight, columns, classes));
  network.write(`${CLASSIFIER}.bias`, bias);
  return network;
}

function checkClass(index: number, classes: number, name: string): number {
  if (Number.isInteger(index) && index >= 0 && index < classes) return index;
  throw new UserError(
    index === -1
      ? `Cannot look for the label of ${name}: it has none; look for the answer instead`
      : `Cannot look for class ${index} in ${name}: the model has classes 0 to ${classes - 1}`,
  );
}
