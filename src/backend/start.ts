/** Starting, reporting on and stopping the backend. @module */

import { count as inWords } from "../core/count.ts";
import { checkOptions, type OptionKinds } from "../core/check_options.ts";
import { UserError } from "../core/errors.ts";
import type { tf } from "../deps.ts";
import { loadTfjs } from "./tfjs.ts";
import { checkThreads, MAX_THREADS } from "./check_threads.ts";
import { loadSingle, loadThreaded, type WasmRuntime } from "./tfjs_loader.ts";
import { givenPair, relaxedSimdSupported, wasmModules, whyNoThreads } from "./wasm_modules.ts";

/** What runs. */
export interface BackendReport {
  /** `"threads"`: the threaded binary; `"single"`: one thread, because it was asked for or had to be. */
  readonly kind: "threads" | "single";
  /** Threads that share the work, the calling one included. */
  readonly threads: number;
  /** Whether multiply-adds are fused: faster, and rounded once instead of twice. */
  readonly fma: boolean;
  /** Why it is so, in words. */
  readonly why: string;
  /** True when threads were wanted and could not be had. */
  readonly fellBack: boolean;
}

/** Options of {@linkcode startBackend}. */
export interface BackendOptions {
  /** Threads in all, 1 to 8. @default GRAFT_THREADS where it may be read, else the number of cores */
  readonly threads?: number;
  /** Fused multiply-add; `false` takes the plain kernels, for results that do not depend on the machine. @default where the engine has it */
  readonly fma?: boolean;
}

/** Of {@linkcode BackendOptions}. */
const KINDS: OptionKinds<BackendOptions> = { threads: "number", fma: "boolean" };

/** The running backend: what `plan.ts` and the tfjs kernels work on. */
export interface RunningBackend {
  /** Memory and threads. */
  readonly runtime: WasmRuntime;
  /** What is told to users. */
  readonly report: BackendReport;
}

let running: RunningBackend | undefined;
let starting: Promise<BackendReport> | undefined;
let attaching: Promise<void> | undefined;
/** Work that was announced to what runs, in pixels. */
let expected = 0;
/** Takes the running backend away from tfjs; undefined while tfjs does not know of it. */
let detach: (() => void) | undefined;

/** What runs now, or undefined before {@linkcode startBackend} and after {@linkcode stopBackend}. */
export function backend(): BackendReport | undefined {
  return running?.report;
}

/** Whether it is this runtime that runs, and not none or a later one. */
export function isRunning(runtime: WasmRuntime): boolean {
  return running?.runtime === runtime;
}

/** The running backend. @throws {UserError} when it was not started. */
export function runningBackend(): RunningBackend {
  if (!running) {
    throw new UserError(
      "Cannot run on the wasm backend: it does not run; call startBackend() first",
    );
  }
  return running;
}

/**
 * Starts tfjs's wasm backend with graft's kernels in its memory, and makes it tfjs's current backend.
 * A second call returns what already runs, whatever its options. Asks for no permission.
 *
 * @throws {UserError} when the number of threads is not a whole number from 1 to 8.
 * @throws {Error} when WebAssembly SIMD is missing; the slow `cpu` backend is never taken instead.
 */
export async function startBackend(options: BackendOptions = {}): Promise<BackendReport> {
  await startRuntime(options);
  await attachTfjs();
  return runningBackend().report;
}

/** Loads tfjs's JavaScript and makes what runs, if anything does, its current backend: to be awaited before tensors are made. */
export async function attachTfjs(): Promise<typeof tf> {
  const [loaded] = await Promise.all([loadTfjs(), startThreads()]);
  while (running && !detach) { // again where it was stopped and started meanwhile
    attaching ??= attach(running).finally(() => attaching = undefined);
    await attaching;
  }
  return loaded.tf;
}

/**
 * Starts the binaries alone, without tfjs's JavaScript and without a thread beside the calling one: enough for all that needs
 * no tensors, once {@linkcode expectWork} is told of work. {@linkcode startBackend} may follow at any time.
 *
 * @throws {UserError} when the number of threads is not a whole number from 1 to 8.
 * @throws {Error} when WebAssembly SIMD is missing.
 */
export async function startRuntime(options: BackendOptions = {}): Promise<BackendReport> {
  checkOptions(options, KINDS, { action: "start the backend", method: "startBackend" });
  if (running) return running.report;
  starting ??= start(options).finally(() => starting = undefined);
  return await starting;
}

/** Pixels that pass the network on one thread in the time that starting the others takes: four pictures of 192 x 192. */
const PIXELS_FOR_THREADS = 4 * 192 ** 2;

/**
 * Announces work; starts the threads once it is more, with what was announced before, than the calling thread does in the
 * meantime. Where they cannot start, {@linkcode backend} tells so afterwards.
 *
 * @param pixels Pixels of the pictures that will pass the network. @default so many that threads are wanted
 */
export async function expectWork(pixels = Infinity): Promise<void> {
  expected += pixels;
  if (expected >= PIXELS_FOR_THREADS) await startThreads();
}

async function startThreads(): Promise<void> {
  const current = running;
  try {
    await current?.runtime.startThreads();
  } catch (error) {
    if (current === undefined || running !== current) return;
    const why = whyNot(error);
    running = { ...current, report: { ...current.report, ...ALONE, why, fellBack: true } };
  }
}

const ALONE = { kind: "single", threads: 1 } as const;

function whyNot(error: unknown): string {
  return `threads could not start: ${error instanceof Error ? error.message : error}`;
}

async function start({ threads, fma }: BackendOptions): Promise<BackendReport> {
  const pair = givenPair();
  const wanted = pair
    ? { count: 1, why: "the modules that were handed in are for one thread" }
    : wantedThreads(threads);
  const useFma = fma ?? relaxedSimdSupported();
  let runtime: WasmRuntime | undefined;
  let why = wanted.why;
  let fellBack = false;
  if (wanted.count > 1) {
    const obstacle = whyNoThreads();
    try {
      if (obstacle) throw new Error(obstacle);
      runtime = await loadThreaded(await wasmModules("threaded", useFma), wanted.count);
    } catch (error) {
      fellBack = true;
      why = whyNot(error);
    }
  }
  runtime ??= await loadSingle(pair ?? await wasmModules("single", useFma));
  const report: BackendReport = {
    kind: runtime.threads > 1 ? "threads" : "single",
    threads: runtime.threads,
    fma: isFused(runtime),
    why,
    fellBack,
  };
  expected = 0;
  running = { runtime, report };
  return report;
}

/** Makes what runs tfjs's current backend, with the gradients that it lacks. */
async function attach({ runtime }: RunningBackend): Promise<void> {
  const [{ tf, BackendWasm }, { registerGradientKernels }] = await Promise.all([
    loadTfjs(),
    import("./tfjs_kernels/register.ts"),
  ]);
  if (!isRunning(runtime)) return;
  const wasm = new BackendWasm(runtime.tfjsModule as ConstructorParameters<typeof BackendWasm>[0]);
  // The npm package registered a factory that would fetch and start a binary of its own.
  if (tf.findBackendFactory("wasm")) tf.removeBackend("wasm");
  tf.registerBackend("wasm", () => wasm, 10);
  const ready = await tf.setBackend("wasm"); // sets tfjs's own kernels up, those that graft's will stand in for, too
  if (!isRunning(runtime) || !ready) {
    tf.removeBackend("wasm");
    if (ready) return; // stopped meanwhile
    throw new Error("Cannot start the wasm backend: tfjs refused it");
  }
  const unregisterKernels = registerGradientKernels(runtime);
  detach = () => {
    unregisterKernels();
    tf.removeBackend("wasm");
  };
}

/**
 * Ends the backend: every tensor on it is lost and its threads end. {@linkcode startBackend} may be called
 * again.
 */
export function stopBackend(): void {
  if (!running) return;
  const { runtime } = running;
  running = undefined;
  detach?.();
  detach = undefined;
  runtime.stop();
}

/** (1 + 2^-12)^2 - (1 + 2^-11) is 2^-24 when rounded once, 0 when the product is rounded first. */
function isFused(runtime: WasmRuntime): boolean {
  return runtime.fused(1 + 2 ** -12, 1 + 2 ** -12, -(1 + 2 ** -11)) !== 0;
}

function wantedThreads(option: number | undefined): { count: number; why: string } {
  const variable = option === undefined ? threadsVariable() : undefined;
  if (option === undefined && variable === undefined) {
    const cores = globalThis.navigator?.hardwareConcurrency ?? 1;
    const count = Math.max(1, Math.min(MAX_THREADS, cores));
    return { count, why: inWords(cores, "core") };
  }
  const name = option === undefined ? "GRAFT_THREADS" : "threads";
  const count = option ?? Number(variable);
  checkThreads(count, "start the backend", name, variable && JSON.stringify(variable));
  return { count, why: `${name} = ${count}` };
}

/** GRAFT_THREADS, where it may be read without asking. */
function threadsVariable(): string | undefined {
  const name = "GRAFT_THREADS";
  const { Deno, process } = globalThis as {
    Deno?: {
      permissions: { querySync?: (what: { name: "env"; variable: string }) => { state: string } };
      env: { get(name: string): string | undefined };
    };
    process?: { env?: Record<string, string | undefined> };
  };
  if (Deno?.permissions?.querySync) {
    const { state } = Deno.permissions.querySync({ name: "env", variable: name });
    return state === "granted" ? Deno.env.get(name) || undefined : undefined;
  }
  return process?.env?.[name] || undefined;
}
