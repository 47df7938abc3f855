/** The verbs, in the order in which `--help` lists them. @module */

import type { Verb } from "./verb.ts";

/** Loads each verb by its name: a run needs the modules of one, which are a part of all. */
const LOADERS: Readonly<Record<string, () => Promise<Verb>>> = {
  train: async () => (await import("./verbs/train.ts")).trainVerb,
  eval: async () => (await import("./verbs/eval.ts")).evalVerb,
  compare: async () => (await import("./verbs/compare.ts")).compareVerb,
  report: async () => (await import("./verbs/report.ts")).reportVerb,
  predict: async () => (await import("./verbs/predict.ts")).predictVerb,
  serve: async () => (await import("./verbs/serve.ts")).serveVerb,
  wasm: async () => (await import("./verbs/wasm.ts")).wasmVerb,
  extract: async () => (await import("./verbs/extract.ts")).extractVerb,
  export: async () => (await import("./verbs/export.ts")).exportVerb,
  merge: async () => (await import("./verbs/merge.ts")).mergeVerb,
  inspect: async () => (await import("./verbs/inspect.ts")).inspectVerb,
  weights: async () => (await import("./verbs/weights.ts")).weightsVerb,
  sample: async () => (await import("./verbs/sample.ts")).sampleVerb,
  demo: async () => (await import("./verbs/demo.ts")).demoVerb,
  "lr-find": async () => (await import("./verbs/lr_find.ts")).lrFindVerb,
  lab: async () => (await import("./verbs/lab.ts")).labVerb,
};

/** The names of all verbs. */
export const VERB_NAMES: readonly string[] = Object.keys(LOADERS);

/** The verb of a name; undefined where there is none. */
export async function findVerb(name: string): Promise<Verb | undefined> {
  return Object.hasOwn(LOADERS, name) ? await LOADERS[name]() : undefined;
}

/** Every verb. */
export async function allVerbs(): Promise<readonly Verb[]> {
  return await Promise.all(Object.values(LOADERS).map((load) => load()));
}
