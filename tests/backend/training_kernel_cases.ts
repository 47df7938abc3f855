/** One suite for every build of the kernels: each op of training against the plain reference. @module */
import assert from "node:assert/strict";
import { backendTest } from "./backend_test_case.ts";
import { depthwiseGradientCases } from "./depthwise_gradient_cases.ts";
import type { KernelBuild } from "./kernel_cases.ts";
import { normCases } from "./norm_cases.ts";
import { normGradientCases } from "./norm_gradient_cases.ts";
import { planeGradientCases } from "./plane_gradient_cases.ts";
import { productCases } from "./product_cases.ts";
import { checkCase, once, runCase, SHARES, type TrainingCase } from "./training_case.ts";
import { updateCases } from "./update_cases.ts";

/** The cases of all ops of training; made once, however many builds run them. */
export const TRAINING_FAMILIES: Readonly<Record<string, () => readonly TrainingCase[]>> = {
  "batch norm": once(normCases),
  "batch norm's gradient": once(normGradientCases),
  "products and their gradients": once(productCases),
  "squeeze-excite's gradients and passes over columns": once(planeGradientCases),
  "depthwise convolutions and their gradients": once(depthwiseGradientCases),
  "steps of the optimizers": once(updateCases),
};

/** Registers the tests of all ops of training for one build. */
export function trainingKernelCases({ name, options }: KernelBuild): void {
  for (const [family, cases] of Object.entries(TRAINING_FAMILIES)) {
    backendTest(
      `${family}: as the reference, however shared (${name})`,
      options,
      ({ runtime, report }) => {
        assert.equal(report.threads, options.threads);
        if (options.fma === false) assert.equal(report.fma, false);
        for (const one of cases()) {
          for (const share of SHARES) {
            const results = runCase(runtime, one, share);
            if (results) checkCase(one, results, `sharing ${share}`);
          }
        }
      },
    );
  }
}
