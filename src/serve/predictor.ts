/** Pictures that wait for a decoder and for the network, and the batches that it takes them in. @module */

import type { Classifier } from "../classifier/classifier.ts";
import type { Prediction } from "../classifier/prediction.ts";
import { UserError } from "../core/errors.ts";
import { nextTurn } from "../core/next_turn.ts";
import { expectWork } from "../backend/start.ts";
import { ImageDataset } from "../data/dataset.ts";
import { createDecoders, type Decoders } from "./decoders.ts";
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
  /** Time that decoding one may take, in milliseconds. */
  readonly decodeTimeoutMs: number;
  /** Told once, when pictures have to be decoded on the calling thread. */
  readonly onNotice?: (text: string) => void;
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
  /** Starts what the first picture would have to wait for. */
  warmUp(): Promise<void>;
  /** Takes no more; ends when all that wait are answered. */
  close(): Promise<void>;
}

/** A picture that is decoded and waits for the network. */
interface Ready {
  readonly file: Uint8Array;
  /** What the network takes, `[size, size, 3]`. */
  readonly pixels: Float32Array;
  readonly since: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** Time that the network may hold up the event loop at a stretch, in milliseconds: a batch is no larger than fits. */
const STRETCH_MS = 100;

/** Turns of the event loop between two stretches: a request takes some from its connection to its answer. */
const TURNS = 4;

/**
 * A queue in front of `model`. Pictures are decoded on other threads, each on its own; those that are ready pass through the network
 * together, in batches of a power of two (the network keeps a plan for each size).
 */
export function createPredictor(model: Classifier, limits: PredictorLimits): Predictor {
  const { maxWaiting, batchSize, timeoutMs, reject } = limits;
  let waiting = 0;
  let ready: Ready[] = [];
  let decoding = 0;
  let decoders: Decoders | undefined;
  let running: Promise<void> | undefined;
  let closed = false;
  /** Resolved when nothing waits any more. */
  let onIdle: (() => void) | undefined;
  /** Milliseconds that batches take in the network of late, by their size. */
  const paces = new Map<number, number>();

  const decodersFor = (file: Uint8Array) => {
    const { preprocessing, size, fit } = model.recipe ??
      model.recipeFor(ImageDataset.fromImages([{ file, name: NAME, maxPixels: limits.maxPixels }]));
    return createDecoders({
      ...limits,
      maker: { preprocessing, size, fit, views: ["itself"] },
      name: NAME,
      mayStart: () => decoding + ready.length < 2 * batchSize,
    });
  };
  const reserve = (count: number) => {
    if (closed) throw new Problem("stopping", "the server is stopping; ask another", RETRY);
    if (waiting + count <= maxWaiting) return;
    throw new Problem("busy", "too many pictures are waiting; try again in a second", RETRY);
  };
  const checkTime = (since: number) => {
    if (performance.now() - since <= timeoutMs) return;
    throw new Problem("busy", `the picture waited more than ${timeoutMs} ms; try again`, RETRY);
  };
  const askFor = async (file: Uint8Array, which: string): Promise<Answer> => {
    waiting++;
    const since = performance.now();
    try {
      decoders ??= decodersFor(file);
      let isUnderWay = false;
      const pixels = await decoders.decode(file, () => {
        checkTime(since);
        if (!isUnderWay) decoding++; // asked again where its thread was given up for another picture
        isUnderWay = true;
      }).finally(() => {
        if (isUnderWay) decoding--;
      });
      return await new Promise((resolve, reject) => {
        ready.push({ file, pixels, since, resolve, reject });
        running ??= run();
      });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      throw new Problem("unreadable-picture", which + detailOf(error));
    } finally {
      if (--waiting === 0) onIdle?.();
      decoders?.resume();
    }
  };
  const run = async () => {
    await null; // those that come at once pass together
    while (ready.length > 0) {
      await runBatch(nextBatch());
      // What has come meanwhile joins the next batch. Not after the last one: in workerd a turn ends with the request that asked.
      for (let turn = 0; turn < TURNS && ready.length > 0; turn++) await nextTurn();
    }
    running = undefined;
  };
  /** The longest waiting pictures, as many as fit into a stretch; those whose time is up are answered. */
  const nextBatch = () => {
    ready = ready.filter(({ since, reject }) => {
      try {
        checkTime(since);
        return true;
      } catch (error) {
        reject(error);
        return false;
      }
    });
    let count = 1;
    while (2 * count <= Math.min(batchSize, ready.length)) {
      // Twice as many take less than twice as long; one and a half times until it is known.
      const pace = paces.get(2 * count) ?? 1.5 * (paces.get(count) ?? Infinity);
      if (pace > STRETCH_MS) {
        if (paces.has(2 * count)) paces.set(2 * count, 0.98 * pace); // it is tried again some time: the machine may have been busy
        break;
      }
      count *= 2;
    }
    return ready.splice(0, count);
  };
  const runBatch = async (batch: readonly Ready[]) => {
    if (batch.length === 0) return;
    try {
      const { size, stages } = model.recipe!;
      const values = 3 * size ** 2;
      const pixels = new Float32Array(batch.length * values);
      batch.forEach((one, i) => pixels.set(one.pixels, i * values));
      await expectWork(batch.length * size ** 2);
      const started = performance.now();
      const data = model.trunk.pooled(pixels, size, { stages });
      const took = performance.now() - started;
      const known = paces.get(batch.length) ?? took;
      paces.set(batch.length, known + (took - known) / 2);
      const columns = data.length / batch.length;
      const features = { data, rows: batch.length, columns };
      const files = batch.map(({ file }) => file);
      const predictions = await model.predict(files, { features, top: Infinity, reject });
      batch.forEach(({ resolve }, i) => {
        resolve({
          features: data.slice(i * columns, (i + 1) * columns),
          prediction: predictions[i],
        });
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  };
  return {
    get waiting() {
      return waiting;
    },
    reserve,
    async ask(files) {
      reserve(files.length);
      const answers = files.map((file, i) =>
        askFor(file, files.length === 1 ? "" : `picture ${i + 1} of ${files.length}: `)
      );
      return await Promise.all(answers);
    },
    async warmUp() {
      if (model.recipe === undefined) return; // the first picture tells
      decoders ??= decodersFor(new Uint8Array(0));
      await Promise.all([decoders.warmUp(), expectWork()]);
    },
    async close() {
      closed = true;
      if (waiting > 0) await new Promise<void>((resolve) => onIdle = resolve);
      decoders?.close();
    },
  };
}

/** Seconds after which it is worth asking again. */
const RETRY = { "retry-after": "1" };

/** What messages call a picture: it has no name here. */
const NAME = "the picture";

/** What a message says after "Cannot read the picture: "; it names no file, since none has a name here. */
function detailOf({ message }: UserError): string {
  return message.replace(`Cannot read ${NAME}: `, "");
}
