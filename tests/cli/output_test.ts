// What is said and what is left when files are written.
import assert from "node:assert/strict";
import { emptyFolder, FAST, FAST_FEATURES, graft, sampleLines } from "./graft.ts";

const LOUD = FAST.filter((flag) => flag !== "--quiet");

Deno.test("with permission for the file alone it is said, before the work starts, that a kill loses the old one", async () => {
  await using folder = await emptyFolder();
  const [data, out] = [folder.file("data.csv"), folder.file("model.safetensors")];
  await Deno.writeTextFile(data, sampleLines(60));
  const train = async (permissions: string[]) => {
    const { code, stderr } = await graft(["train", data, "--out", out, ...LOUD], permissions);
    assert.equal(code, 0, stderr);
    return stderr.split("\n")[0];
  };
  const note =
    /model\.safetensors is written in place, .* if graft is killed while it writes, (.*); to avoid that, run with --allow-read=(\S+) --allow-write=(\S+)$/;
  const exact = [`--allow-read=${data}`, `--allow-write=${out}`];
  const first = note.exec(await train(exact));
  assert.deepEqual(first?.slice(1), ["a part of the file is left", folder.path, folder.path]);
  assert.equal(note.exec(await train(exact))?.[1], "the old file is lost");
  assert.doesNotMatch(
    await train([`--allow-read=${folder.path}`, `--allow-write=${folder.path}`]),
    note,
  );
});

Deno.test("a second training with the same checkpoint is refused at once, and one that was killed is taken over", async () => {
  await using folder = await emptyFolder();
  const [data, run] = [folder.file("data.csv"), folder.file("run")];
  await Deno.writeTextFile(data, sampleLines(60));
  const args = [
    ...["train", data, "--checkpoint", run, "--resume", "--method", "lpft"],
    ...[...FAST_FEATURES, "--batch-size", "10", "--patience", "500"],
  ];
  const permissions = [`--allow-read=${folder.path}`, `--allow-write=${folder.path}`];
  const first = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--quiet", ...permissions],
      ...["cli.ts", ...args, "--epochs", "500"],
    ],
    cwd: new URL("../../", import.meta.url),
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const lock = `${run}/training.lock`;
  for (let wait = 0; wait < 600; wait++) {
    if (await Deno.readTextFile(lock).then((text) => text !== "", () => false)) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const second = await graft([...args, "--epochs", "1"], permissions);
  first.kill("SIGKILL");
  await first.status;
  assert.equal(second.code, 1);
  assert.match(
    second.stderr,
    new RegExp(
      `^graft: Cannot train with the checkpoint \\S+run: process ${first.pid} \\(since \\S+\\) is training with it; wait for it or stop it, or name another folder\\n$`,
    ),
  );
  await Deno.remove(`${run}/training.safetensors`).catch(() => {}); // of another number of epochs
  const third = await graft([...args, "--epochs", "1"], permissions);
  assert.equal(third.code, 0, third.stderr);
  assert.deepEqual([...Deno.readDirSync(run)].map(({ name }) => name), ["training.safetensors"]);
});
