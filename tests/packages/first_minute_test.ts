// What a newcomer downloads: packages of the main job alone, those of tests and benchmarks have a lock file of their own.
import assert from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url);
const MOST_PACKAGES = 18;
const MOST_MEGABYTES = 100;

async function deno(args: readonly string[], env: Record<string, string> = {}) {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...env },
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { success, out, err };
}

Deno.test("the lock file holds the packages of the main job and no others, none with a build script", async () => {
  const lock = JSON.parse(await Deno.readTextFile(new URL("deno.lock", ROOT)));
  const locked = Object.keys(lock.npm);
  assert.ok(locked.length > 0 && locked.length <= MOST_PACKAGES, locked.join(", "));
  const { success, out, err } = await deno(["info", "--json", "cli.ts"]);
  assert.ok(success, err);
  assert.deepEqual(locked.sort(), Object.keys(JSON.parse(out).npmPackages).sort());
  for (const [name, { scripts }] of Object.entries<{ scripts?: boolean }>(lock.npm)) {
    assert.ok(!scripts, `${name} has a build script`);
  }
});

Deno.test(`deno task demo downloads less than ${MOST_MEGABYTES} MB on a fresh machine, without a warning`, async () => {
  const cache = await Deno.makeTempDir();
  try {
    const { success, out, err } = await deno(["task", "demo", "--help"], { DENO_DIR: cache });
    if (!success && /error sending request|dns error|failed to lookup|timed out/i.test(err)) {
      return console.error("SKIPPED: the npm registry is not reachable");
    }
    assert.ok(success, err);
    assert.match(out, /graft demo/);
    assert.doesNotMatch(err, /warning/i);
    const megabytes = await sizeOf(cache) / 1e6;
    assert.ok(megabytes > 1 && megabytes < MOST_MEGABYTES, `${megabytes} MB`);
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
});

/** Bytes of all files below a folder. */
async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    bytes += isDirectory ? await sizeOf(path) : (await Deno.stat(path)).size;
  }
  return bytes;
}
