/** All builds of the kernels through the suite of training; training_same_bits_test.ts takes them beyond 2 GB. */
import { trainingKernelCases } from "./training_kernel_cases.ts";

for (const threads of [1, 2]) {
  for (const fma of [true, false]) {
    trainingKernelCases({
      name: `${threads === 1 ? "1 thread" : "2 threads"}, ${fma ? "fused" : "plain"}`,
      options: { threads, fma: fma ? undefined : false },
    });
  }
}
