/** A target that fails in ways that the program must tell, for its own tests. @module */
import type { Target } from "../target.ts";

/** Some cases throw, some leave an error that nobody waits for, and each leaves something behind. */
export function faultyTarget(): Target {
  let held = 0;
  return {
    make: (dice) => dice.bytes(2),
    run([first, second]) {
      held++;
      if (first < 4) throw new TypeError("not a refusal");
      if (second < 4) Promise.reject(new Error("a stray"));
      return Promise.resolve("refused");
    },
    held: () => held,
  };
}
