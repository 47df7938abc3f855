/** Threads that make and check pictures while the calling one does something else. @module */

import { UserError } from "../core/errors.ts";
import type { PictureAnswer, PictureRequest, PictureStart } from "./_worker/serve_pictures.ts";
import { pictureKernels } from "./picture_kernels.ts";
import type { EncodedPicture } from "./kept_picture.ts";
import type { MakerOptions } from "./picture_maker.ts";
import type { PictureShape } from "./picture_store.ts";
import { recipeOf } from "./transforms/transform.ts";

/** What is used of a `node:worker_threads` Worker. */
interface ThreadWorker {
  on(event: "message", listener: (answer: PictureAnswer | "ready") => void): void;
  on(event: "error" | "exit", listener: (reason: unknown) => void): void;
  postMessage(message: unknown, transfer?: ArrayBuffer[]): void;
  terminate(): unknown;
  ref(): void;
  unref(): void;
}

/** A thread, with what it has not answered yet. */
export interface PictureThread {
  /** Requests without an answer. */
  readonly waiting: number;
  /** Whether it answers still. */
  readonly alive: boolean;
  /**
   * Asks for a picture.
   *
   * @param options As {@linkcode portableOptions} gives them.
   * @param seeds See `PictureMaker`.
   * @returns The views one after the other, `[views, size, size, 3]`.
   * @throws {UserError} When the picture cannot be decoded, in the words of the calling thread.
   * @throws {Error} When the thread has ended.
   */
  make(
    options: string,
    picture: EncodedPicture,
    seeds: readonly number[],
  ): Promise<Float32Array<ArrayBuffer>>;
  /**
   * Asks whether a picture can be decoded, as `checkDecodable` does.
   *
   * @returns Its shape.
   * @throws As {@linkcode PictureThread.make}.
   */
  check(picture: EncodedPicture): Promise<PictureShape>;
  /**
   * Ends the thread; what it has not answered is refused. A thread that is busy cannot be interrupted: `terminate()` leaves it running
   * in Deno (2.9.6), without a sign of life. It is let finish the image that it works on, keeps no process alive and is ended then.
   *
   * @returns When it has ended.
   */
  end(): Promise<void>;
}

/** The threads that run, and why there are not more. */
export interface PictureThreads {
  /** The threads; none where there is but one core, or where threads cannot be had. */
  readonly threads: readonly PictureThread[];
  /** Why it is so, in words. */
  readonly why: string;
  /** Whether threads were wanted and could not be had. */
  readonly fellBack: boolean;
}

/** More would wait for the one thread that hands pictures out and takes them back. */
const MAX_THREADS = 4;

let running: { readonly worker: ThreadWorker; readonly thread: Promise<PictureThread> }[] = [];
/** Why there are none, once that is known. */
let obstacle: string | undefined;

/**
 * The threads, started when they are first asked for. Idle ones do not keep the process alive. Asks for no permission.
 *
 * @param count Threads wanted; others that run already stay.
 */
export async function pictureThreads(count: number): Promise<PictureThreads> {
  const wanted = Math.max(0, Math.min(MAX_THREADS, Math.floor(count)));
  if (wanted === 0) return { threads: [], why: "no other core is there for them", fellBack: false };
  if (obstacle === undefined) {
    try {
      if (running.length < wanted) await startThreads(wanted);
      const threads = await inTime(running.slice(0, wanted).map(({ thread }) => thread));
      return { threads, why: `${wanted} beside the calling one`, fellBack: false };
    } catch (error) {
      stopPictureThreads();
      obstacle = `threads could not start: ${error instanceof Error ? error.message : error}`;
    }
  }
  return { threads: [], why: obstacle, fellBack: true };
}

/** Why threads that were wanted could not be had, once that is known: pictures are then made by the calling one alone. */
export function whyNoPictureThreads(): string | undefined {
  return obstacle;
}

/** Ends the threads; what they have not answered is refused. They are started again when they are asked for. */
export function stopPictureThreads(): void {
  const ending = running;
  running = [];
  obstacle = undefined;
  for (const { worker } of ending) worker.terminate();
}

async function startThreads(count: number): Promise<void> {
  const start = await threadStarter({ keepsMemory: false });
  while (running.length < count) running.push(start());
}

/**
 * A thread of the caller's own, who has to end it. It keeps the memory that its largest image took.
 *
 * @throws {Error} When threads cannot be had, or it does not start in time.
 */
export async function startPictureThread(): Promise<PictureThread> {
  const { worker, thread } = (await threadStarter({ keepsMemory: true }))();
  try {
    return (await inTime([thread]))[0];
  } catch (error) {
    worker.terminate();
    throw error;
  }
}

/** What starts a thread, once its program and the decoders are there. Deno's event loop stands still while it does: some 50 ms. */
async function threadStarter(
  { keepsMemory }: Pick<PictureStart, "keepsMemory">,
): Promise<() => (typeof running)[number]> {
  const [{ Worker }, { source }] = await Promise.all([
    import("node:worker_threads"),
    import("./_worker/lib/program.ts"),
  ]);
  const url = new URL("data:text/javascript," + encodeURIComponent(source));
  return () => {
    // Without `env` Deno copies the environment and, on a terminal, asks the user for leave to.
    const worker = new Worker(url, { env: {} }) as unknown as ThreadWorker;
    const thread = pictureThread(worker);
    thread.catch(() => {}); // told to whoever waits for it
    const begin: PictureStart = { modules: { pictures: pictureKernels() }, keepsMemory };
    worker.postMessage(begin);
    return { worker, thread };
  };
}

/** How long threads may take to start before pictures are made without them. */
const START_TIMEOUT_MS = 5000;

async function inTime(threads: readonly Promise<PictureThread>[]): Promise<PictureThread[]> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const refuse = () => reject(new Error(`they did not answer within ${START_TIMEOUT_MS} ms`));
    timer = setTimeout(refuse, START_TIMEOUT_MS);
  });
  try {
    return await Promise.race([Promise.all(threads), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Requests of a thread: one that it works on, and one more, so that it need not wait for the calling thread. */
export const REQUESTS = 2;

/**
 * The thread that has the least to do.
 *
 * @param most Requests that it may have at most, with another one.
 * @returns `undefined` where all have that many, or there are none.
 */
export function leastBusy(
  crew: readonly PictureThread[],
  most: number = REQUESTS,
): PictureThread | undefined {
  let found: PictureThread | undefined;
  for (const thread of crew) {
    if (thread.waiting < Math.min(most, found?.waiting ?? Infinity)) found = thread;
  }
  return found;
}

/** Threads beside the calling one where nothing else is said: one for each other core, up to 4. */
export function defaultPictureThreads(): number {
  return Math.min(MAX_THREADS, cores() - 1);
}

/** Cores of this machine, as far as is known. */
export function cores(): number {
  return globalThis.navigator?.hardwareConcurrency ?? 1;
}

type Made = Extract<PictureAnswer, { readonly pixels: unknown }>;
type Checked = Extract<PictureAnswer, { readonly shape: unknown }>;

interface Waiting {
  readonly resolve: (answer: Made | Checked) => void;
  readonly reject: (error: Error) => void;
}

/** The thread, once it has started. */
function pictureThread(worker: ThreadWorker): Promise<PictureThread> {
  const waiting = new Map<number, Waiting>();
  let next = 0;
  let ended: Error | undefined;
  const ask = (
    { name, maxPixels, file: bytes }: EncodedPicture,
    views?: PictureRequest["views"],
  ): Promise<Made | Checked> =>
    new Promise((resolve, reject) => {
      if (ended) return reject(ended);
      // A copy, which can be handed over: the file may be a view of a whole archive. It may find no memory: nothing waits then.
      const file = bytes.slice().buffer;
      const id = next++;
      const request: PictureRequest = { id, picture: { name, maxPixels, file }, views };
      waiting.set(id, { resolve, reject });
      worker.ref(); // the process must not end before the answer is there
      worker.postMessage(request, [file]);
    });
  /** Called when the thread has answered what it worked on when it was told to end. */
  let lastAnswer: (() => void) | undefined;
  const refuseAll = (reason: Error) => {
    ended ??= reason;
    // A thread that has ended is not to be asked again.
    running = running.filter((one) => one.worker !== worker);
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  const thread: PictureThread = {
    get waiting() {
      return waiting.size;
    },
    get alive() {
      return ended === undefined;
    },
    async make(options, picture, seeds) {
      return (await ask(picture, { options, seeds }) as Made).pixels;
    },
    async check(picture) {
      return (await ask(picture) as Checked).shape;
    },
    async end() {
      if (ended) return;
      const isBusy = waiting.size > 0;
      refuseAll(new Error("Cannot make pictures on a thread of their own: it was ended"));
      worker.unref();
      if (isBusy) await new Promise<void>((resolve) => lastAnswer = resolve);
      worker.terminate();
    },
  };
  return new Promise((ready, broken) => {
    const end = (reason: unknown) => {
      const why = reason instanceof Error ? reason.message : "it has ended";
      refuseAll(new Error(`Cannot make pictures on a thread of their own: ${why}`));
      broken(ended);
      lastAnswer?.();
    };
    worker.on("error", end);
    worker.on("exit", end);
    worker.on("message", (answer) => {
      if (answer === "ready") {
        ready(thread);
      } else if (ended) {
        lastAnswer?.();
      } else {
        const { resolve, reject } = waiting.get(answer.id)!;
        waiting.delete(answer.id);
        if ("message" in answer) {
          reject(new (answer.isUserError ? UserError : Error)(answer.message));
        } else {
          resolve(answer);
        }
      }
      if (waiting.size === 0) worker.unref();
    });
  });
}

/** Options of a maker for another thread; `undefined` where a transform is none of graft's, which only the calling thread knows. */
export function portableOptions({ views, ...options }: MakerOptions): string | undefined {
  const recipes = views.map((view) => view === "itself" ? view : recipeOf(view));
  return recipes.includes(undefined) ? undefined : JSON.stringify({ ...options, views: recipes });
}
