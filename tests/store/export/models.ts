/** Models of EfficientNet-B0 with drawn weights, and what graft itself says of some pictures. @module */
import { startBackend } from "../../../src/backend/mod.ts";
import { IMAGENET_PREPROCESSING } from "../../../src/core/preprocessing.ts";
import { RandomState } from "../../../src/core/random.ts";
import type { Image } from "../../../src/data/image.ts";
import { preprocess } from "../../../src/data/preprocess.ts";
import { tf } from "../../tfjs.ts";
import { type Head, type HeadKind, logits, softmax } from "../../../src/model/heads.ts";
import { measureColumns, type Standardisation } from "../../../src/model/standardise.ts";
import { createTrunk, type Trunk } from "../../../src/model/trunk.ts";
import {
  encodeModel,
  loadModel,
  type ModelDescription,
  type SavedModel,
  trunkWeights,
} from "../../../src/store/bundle.ts";
import type { LoadedWeights } from "../../../src/weights/load.ts";
import type { Variant } from "../../../src/weights/variants.ts";
import { randomB0Tensors } from "../../model/random_b0_weights.ts";
import { description } from "../models.ts";
import type { Answers } from "./consumers.ts";

/** What a model is to be. */
export interface ModelCase {
  /** Decides padding and the epsilon of batch norm. */
  readonly variant: Variant;
  /** Side of the pictures. */
  readonly size: number;
  /** Stages whose features are used. */
  readonly stages: readonly number[];
  /** A probe's features are standardised, those of the others not. */
  readonly kind: HeadKind;
  /** What logits are divided by. @default 1, not calibrated */
  readonly temperature?: number;
}

/** A model as it comes out of its file, and some pictures. */
export interface DrawnModel {
  /** The model. */
  readonly saved: SavedModel;
  /** Of the file that it came out of, without its trunk. */
  readonly weights: LoadedWeights;
  /** Bytes of pictures, `[n, size, size, 3]`. */
  readonly pixels: Uint8Array;
}

/** Drawn once: it takes a second. */
const tensors = randomB0Tensors(7);

const CLASSES = ["cat", "dog", "émeu", "fish"];

/** Draws a model; its head is such that its answers are neither even nor sure. */
export async function drawModel(
  { variant, size, stages, kind, temperature }: ModelCase,
): Promise<DrawnModel> {
  await startBackend();
  const sha256 = "ab".repeat(32);
  const weights: LoadedWeights = { tensors, variant, sha256, source: "drawn", notes: [] };
  const pixels = drawPixels(3, size);
  using trunk = createTrunk(weights);
  const features = featuresOf(trunk, pixels, size, stages);
  const { columns } = features;
  const random = new RandomState(11);
  const scaling = measureColumns(features, "pareto");
  const weight = Float32Array.from(
    { length: columns * CLASSES.length },
    () => 4 * (random.randomDouble() - 0.5) / Math.sqrt(columns),
  );
  const bias = Float32Array.of(0.5, -0.25, 0, 0.125);
  const plain = { kind, weight, bias, classes: CLASSES.length, columns, details: {} };
  const head: Head = kind === "probe" ? { ...plain, ...scaling } : onPlainFeatures(plain, scaling);
  const said: ModelDescription = {
    ...description,
    classes: CLASSES,
    variant,
    preprocessing: IMAGENET_PREPROCESSING,
    imageSize: size,
    stages,
    calibration: temperature === undefined
      ? null
      : { temperature, fittedOn: "unknown", rows: 0, rejection: null },
    weightsSha256: sha256,
  };
  const saved = await loadModel(await encodeModel({ description: said, head, trunk: tensors }));
  return { saved, weights, pixels };
}

/** What graft says of pictures; the logits before the temperature. */
export function graftAnswers(saved: SavedModel, pixels: Uint8Array): Answers {
  const { manifest: { imageSize, stages, calibration }, head } = saved;
  using trunk = createTrunk(trunkWeights(saved));
  const scores = logits(head, featuresOf(trunk, pixels, imageSize, stages));
  const temperature = calibration?.temperature ?? 1;
  const probabilities = softmax(scores.map((score) => score / temperature), head.classes);
  return { probabilities, logits: scores };
}

/** A head that takes features as they are: all divided by one number, so that none counts that hardly varies. */
function onPlainFeatures(head: Head, { mean, scale }: Standardisation): Head {
  const typical = Math.sqrt(scale.reduce((sum, value) => sum + value ** 2, 0) / scale.length);
  const weight = head.weight.map((value) => value / typical);
  const bias = head.bias.map((value, k) =>
    mean.reduce((sum, m, column) => sum - m * weight[column * head.classes + k], value)
  );
  return { ...head, weight, bias };
}

function featuresOf(trunk: Trunk, pixels: Uint8Array, size: number, stages: readonly number[]) {
  const bytes = size * size * 3;
  const images = Array.from({ length: pixels.length / bytes }, (_, i): Image => ({
    data: pixels.subarray(i * bytes, (i + 1) * bytes),
    height: size,
    width: size,
    channels: 3,
  }));
  const values = preprocess(images, { preprocessing: IMAGENET_PREPROCESSING, size });
  const input = tf.tensor4d(values, [images.length, size, size, 3]);
  const features = trunk.features(input, { stages });
  const data = features.dataSync<"float32">();
  const columns = features.shape[1];
  tf.dispose([input, features]);
  return { data, rows: images.length, columns };
}

/** Pictures of waves and noise, each unlike the others. */
function drawPixels(count: number, size: number): Uint8Array {
  const random = new RandomState(3);
  return Uint8Array.from({ length: count * size * size * 3 }, (_, i) => {
    const [image, row] = [Math.floor(i / (size * size * 3)), Math.floor(i / (size * 3)) % size];
    const wave = Math.sin((row * (image + 1) + (i % (size * 3)) * (i % 3 + 1)) / 9);
    return 128 + 70 * wave + 57 * (2 * random.randomDouble() - 1);
  });
}
