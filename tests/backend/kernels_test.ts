/** All builds of the kernels through one suite. */
import { kernelCases } from "./kernel_cases.ts";

for (const threads of [1, 2, 3]) {
  for (const fma of [true, false]) {
    const count = threads === 1 ? "1 thread" : `${threads} threads`;
    kernelCases({
      name: `${count}, ${fma ? "fused" : "plain"}`,
      options: { threads, fma: fma ? undefined : false },
    });
  }
}
