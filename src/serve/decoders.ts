/** Images of strangers, decoded where they hold nobody up: on other threads, within limits of time and memory. @module */

import { UserError } from "../core/errors.ts";
import { nextTurn } from "../core/next_turn.ts";
import { createPictureMaker, type MakerOptions, type PictureMaker } from "../data/picture_maker.ts";
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
  /** Told once, when images have to be decoded on the calling thread; throws nothing. */
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

/**
 * Images of more pixels are decoded one at a time, all on one thread. A thread keeps the memory of its largest image, up to some 12 bytes a
 * pixel: that of WebAssembly does not shrink, and to start another thread instead holds the event loop up for 0.1 s or two.
 */
const SMALL_PIXELS = 3_000_000;
/** Images that a thread has at once, so that it need not wait for the calling one. */
const IMAGES_AT_ONCE = 4;
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
  /** Whether it has had a large image. */
  hasGrown: boolean;
  timer?: ReturnType<typeof setTimeout>;
}

/**
 * One thread for each core and one more, 2 to 4, started when there is work for them. Images are taken in order; small ones pass by large
 * ones, which the first thread takes, so that a few expensive files delay nothing but their like.
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
  /** Threads that were given up and have not come to an end yet. */
  const givenUp = new Set<Slot>();
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
        if (isClosed) return end(thread);
        slots.push({ thread, jobs: [], hasGrown: false });
      } catch (error) {
        if (!hasThreads) decodeHere(error instanceof Error ? error.message : String(error));
        else pause = 1000; // it could before
      }
      starting = undefined;
      if (pause > 0) setTimeout(resume, pause);
      else resume();
    })();
  /** A thread that cannot be ended gets nothing any more; nobody can do more about it. */
  const end = (thread: PictureThread) => thread.end().catch(() => {});
  const decodeHere = (why: string) => {
    if (inline) return;
    let make: PictureMaker | undefined;
    inline = async ({ file, resolve, reject }) => {
      try { // whatever fails, for want of memory for one, is this image's answer: the next one has its turn
        make ??= createPictureMaker(maker);
        const out = new Float32Array(3 * maker.size ** 2);
        await make({ file, name, maxPixels }, [0], [out]);
        resolve(out);
      } catch (error) {
        reject(error);
      }
    };
    onNotice?.(
      `images are decoded on the event loop, and no time limit holds for one: threads could not start: ${why}`,
    );
  };
  /** A thread for a job now: for a small image the least busy one, for a large one the first. */
  const slotFor = (job: Job): Slot | undefined => {
    // Not while the one that had them before holds their memory still.
    if (isLarge(job) && [...givenUp].some(({ hasGrown }) => hasGrown)) return undefined;
    let found: Slot | undefined;
    for (const slot of isLarge(job) ? slots.slice(0, 1) : slots) {
      const isFree = !slot.jobs.some(isLarge);
      if (isFree && slot.jobs.length < (found?.jobs.length ?? IMAGES_AT_ONCE)) found = slot;
    }
    return found;
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
    slot.hasGrown ||= isLarge(job);
    if (slot.jobs.length === 1) watch(slot);
    const settle = (answer: () => void) => {
      const at = slot.jobs.indexOf(job);
      if (at < 0) return; // it is decoded elsewhere, or was answered
      slot.jobs.splice(at, 1);
      if (at === 0) watch(slot); // one that could not be sent is answered out of turn
      answer();
      resume();
    };
    slot.thread.make(portable, { file: job.file, name, maxPixels }, [0]).then(
      (pixels) => settle(() => job.resolve(pixels)),
      (error) => {
        if (slot.thread.alive) return settle(() => job.reject(error));
        if (slot.jobs[0] !== job) return; // it is decoded elsewhere
        slot.jobs.shift();
        replace(slot);
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
    replace(slot);
    job.reject(
      new UserError(
        `Cannot read ${name}: it took more than ${decodeTimeoutMs} ms to decode; save it again, or smaller`,
      ),
    );
  };
  /** Does without a thread from now on; what it had goes first elsewhere. */
  const replace = (slot: Slot) => {
    slots = slots.filter((other) => other !== slot);
    clearTimeout(slot.timer);
    const jobs = slot.jobs.splice(0);
    queue.unshift(...jobs);
    jobs.forEach(letWait);
    givenUp.add(slot);
    end(slot.thread).then(() => {
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
        end(slot.thread);
      }
      slots = [];
    },
  };
}
