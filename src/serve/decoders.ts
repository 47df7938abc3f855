/** Images of strangers, decoded where they hold nobody up: on other threads, within limits of time and memory. @module */

import { UserError } from "../core/errors.ts";
import { nextTurn } from "../core/next_turn.ts";
import { createPictureMaker, type MakerOptions } from "../data/picture_maker.ts";
import {
  cores,
  type PictureThread,
  portableOptions,
  startPictureThread,
} from "../data/picture_threads.ts";
import { enoughFor } from "../data/preprocess.ts";
import { supposedPixels } from "./supposed_pixels.ts";

/** What {@linkcode createDecoders} needs. */
export interface DecoderOptions {
  /** What is made of each image. */
  readonly maker: MakerOptions;
  /** What messages call an image. */
  readonly name: string;
  /** Most pixels of an image. */
  readonly maxPixels: number;
  /** Time that one image may take, in milliseconds. */
  readonly decodeTimeoutMs: number;
  /** Time after which an image that waits is asked again whether it is wanted, in milliseconds. */
  readonly timeoutMs: number;
  /** Images that may be under way or made and not yet taken. */
  readonly mayStart: () => boolean;
  /** Told once, when images have to be decoded on the calling thread. */
  readonly onNotice?: (text: string) => void;
}

/** Threads that decode, and the images that wait for them. */
export interface Decoders {
  /**
   * Decodes a file, in its turn.
   *
   * @param isWanted Asked before it begins; it may throw the reason why not.
   * @returns What the network takes, `[size, size, 3]`.
   * @throws {UserError} When the file cannot be decoded, or not in time.
   * @throws What `isWanted` throws.
   */
  decode(file: Uint8Array, isWanted: () => void): Promise<Float32Array>;
  /** Goes on where `mayStart` has held it up. */
  resume(): void;
  /** Starts the threads now rather than when they are needed. */
  warmUp(): Promise<void>;
  /** Ends the threads; nothing may be under way. */
  close(): void;
}

/** An image of no more pixels is decoded beside a large one. */
const SMALL_PIXELS = 1_000_000;
/** Pixels of larger images under way at once, unless it is a single one: up to some 10 bytes each. */
const PIXELS_AT_ONCE = 24_000_000;
/** The same with what threads have decoded before: it is garbage to them, but not collected before they need the memory. */
const PIXELS_HELD = 30_000_000;
/** Small images that a thread has at once, so that it need not wait for the calling one. */
const SMALL_AT_ONCE = 4;
/** Threads beside the usual ones while some are given up and have not come to an end yet. */
const MORE_THREADS = 2;
interface Job {
  readonly file: Uint8Array;
  readonly pixels: number;
  readonly isWanted: () => void;
  readonly resolve: (pixels: Float32Array) => void;
  readonly reject: (error: unknown) => void;
  timer?: ReturnType<typeof setTimeout>;
}

interface Slot {
  readonly thread: PictureThread;
  /** What it has, in the order in which it answers. */
  readonly jobs: Job[];
  /** Pixels of the large images that it has decoded: their memory is given back by the end of the thread and by nothing else for certain. */
  spent: number;
  /** It gets nothing more, and ends when it has answered. */
  isRetiring?: boolean;
  timer?: ReturnType<typeof setTimeout>;
}

/**
 * One thread for each core and one more, 2 to 4, started when there is work for them. Images are taken in order; small ones pass by large
 * ones, for which not all threads are taken, so that a few expensive files delay nothing but their like.
 *
 * An image whose time is up is answered, and its thread is given up: it ends as soon as it comes to the end of the image, and another one
 * takes its place. What else it had is decoded elsewhere.
 */
export function createDecoders(options: DecoderOptions): Decoders {
  const { maker, name, maxPixels, decodeTimeoutMs, timeoutMs, mayStart, onNotice } = options;
  const portable = portableOptions(maker)!; // the image itself: no transform of anybody's
  const mostThreads = Math.max(2, Math.min(4, cores() + 1));
  const queue: Job[] = [];
  let slots: Slot[] = [];
  let starting: Promise<void> | undefined;
  /** Pixels of what the threads work on that were given up: they are held until those have come to an end. */
  const givenUp = new Map<Slot, number>();
  /** Decodes here, where threads cannot be had. */
  let inline: ((job: Job) => Promise<void>) | undefined;
  let isInlineBusy = false;
  let hasThreads = false;
  let isClosed = false;

  const isLarge = ({ pixels }: Job) => pixels > SMALL_PIXELS;
  const startThread = () =>
    starting ??= (async () => {
      let pause = 0;
      try {
        const thread = await startPictureThread();
        hasThreads = true;
        if (isClosed) return void thread.end();
        slots.push({ thread, jobs: [], spent: 0 });
      } catch (error) {
        if (!hasThreads) decodeHere(error instanceof Error ? error.message : String(error));
        else pause = 1000; // it could before
      }
      starting = undefined;
      if (pause > 0) setTimeout(resume, pause);
      else resume();
    })();
  const decodeHere = (why: string) => {
    if (inline) return;
    onNotice?.(
      `images are decoded on the event loop, and no time limit holds for one: threads could not start: ${why}`,
    );
    const make = createPictureMaker(maker);
    inline = async ({ file, resolve, reject }) => {
      const out = new Float32Array(3 * maker.size ** 2);
      await make({ file, name, maxPixels }, [0], [out]).then(() => resolve(out), reject);
    };
  };
  /** A thread for a job now, the least busy one. */
  const slotFor = (job: Job): Slot | undefined => {
    if (isLarge(job)) {
      const large = slots.flatMap(({ jobs }) => jobs).filter(isLarge);
      if (large.length + 1 >= mostThreads) return undefined;
      let held = [...large.map(({ pixels }) => pixels), ...givenUp.values()]
        .reduce((sum, pixels) => sum + pixels, 0);
      if (held > 0 && held + job.pixels > PIXELS_AT_ONCE) return undefined;
      held += slots.reduce((sum, { spent }) => sum + spent, 0);
      for (const slot of slots.filter(({ spent }) => spent > 0)) {
        if (held + job.pixels <= PIXELS_HELD) break;
        held -= slot.spent;
        retire(slot);
      }
      if (slots.some(({ isRetiring }) => isRetiring)) return undefined;
      return slots.find(({ jobs }) => jobs.length === 0);
    }
    let found: Slot | undefined;
    for (const slot of slots) {
      const isFree = !slot.isRetiring && !slot.jobs.some(isLarge);
      if (isFree && slot.jobs.length < (found?.jobs.length ?? SMALL_AT_ONCE)) found = slot;
    }
    return found;
  };
  /** Ends a thread as soon as it has answered. */
  const retire = (slot: Slot) => {
    slot.isRetiring = true;
    if (slot.jobs.length > 0) return;
    slots = slots.filter((other) => other !== slot);
    slot.thread.end();
  };
  /** The next job that a thread is free for: the first one, or the first small one. */
  const nextJob = (): [at: number, slot: Slot] | undefined => {
    if (queue.length === 0) return undefined;
    const first = slotFor(queue[0]);
    if (first) return [0, first];
    const at = queue.findIndex((job) => !isLarge(job));
    const slot = at < 0 ? undefined : slotFor(queue[at]);
    return slot && [at, slot];
  };
  const isWanted = (job: Job) => {
    try {
      job.isWanted();
      return true;
    } catch (error) {
      job.reject(error);
      return false;
    }
  };
  const resume = () => {
    while (queue.length > 0 && mayStart()) {
      if (inline) return void decodeInline();
      const next = nextJob();
      const isRoom = slots.length < mostThreads &&
        slots.length + givenUp.size < mostThreads + MORE_THREADS;
      if (isRoom && !slots.some(({ jobs }) => jobs.length === 0)) startThread();
      if (next === undefined) return;
      const [job] = queue.splice(next[0], 1);
      clearTimeout(job.timer);
      if (isWanted(job)) hand(job, next[1]);
    }
  };
  const decodeInline = async () => {
    if (isInlineBusy) return;
    isInlineBusy = true;
    while (queue.length > 0 && mayStart()) {
      const job = queue.shift()!;
      clearTimeout(job.timer);
      if (!isWanted(job)) continue;
      await inline!(job);
      if (queue.length > 0) await nextTurn(); // not after the last one: in workerd a turn ends with the request that asked
    }
    isInlineBusy = false;
  };
  const hand = (job: Job, slot: Slot) => {
    slot.jobs.push(job);
    if (slot.jobs.length === 1) watch(slot);
    const settle = (answer: () => void) => {
      if (slot.jobs[0] !== job) return; // it is decoded elsewhere, or was answered
      slot.jobs.shift();
      if (isLarge(job)) slot.spent += job.pixels;
      if (slot.isRetiring) retire(slot);
      watch(slot);
      answer();
      resume();
    };
    slot.thread.make(portable, { file: job.file, name, maxPixels }, [0]).then(
      (pixels) => settle(() => job.resolve(pixels)),
      (error) => {
        if (slot.thread.alive) return settle(() => job.reject(error));
        if (slot.jobs[0] !== job) return; // it is decoded elsewhere
        slot.jobs.shift();
        replace(slot, 0);
        const broken = new UserError(`Cannot read ${name}: it breaks the decoder; save it again`);
        job.reject(error instanceof UserError ? error : broken);
      },
    );
  };
  /** Counts the time of what the thread works on from now. */
  const watch = (slot: Slot) => {
    clearTimeout(slot.timer);
    const [job] = slot.jobs;
    if (job !== undefined) slot.timer = setTimeout(() => timeUp(slot, job), decodeTimeoutMs);
  };
  const timeUp = async (slot: Slot, job: Job) => {
    await nextTurn(); // the answer may have come while something else was computed here
    await nextTurn();
    if (slot.jobs[0] !== job) return;
    slot.jobs.shift();
    replace(slot, isLarge(job) ? job.pixels : 0);
    job.reject(
      new UserError(
        `Cannot read ${name}: it took more than ${decodeTimeoutMs} ms to decode; save it again, or smaller`,
      ),
    );
  };
  /** Does without a thread from now on; what it had goes first elsewhere. */
  const replace = (slot: Slot, pixels: number) => {
    slots = slots.filter((other) => other !== slot);
    clearTimeout(slot.timer);
    const jobs = slot.jobs.splice(0);
    queue.unshift(...jobs);
    jobs.forEach(letWait);
    givenUp.set(slot, pixels);
    slot.thread.end().finally(() => {
      givenUp.delete(slot);
      resume();
    });
    resume();
  };
  /** While no thread takes anything, nobody would ask whether it is worth waiting any longer. */
  const letWait = (job: Job) => {
    job.timer = setTimeout(() => {
      const at = queue.indexOf(job);
      if (at < 0) return;
      if (isWanted(job)) letWait(job);
      else queue.splice(at, 1);
    }, timeoutMs + 1);
  };
  return {
    decode(file, isWanted) {
      const pixels = supposedPixels(file, maxPixels, enoughFor(maker));
      return new Promise((resolve, reject) => {
        const job: Job = { file, pixels, isWanted, resolve, reject };
        queue.push(job);
        letWait(job);
        resume();
      });
    },
    resume,
    async warmUp() {
      while (slots.length < mostThreads && !inline && !isClosed) {
        const before = slots.length;
        await startThread();
        if (slots.length === before) return;
      }
    },
    close() {
      isClosed = true;
      for (const slot of slots) {
        clearTimeout(slot.timer);
        slot.thread.end();
      }
      slots = [];
    },
  };
}
