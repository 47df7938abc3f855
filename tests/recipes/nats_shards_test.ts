// The recipe as it stands in docs: three workers share a queue, one is killed amid its work; shards that fail are given up.
import assert from "node:assert/strict";
import { emptyFolder, type Folder, graftJson } from "../cli/graft.ts";

const RECIPE = new URL("../../docs/recipes/nats_shards/", import.meta.url);
const SHARDS = 6;
/** A worker that dies is missed after so long. */
const PATIENCE_MS = 3000;
const SETTINGS = ["--weights", "random", "--image-size", "28", "--stages", "3"];

Deno.test("three workers, one killed: every shard is there once, and merged they are a single run's bytes", async () => {
  await using folder = await emptyFolder();
  await using queue = await startNats(folder);
  if (queue === undefined) return;
  const read = [`--allow-read=${folder.path}`, `--allow-write=${folder.path}`];
  const [data, whole, merged] = ["s.csv", "whole.safetensors", "merged.safetensors"].map(
    folder.file,
  );
  await graftJson(["sample", "--rows", `${SHARDS * 1024 - 300}`, "--out", data], read);
  await graftJson(["extract", data, ...SETTINGS, "--out", whole], read);

  const start = starter({ NATS_URL: queue.url, PATIENCE_MS: `${PATIENCE_MS}` });
  for (let times = 0; times < 2; times++) { // the second time it adds nothing
    const enqueued = await start("enqueue.ts", [`${SHARDS}`]).output();
    assert.equal(new TextDecoder().decode(enqueued.stdout), `${SHARDS} shards wait\n`);
  }
  const extract = [data, ...SETTINGS, "--out", folder.file("part.safetensors")];
  const workers = [1, 2, 3].map(() => start("worker.ts", extract));
  const victim = workers[0].stdout.pipeThrough(new TextDecoderStream()).getReader();
  const first = (await victim.read()).value ?? "";
  assert.match(first, /^\d\/6 begun\n/);
  workers[0].kill("SIGKILL");
  await Promise.all([victim.cancel(), workers[0].status]);
  const said = await Promise.all(
    workers.slice(1).map(async (worker) => {
      const { success, stdout } = await worker.output();
      assert.ok(success, "a worker failed");
      return new TextDecoder().decode(stdout);
    }),
  );
  const done = [...said.join("").matchAll(/(\d)\/6 done/g)].map(([, number]) => number);
  // What the killed worker held, and nothing else of its, was done by another.
  assert.ok(done.includes(first[0]), `${first[0]} is not among ${done}`);
  assert.deepEqual(done.sort(), ["1", "2", "3", "4", "5", "6"]);
  const parts = folder.names().filter((name) => /^part\.\d-of-6\.safetensors$/.test(name));
  assert.equal(parts.length, SHARDS);
  await graftJson(["merge", ...parts.map(folder.file), "--out", merged], read);
  assert.deepEqual(await Deno.readFile(merged), await Deno.readFile(whole));
});

Deno.test("a shard that fails says why, is tried so often and no oftener, and is given up by name", async () => {
  await using folder = await emptyFolder();
  await using queue = await startNats(folder);
  if (queue === undefined) return;
  const start = starter({ NATS_URL: queue.url, PATIENCE_MS: "300", ATTEMPTS: "2" });
  assert.ok((await start("enqueue.ts", ["2"]).output()).success);
  const args = [folder.file("missing.csv"), "--out", folder.file("part.safetensors")];
  const worker = await start("worker.ts", args).output();
  const [stdout, stderr] = [worker.stdout, worker.stderr].map((said) =>
    new TextDecoder().decode(said)
  );
  assert.equal(worker.code, 1, stderr);
  assert.deepEqual(stdout.trim().split("\n").sort(), [1, 1, 2, 2].map((n) => `${n}/2 begun`));
  assert.ok([...stderr.matchAll(/missing\.csv/g)].length >= 4, stderr);
  for (const shard of ["1/2", "2/2"]) {
    assert.match(stderr, new RegExp(`^${shard} failed with exit code 1, attempt 1 of 2$`, "m"));
    assert.match(stderr, new RegExp(`^${shard} given up after 2 attempts`, "m"));
  }
  assert.match(stderr, /^given up: \d\/2, \d\/2; mend the cause/m);
  // Nothing is left to wait for.
  assert.ok((await start("worker.ts", args).output()).success);
});

/** Runs a program of the recipe with these variables. */
function starter(env: Readonly<Record<string, string>>) {
  return (program: string, args: readonly string[]) =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--no-lock", new URL(program, RECIPE).href, ...args],
      env: { GRAFT_THREADS: "1", NO_COLOR: "1", ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
}

/** Starts a server of its own; undefined, said loudly, where there is none on this machine. */
async function startNats(
  folder: Folder,
): Promise<AsyncDisposable & { readonly url: string } | undefined> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command("nats-server", {
      args: [
        ...["--jetstream", "--store_dir", folder.path, "--addr", "127.0.0.1", "--port", "-1"],
        ...["--ports_file_dir", folder.path],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.error("%cskipped: nats-server is not installed (Debian: nats-server)", "color: yellow");
    return undefined;
  }
  const file = folder.file(`nats-server_${child.pid}.ports`);
  for (let tries = 0; tries < 100; tries++) {
    const text = await Deno.readTextFile(file).catch(() => "");
    const url = /nats:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
    if (url !== undefined) {
      return {
        url,
        async [Symbol.asyncDispose]() {
          child.kill("SIGTERM");
          await child.status;
        },
      };
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  child.kill("SIGKILL");
  throw new Error("nats-server does not say on which port it listens");
}
