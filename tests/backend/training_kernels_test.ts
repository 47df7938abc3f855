/** All builds of the kernels through the suite of training. */
import { onBackend } from "./backend_test_case.ts";
import { reserveLowerHalf } from "./reserve.ts";
import { trainingKernelCases } from "./training_kernel_cases.ts";

for (const threads of [1, 2]) {
  const counted = threads === 1 ? "1 thread" : `${threads} threads`;
  for (const fma of [true, false]) {
    trainingKernelCases({
      name: `${counted}, ${fma ? "fused" : "plain"}`,
      options: { threads, fma: fma ? undefined : false },
    });
  }
}

if (await onBackend({ threads: 2 }, ({ runtime }) => reserveLowerHalf(runtime))) {
  trainingKernelCases({
    name: "2 threads, addresses beyond 2 GB",
    options: { threads: 2 },
    high: true,
  });
} else {
  console.warn("SKIPPED: training's kernels beyond 2 GB, the system does not give that much");
}
