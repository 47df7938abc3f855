/** What tests/fixtures/make_training.py wrote, and the twins of its draws and digests. @module */
import { RandomState } from "../../src/core/random.ts";
import { stageChannels } from "../../src/model/stages.ts";
import type { Variant } from "../../src/weights/variants.ts";
import { decodeFloats, randomPixels } from "./random_b0_weights.ts";

/** How a network is made and what is fed to it. */
export interface TrainingSetting {
  /** For people, and the name of the file of `--full`. */
  readonly name: string;
  /** Family of the weights. */
  readonly variant: Variant;
  /** Side of the pictures. */
  readonly size: number;
  /** Pictures of the batch. */
  readonly images: number;
  /** Number of classes. */
  readonly classes: number;
  /** Stages whose pooled outputs lie side by side. */
  readonly stages: readonly number[];
  /** Whether blocks and features are multiplied by drawn masks. */
  readonly masks: boolean;
  /** Whether features are standardised. */
  readonly standardised: boolean;
  /** Parts that do not learn. */
  readonly frozen: readonly string[];
  /** Parts whose batch norm takes the running statistics. */
  readonly running: readonly string[];
}

/** The tensor that PyTorch's own float32 misses most, and by how much. */
export interface WorstTensor {
  /** Its name. */
  readonly name: string;
  /** Largest error in units of the tensor's largest absolute value, or as the field says. */
  readonly error: number;
}

/** A digest in base64 for each tensor. */
export type Digests = Readonly<Record<string, string>>;

/** One train-mode step: what comes of it. */
export interface TrainingCase extends TrainingSetting {
  /** The last four numbers of each thing drawn. */
  readonly drawn: Readonly<Record<string, string>>;
  /** How far PyTorch's own float32 is from the float64 that the case holds. */
  readonly torchFloat32: { readonly gradients: WorstTensor };
  /** Mean cross-entropy. */
  readonly loss: number;
  /** `[images, classes]` in base64. */
  readonly logits: string;
  /** Parameters whose gradient is 0 in exact arithmetic: shifts that the batch norms behind them take away again. */
  readonly zeroGradients: readonly string[];
  /** Gradient of every parameter that learns, in PyTorch's order. */
  readonly gradients: Digests;
  /** Running statistics afterwards, of the parts that move theirs. */
  readonly statistics: Digests;
}

/** Three steps on the same batch. */
export interface TrainingCourse extends TrainingSetting {
  /** Options of the optimizer, named as in `torch.optim`. */
  readonly rule: {
    readonly kind: "adam" | "adamw" | "sgd";
    readonly lr: number;
    readonly weight_decay?: number;
    readonly momentum?: number;
  };
  /** Mean cross-entropy before each step. */
  readonly losses: readonly number[];
  /** As in {@linkcode TrainingCase}; such parameters are in neither `places` nor `changes`. */
  readonly zeroGradients: readonly string[];
  /** Places of a digest's samples, where the first gradient is not small. */
  readonly places: Digests;
  /** By how much each parameter has changed. */
  readonly changes: Digests;
}

/** All of training_b0.json. */
export const training = JSON.parse(
  Deno.readTextFileSync(new URL("../fixtures/training_b0.json", import.meta.url)),
) as {
  readonly seeds: Readonly<
    Record<"weight" | "pixel" | "head" | "label" | "mask" | "standard", number>
  >;
  readonly cases: readonly TrainingCase[];
  readonly courses: readonly TrainingCourse[];
};

/** Everything that goes into one step but the trunk's weights; the twin of `draw`. */
export interface TrainingInputs {
  /** `[images, size, size, 3]`. */
  readonly pixels: Float32Array;
  /** `[images]`. */
  readonly labels: readonly number[];
  /** The classifier's, `[classes, features]`. */
  readonly weight: Float32Array;
  /** The classifier's, `[classes]`. */
  readonly bias: Float32Array;
  /** Factor of each block for each picture, `[16, images]`. */
  readonly blocks?: Float32Array;
  /** Factor of each feature, `[images, features]`. */
  readonly features?: Float32Array;
  /** Subtracted from each feature. */
  readonly mean?: Float32Array;
  /** Each feature is divided by it. */
  readonly scale?: Float32Array;
}

const BLOCKS = 16;
/** Of features, and of a block in proportion to its place, as in EfficientNet-B0 itself. */
const DROP = 0.2;

/** The inputs of a case, equal to Python's bit for bit. */
export function drawInputs(setting: TrainingSetting): TrainingInputs {
  const { images, classes, stages } = setting;
  const { pixel, head, label, mask, standard } = training.seeds;
  const width = stages.reduce((sum, stage) => sum + stageChannels(stage), 0);
  const heads = new RandomState(head);
  const labels = new RandomState(label);
  const inputs: TrainingInputs = {
    pixels: randomPixels(pixel, setting.size, images),
    labels: Array.from({ length: images }, () => Math.floor(classes * labels.randomDouble())),
    weight: uniform(heads, classes * width, -0.1, 0.1),
    bias: uniform(heads, classes, -0.5, 0.5),
  };
  const masks = new RandomState(mask);
  const standards = new RandomState(standard);
  return {
    ...inputs,
    ...(setting.masks && {
      blocks: Float32Array.from(
        Array.from({ length: BLOCKS }, (_, block) => DROP * block / BLOCKS)
          .flatMap((p) => [...factors(masks, images, p)]),
      ),
      features: factors(masks, images * width, DROP),
    }),
    ...(setting.standardised && {
      mean: uniform(standards, width, -0.5, 0.5),
      scale: uniform(standards, width, 0.5, 1.5),
    }),
  };
}

/** Entries that a digest keeps, at most. */
const SAMPLES = 24;
const GOLDEN = 0.6180339887498949;

/** What the fixture keeps of a tensor. */
export interface Digest {
  /** Largest absolute value. */
  readonly largest: number;
  /** Euclidean norm. */
  readonly norm: number;
  /** Sum of all entries. */
  readonly sum: number;
  /** Sum weighted by place: what lies at the wrong place changes it. */
  readonly mixedSum: number;
  /** Entries at the places asked for. */
  readonly samples: readonly number[];
}

/** A digest as the fixture holds it. */
export function decodeDigest(text: string): Digest {
  const [largest, norm, sum, mixedSum, ...samples] = decodeFloats(text);
  return { largest, norm, sum, mixedSum, samples };
}

/** The twin of `digest`; all sums in float64. */
export function digestOf(
  values: ArrayLike<number>,
  at: ArrayLike<number> = placesOf(values.length),
): Digest {
  let largest = 0, squares = 0, sum = 0, mixedSum = 0;
  for (let i = 0; i < values.length; i++) {
    largest = Math.max(largest, Math.abs(values[i])); // NaN stays NaN
    squares += values[i] * values[i];
    sum += values[i];
    mixedSum += ((Math.imul(2654435761, i) >>> 0) / 2 ** 32 - 0.5) * values[i];
  }
  const samples = Array.from(at, (place) => values[place]);
  return { largest, norm: Math.sqrt(squares), sum, mixedSum, samples };
}

/** The twin of `places`: all of a small tensor, else 24 that meet no period of a shape. */
export function placesOf(size: number): number[] {
  if (size <= SAMPLES) return Array.from({ length: size }, (_, i) => i);
  return Array.from({ length: SAMPLES }, (_, i) => Math.floor((i + 1) * GOLDEN % 1 * size));
}

function uniform(random: RandomState, length: number, low: number, high: number): Float32Array {
  return Float32Array.from({ length }, () => low + (high - low) * random.randomDouble());
}

function factors(random: RandomState, length: number, p: number): Float32Array {
  return Float32Array.from({ length }, () => random.randomDouble() >= p ? 1 / (1 - p) : 0);
}

const PYTHON = "/usr/bin/python3";

/** Why {@linkcode fullGradients} cannot be had on this machine, or undefined where it can. */
export async function whyNoTorch(): Promise<string | undefined> {
  const probe =
    "import importlib.util as u; assert u.find_spec('torch') and u.find_spec('torchvision')";
  try {
    const { success } = await new Deno.Command(PYTHON, { args: ["-c", probe], stderr: "null" })
      .output();
    return success ? undefined : `${PYTHON} has no torch and torchvision`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return `there is no ${PYTHON}`;
    throw error;
  }
}

/**
 * All gradients of every case, whole, by the PyTorch of this machine, keyed by case. Each array holds the tensors of
 * `gradients` one after the other.
 */
export async function fullGradients(): Promise<ReadonlyMap<string, Float32Array>> {
  const folder = await Deno.makeTempDir();
  try {
    const program = new URL("../fixtures/make_training.py", import.meta.url).pathname;
    const { success, stderr } = await new Deno.Command(PYTHON, {
      args: [program, "--full", folder],
      env: { OMP_NUM_THREADS: "1", PYTHONDONTWRITEBYTECODE: "1" },
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    const gradients = new Map<string, Float32Array>();
    for (const { name } of training.cases) {
      gradients.set(name, new Float32Array((await Deno.readFile(`${folder}/${name}.f32`)).buffer));
    }
    return gradients;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
