// Work of so many steps that goes on whatever happens, with a plan for Ctrl-C; run in a terminal by pty_test.ts.
import { interruptible } from "../../../src/cli/interrupt.ts";
import { Terminal } from "../../../src/cli/terminal.ts";

const [plan, steps] = Deno.args;
const terminal = new Terminal();
Deno.exitCode = await interruptible(
  async ({ whenStopped }) => {
    whenStopped(plan);
    for (let done = 0; done < Number(steps); done++) {
      terminal.progress({ stage: "deaf", done, total: Number(steps), unit: "steps" });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    terminal.finish();
    return 0;
  },
  {
    onStop: (plan) => terminal.stopped(`Ctrl-C: ${plan}`),
    onForcedEnd: (why) => {
      terminal.finish();
      terminal.stopped(why);
    },
  },
);
