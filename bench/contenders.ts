/** Who runs in the features benchmark, how each is started, and on which batches. @module */
import type { Command } from "./child.ts";

/** Sides of the pictures that are measured. */
export const SIZES = [28, 64, 112, 224] as const;

/** One of {@linkcode SIZES}. */
export type Size = (typeof SIZES)[number];

/** One process of the comparison. */
export interface Contender {
  /** What the table calls it. */
  readonly name: string;
  /** Threads it computes on. */
  readonly threads: number;
  /** Whether it is what we measure, rather than what we measure it against. */
  readonly ours: boolean;
  /**
   * Pictures at once, for every size it runs at: the batch at which this contender is fastest, found by
   * trying (its users would), so the tables compare best with best.
   */
  readonly batches: Readonly<Partial<Record<Size, number>>>;
  /** So slow that it is measured in the first round only, by a single call without any before it. @default false */
  readonly once?: boolean;
  /** How to start it. */
  readonly command: Command;
}

/** Files that the contenders need and that are no part of the repository. */
export interface Workshop {
  /** The network in ONNX form. */
  readonly onnx: string;
  /** Folder whose node_modules holds onnxruntime. */
  readonly npm: string;
}

/** Debian's interpreter: another Python on the PATH would bring another PyTorch. */
export const PYTHON = "/usr/bin/python3";
const ORT_VERSION = "1.30.0";

/** All contenders for one number of threads. */
export function contenders(threads: number, workshop: Workshop): Contender[] {
  const torch = (mode: string): Command => ({
    program: PYTHON,
    args: [here("torch_server.py"), mode, `${threads}`],
  });
  const ort = (kind: string): Command => ({
    program: "node",
    args: [here("ort_server.mjs"), kind, `${threads}`, workshop.onnx, workshop.npm],
  });
  const tfjs = (backend: string): Command => ({
    program: Deno.execPath(),
    args: ["run", "--quiet", "--no-lock", "--no-prompt", "--allow-read", here("tfjs_server.ts")]
      .concat(backend),
  });
  const all: Contender[] = [
    ours(threads),
    {
      name: "PyTorch channels_last",
      threads,
      ours: false,
      batches: { 28: 100, 64: 20, 112: 16, 224: threads === 1 ? 2 : 4 },
      command: torch("channels_last"),
    },
    {
      name: "PyTorch channels_last, batch norm folded",
      threads,
      ours: false,
      batches: { 28: 200, 64: 50, 112: 16, 224: threads === 1 ? 2 : 4 },
      command: torch("folded"),
    },
    {
      name: "PyTorch default (NCHW)",
      threads,
      ours: false,
      batches: { 28: 100, 64: 20, 112: 16, 224: 4 },
      command: torch("nchw"),
    },
    {
      name: "onnxruntime-node",
      threads,
      ours: false,
      batches: { 28: 100, 64: 50, 112: 8, 224: 2 },
      command: ort("node"),
    },
    {
      name: "onnxruntime-web (wasm)",
      threads,
      ours: false,
      batches: { 28: 50, 64: 20, 112: 4, 224: 1 },
      command: ort("web"),
    },
  ];
  if (threads > 1) return all; // Stock tfjs has one thread in Deno.
  return [
    ...all,
    {
      name: "@tensorflow/tfjs + wasm, stock",
      threads,
      ours: false,
      batches: { 28: 200, 64: 20, 112: 4, 224: 4 },
      command: tfjs("wasm"),
    },
    {
      name: "@tensorflow/tfjs, cpu backend (what it falls to without --allow-read)",
      threads,
      ours: false,
      batches: { 28: 4 }, // Seconds per picture at 224: the point is made at 28.
      command: tfjs("cpu"),
    },
  ];
}

/** Our own process. */
export function ours(threads: number): Contender {
  return {
    name: "graft",
    threads,
    ours: true,
    batches: { 28: 512, 64: 256, 112: 84, 224: 32 },
    command: {
      program: Deno.execPath(),
      args: ["run", "--quiet", "--no-prompt", here("features_bench.ts"), `${threads}`],
    },
  };
}

/** Where the workshop lies: outside of the repository, kept between runs. */
export function workshop(): Workshop {
  const npm = `${Deno.env.get("TMPDIR") ?? "/tmp"}/graft-bench-ort-${ORT_VERSION}`;
  return { npm, onnx: `${npm}/b0.onnx` };
}

/** Exports the network for onnxruntime and installs it from npm. */
export async function prepareWorkshop({ npm, onnx }: Workshop): Promise<void> {
  await Deno.mkdir(npm, { recursive: true });
  await Deno.writeTextFile(`${npm}/package.json`, '{"private": true, "type": "module"}\n');
  const packages = ["node", "web"].map((kind) => `onnxruntime-${kind}@${ORT_VERSION}`);
  // --ignore-scripts: the install script only fetches CUDA; the CPU library is in the package.
  await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", ...packages], npm);
  await run(PYTHON, [here("torch_server.py"), "export", onnx], npm);
}

async function run(program: string, args: string[], cwd: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args, cwd }).output();
  if (!success) {
    const said = new TextDecoder().decode(stderr).trim().split("\n").slice(-5).join("\n");
    throw new Error(`Cannot prepare the benchmark: ${program} ${args.join(" ")} failed\n${said}`);
  }
}

/** Path of a file of this folder. */
export function here(file: string): string {
  return new URL(file, import.meta.url).pathname;
}
