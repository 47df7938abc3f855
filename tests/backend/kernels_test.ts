/** All builds of the kernels through one suite. */
import { kernelCases } from "./kernel_cases.ts";
import { reserveLowerHalf } from "./reserve.ts";
import { onBackend } from "./backend_test_case.ts";

for (const threads of [1, 2, 3]) {
  for (const fma of [true, false]) {
    kernelCases({
      name: `${counted(threads)}, ${fma ? "fused" : "plain"}`,
      options: { threads, fma: fma ? undefined : false },
    });
  }
}

if (await onBackend({ threads: 2 }, ({ runtime }) => reserveLowerHalf(runtime))) {
  for (const threads of [1, 2]) {
    const name = `${counted(threads)}, addresses beyond 2 GB`;
    kernelCases({ name, options: { threads }, high: true });
  }
} else {
  console.warn("SKIPPED: kernels at addresses beyond 2 GB, the system does not give that much");
}

function counted(threads: number): string {
  return threads === 1 ? "1 thread" : `${threads} threads`;
}
