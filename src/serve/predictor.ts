/** Pictures that wait for the network, and the batches that it takes them in. @module */

import type { Classifier } from "../classifier/classifier.ts";
import type { Prediction } from "../classifier/prediction.ts";
import { UserError } from "../core/errors.ts";
import { nextTurn } from "../core/next_turn.ts";
import { ImageDataset } from "../data/dataset.ts";
import { encodedShape } from "../data/decode.ts";
import { Problem } from "./problem.ts";

/** Limits of a {@linkcode Predictor}. */
export interface PredictorLimits {
  /** Pictures that wait at most; more are refused. */
  readonly maxWaiting: number;
  /** Pictures that pass through the network together. */
  readonly batchSize: number;
  /** Most pixels of one picture. */
  readonly maxPixels: number;
  /** Time that a picture may wait, in milliseconds. */
  readonly timeoutMs: number;
  /** See `PredictOptions.reject`. */
  readonly reject?: number;
}

/** What the network says of a picture. */
export interface Answer {
  /** The pooled features, `[columns]`. */
  readonly features: Float32Array;
  /** What it is taken for, with all classes in order of their probability. */
  readonly prediction: Prediction;
}

/** A queue in front of a classifier. */
export interface Predictor {
  /** Pictures that wait now. */
  readonly waiting: number;
  /** @throws {Problem} When `count` pictures more would be too many. */
  reserve(count: number): void;
  /**
   * Answers for some picture files, in order.
   *
   * @throws {Problem} When there are too many waiting, one cannot be decoded, or its time is up.
   */
  ask(files: readonly Uint8Array[]): Promise<Answer[]>;
  /** Takes no more; ends when all that wait are answered. */
  close(): Promise<void>;
}

interface Waiting {
  readonly file: Uint8Array;
  /** What to say of it before what is wrong with it: which it is, of several. */
  readonly which: string;
  readonly since: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** Pixels of a batch's files at most beside its first one: a batch of large pictures is a small one, and none waits long for another. */
const BATCH_PIXELS = 16_000_000;

/** A queue in front of `model`; one batch runs at a time, and those that come meanwhile make the next one. */
export function createPredictor(model: Classifier, limits: PredictorLimits): Predictor {
  const { maxWaiting, batchSize, maxPixels, timeoutMs, reject } = limits;
  const queue: Waiting[] = [];
  let running: Promise<void> | undefined;
  let closed = false;

  const reserve = (count: number) => {
    if (closed) throw new Problem("stopping", "the server is stopping; ask another", RETRY);
    if (queue.length + count <= maxWaiting) return;
    throw new Problem("busy", "too many pictures are waiting; try again in a second", RETRY);
  };
  const run = async () => {
    while (queue.length > 0) {
      await runBatch(model, nextBatch(), { maxPixels, reject });
      // What has come meanwhile joins the next batch. Not after the last one: in workerd a turn ends with the request that asked.
      if (queue.length > 0) await nextTurn();
    }
    running = undefined;
  };
  /** The longest waiting pictures; those that no time or no decoder can help are answered at once. */
  const nextBatch = () => {
    const batch: Waiting[] = [];
    let pixels = 0;
    while (queue.length > 0 && batch.length < batchSize && pixels < BATCH_PIXELS) {
      const waiting = queue.shift()!;
      if (performance.now() - waiting.since > timeoutMs) {
        waiting.reject(
          new Problem("busy", `the picture waited more than ${timeoutMs} ms; try again`, RETRY),
        );
        continue;
      }
      try {
        const { height, width } = encodedShape(waiting.file, { name: NAME, maxPixels });
        pixels += height * width;
        batch.push(waiting);
      } catch (error) {
        waiting.reject(unreadable(waiting, error));
      }
    }
    return batch;
  };
  return {
    get waiting() {
      return queue.length;
    },
    reserve,
    ask(files) {
      reserve(files.length);
      const since = performance.now();
      const answers = files.map((file, i) => {
        const which = files.length === 1 ? "" : `picture ${i + 1} of ${files.length}: `;
        return new Promise<Answer>((resolve, reject) =>
          queue.push({ file, which, since, resolve, reject })
        );
      });
      running ??= run();
      return Promise.all(answers);
    },
    async close() {
      closed = true;
      await running;
    },
  };
}

/** Seconds after which it is worth asking again. */
const RETRY = { "retry-after": "1" };

/** What messages call a picture: it has no name here. */
const NAME = "the picture";

/** One batch: its files are decoded on all cores, and pass through the network together. */
async function runBatch(
  model: Classifier,
  batch: readonly Waiting[],
  { maxPixels, reject }: Pick<PredictorLimits, "maxPixels" | "reject">,
): Promise<void> {
  if (batch.length === 0) return;
  try {
    const data = ImageDataset.fromImages(
      batch.map(({ file }) => ({ file, name: NAME, maxPixels })),
    );
    const bad = new Set<number>();
    const onUnreadable = (index: number, error: UserError) => {
      bad.add(index);
      batch[index].reject(unreadable(batch[index], error));
    };
    const features = await model.features(data, { onUnreadable });
    const predictions = await model.predict(data, { features, top: Infinity, reject });
    const { columns } = features;
    batch.forEach(({ resolve }, i) => {
      if (bad.has(i)) return;
      resolve({
        features: features.data.slice(i * columns, (i + 1) * columns),
        prediction: predictions[i],
      });
    });
  } catch (error) {
    for (const { reject } of batch) reject(error);
  }
}

function unreadable({ which }: Waiting, error: unknown): unknown {
  if (!(error instanceof UserError)) return error;
  return new Problem("unreadable-picture", which + detailOf(error));
}

/** What a message says after "Cannot read the picture: "; it names no file, since none has a name here. */
function detailOf({ message }: UserError): string {
  return message.replace(`Cannot read ${NAME}: `, "");
}
