/** Who runs in the training benchmark, how each is started, and on which batches. @module */
import { type Contender, here, PYTHON, type Size } from "./contenders.ts";

/** Pictures of one step, the same for everybody who can: speed depends on it. */
export const STEP_BATCHES: Readonly<Partial<Record<Size, number>>> = { 28: 100, 112: 16, 224: 16 };

/** The case that shows how much memory a step takes. */
export const MEMORY_CASE = { size: 224, batch: 32 } as const;

/** All contenders for one number of threads. */
export function trainingContenders(threads: number): Contender[] {
  const all = [
    graft(threads, "default"),
    torch(threads, "channels_last", "PyTorch channels_last"),
    torch(threads, "lab", "PyTorch default (NCHW), as the lab runs it"),
  ];
  all.push(tfjs(threads, ["graft", `${threads}`], "tfjs's tape on graft's backend"));
  if (threads > 1) return all; // Stock tfjs has one thread in Deno.
  return [
    ...all,
    tfjs(1, ["stock"], "tfjs's tape on its own wasm backend, the missing kernels added"),
  ];
}

/** Who shows how much memory {@linkcode MEMORY_CASE} takes. */
export function memoryContenders(threads: number): Contender[] {
  return [
    graft(threads, "default"),
    graft(threads, "low"),
    torch(threads, "channels_last", "PyTorch channels_last"),
  ].map((contender) => ({ ...contender, batches: { [MEMORY_CASE.size]: MEMORY_CASE.batch } }));
}

function graft(threads: number, memory: "default" | "low"): Contender {
  return {
    name: memory === "low" ? 'graft, memory "low"' : "graft",
    threads,
    ours: memory === "default",
    batches: STEP_BATCHES,
    command: {
      program: Deno.execPath(),
      args: ["run", "--quiet", "--no-prompt", here("training_bench.ts"), `${threads}`, memory],
    },
  };
}

function torch(threads: number, mode: "lab" | "channels_last", name: string): Contender {
  return {
    name,
    threads,
    ours: false,
    batches: STEP_BATCHES,
    command: { program: PYTHON, args: [here("training_torch_server.py"), mode, `${threads}`] },
  };
}

function tfjs(threads: number, words: readonly string[], name: string): Contender {
  const flags = ["--quiet", "--no-lock", "--no-prompt", "--allow-read"];
  return {
    name,
    threads,
    ours: false,
    once: true,
    batches: { 28: 100, 112: 4, 224: 2 }, // The tape would not fit wasm's memory at 16.
    command: {
      program: Deno.execPath(),
      args: ["run", ...flags, here("training_tfjs_server.ts"), ...words],
    },
  };
}
