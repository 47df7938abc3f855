// `kill -9` at random moments: what is on the disk can always be loaded, and the run ends as if nothing had happened.
import assert from "node:assert/strict";
import { RandomState } from "../../src/core/random.ts";
import { CHECKPOINT_FILE, checkpointFolder } from "../../src/store/checkpoint.ts";
import { fitNetwork } from "../../src/train/fit.ts";
import { makeTraining, outcome, type TrainingName } from "./programs/training.ts";

const KILLS = 20;
/** Seed of the moments. */
const SEED = 5;

/** What is killed; the whole network, whose checkpoints have 80 MB, only when it is asked for. */
const trainings: { name: TrainingName; steps: number; ignore: boolean }[] = [
  { name: "fake", steps: 25, ignore: false },
  { name: "network", steps: 4, ignore: Deno.env.get("GRAFT_KILL_NETWORK") === undefined },
];

for (const { name, steps, ignore } of trainings) {
  Deno.test({
    name: `killed ${KILLS} times at random moments a run ends with the same bits: ${name}`,
    ignore,
    // The backend's threads outlive the test.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const folder = await Deno.makeTempDir();
      try {
        const random = new RandomState(SEED);
        let reached = 0;
        for (let kill = 0; kill < KILLS; kill++) {
          const told = await killDuring(folder, name, {
            steps: 1 + random.interval(steps - 1),
            ms: 4 * random.randomDouble(),
          });
          const state = await checkpointFolder(folder).load();
          // A step is told when it is made and saved after that, so at most the last one may be lost.
          const step = state?.progress.step ?? 0;
          assert.ok(step >= told - 1, `step ${told} was made, ${step} is kept`);
          assert.ok(step >= reached, `step ${step} is kept, it was ${reached}`);
          reached = step;
        }
        const { lines, signal } = await run(folder, name);
        assert.equal(signal, null);
        assert.equal(lines[0], String(reached + 1), "the last run did not go on where it was");
        const training = await makeTraining(name);
        using network = training.network;
        const { history } = await fitNetwork(network, training.source, training.options);
        assert.equal(lines.at(-1), await outcome(training, history));
        const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
        assert.deepEqual(names, [CHECKPOINT_FILE], "parts of files were left");
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

/**
 * Resumes the run in a process of its own and kills it `ms` after it has told of so many steps.
 *
 * @returns The last step it told of.
 */
async function killDuring(
  folder: string,
  name: TrainingName,
  { steps, ms }: { readonly steps: number; readonly ms: number },
): Promise<number> {
  let waiting: Promise<void> | undefined;
  const { lines, signal } = await run(folder, name, (told, kill) => {
    if (told < steps || waiting) return;
    waiting = new Promise((resolve) => setTimeout(resolve, ms)).then(kill);
  });
  await waiting;
  assert.equal(signal, "SIGKILL", `the run was over before it was killed: ${lines.at(-1)}`);
  return Number(lines.at(-1));
}

/** Runs until the end, or until `onLine` kills. Gives the whole lines of its output. */
async function run(
  folder: string,
  name: TrainingName,
  onLine?: (lines: number, kill: () => void) => void,
): Promise<{ lines: string[]; signal: string | null }> {
  const program = new URL("programs/resumable.ts", import.meta.url);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-prompt", "--quiet", "--no-check", program.href, folder, name],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const kill = () => {
    try {
      child.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended already, which the caller sees
    }
  };
  const errors = new Response(child.stderr).text();
  let text = "";
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += part;
    onLine?.(text.split("\n").length - 1, kill);
  }
  const { success, signal } = await child.status;
  assert.ok(success || signal === "SIGKILL", await errors);
  await errors;
  return { lines: text.split("\n").slice(0, -1), signal };
}
