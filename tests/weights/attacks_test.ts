import assert from "node:assert/strict";
import process from "node:process";
import { readTensorFile } from "../../src/weights/tensor_file.ts";
import { type Attack, PTH_ATTACKS } from "./attacks.ts";
import { assertUserError } from "./fixtures.ts";

/** CPU time of all threads, garbage collection included: most are over in some milliseconds. */
const MAX_MS = 2000; // of CPU time: the bound of fuzzing, too

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function withstand({ make, refused }: Attack): Promise<void> {
  const bytes = make();
  const begin = cpuMs();
  if (refused === undefined) await readTensorFile(bytes, "x.pth");
  else await assertUserError(() => readTensorFile(bytes, "x.pth"), refused);
  const ms = cpuMs() - begin;
  assert.ok(ms < MAX_MS, `it took ${ms} ms`);
}

/** Those that take the most memory: 75 to 177 MB, the others less (bench/RESULTS.md, "Hostile checkpoints"). */
const HEAVY = /100,000 tensors|nested|20,000 (trans|wid)|one kept|upper half|stride 0/;

/** Peak memory of a process that does nothing but read a file, in bytes; Deno alone takes some 65 MB. */
async function peakOf(path: string): Promise<number> {
  const program = `
    import { readTensorFile } from ${
    JSON.stringify(import.meta.resolve("../../src/weights/tensor_file.ts"))
  };
    await readTensorFile(await Deno.readFile(Deno.args[0]), "x.pth").catch(() => {});
    console.log(/VmHWM:\\s+(\\d+)/.exec(await Deno.readTextFile("/proc/self/status"))[1]);`;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", "--ext=ts", program, path],
    env: { NO_COLOR: "1" },
  }).output();
  return 1024 * Number(new TextDecoder().decode(stdout));
}

Deno.test({
  name: "no .pth file of a few megabytes takes more than 200 MB",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const path = await Deno.makeTempFile({ suffix: ".pth" });
    try {
      for (const { name, make } of PTH_ATTACKS.filter(({ name }) => HEAVY.test(name))) {
        await Deno.writeFile(path, make());
        const peak = await peakOf(path);
        assert.ok(peak > 0 && peak < 200e6, `${name}: ${peak}`);
      }
    } finally {
      await Deno.remove(path);
    }
  },
});

for (const attack of PTH_ATTACKS) {
  Deno.test(`a .pth file with ${attack.name} does no harm`, () => withstand(attack));
}
