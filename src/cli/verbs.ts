/** The verbs, in the order in which `--help` lists them. @module */

import type { Verb } from "./verb.ts";
import { compareVerb } from "./verbs/compare.ts";
import { demoVerb } from "./verbs/demo.ts";
import { evalVerb } from "./verbs/eval.ts";
import { exportVerb } from "./verbs/export.ts";
import { extractVerb } from "./verbs/extract.ts";
import { inspectVerb } from "./verbs/inspect.ts";
import { labVerb } from "./verbs/lab.ts";
import { lrFindVerb } from "./verbs/lr_find.ts";
import { mergeVerb } from "./verbs/merge.ts";
import { predictVerb } from "./verbs/predict.ts";
import { reportVerb } from "./verbs/report.ts";
import { sampleVerb } from "./verbs/sample.ts";
import { serveVerb } from "./verbs/serve.ts";
import { trainVerb } from "./verbs/train.ts";
import { wasmVerb } from "./verbs/wasm.ts";
import { weightsVerb } from "./verbs/weights.ts";

/** Every verb. */
export const VERBS: readonly Verb[] = [
  trainVerb,
  evalVerb,
  compareVerb,
  reportVerb,
  predictVerb,
  serveVerb,
  wasmVerb,
  extractVerb,
  exportVerb,
  mergeVerb,
  inspectVerb,
  weightsVerb,
  sampleVerb,
  demoVerb,
  lrFindVerb,
  labVerb,
];
