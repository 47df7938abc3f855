// The matrix of runtimes, as far as they are Deno: versions, permissions, threads, and a program from an address.
import assert from "node:assert/strict";
import { serveDir } from "./serve_dir.ts";
import { installed } from "./installed.ts";
import { assertSame, ROOT, runProbe } from "./runs.ts";
import { modelBytes } from "../serve/server.ts";

/** Deno where it is now, where it was long, and what Supabase's edge functions are built on. */
const OLDER = ["2.5.0", "2.1.4"];

/** A kept model as a file, for one test. */
async function withModel(use: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempFile({ suffix: ".safetensors" });
  try {
    await Deno.writeFile(path, await modelBytes());
    await use(path);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("no permission is needed to train a probe and to answer with it", async () => {
  const { backend } = await runProbe();
  assert.equal(backend.fellBack, false);
});

Deno.test("without Worker and shared memory one thread gives the same bits, and says so", async () => {
  await withModel(async (path) => {
    const flags = [`--allow-read=${path}`];
    const single = await runProbe({ flags, args: [path, "threads"] });
    const threaded = await runProbe({ flags, args: [path] });
    const { kind, fellBack } = single.backend;
    assert.deepEqual([kind, fellBack], ["single", threaded.backend.threads > 1]);
    assertSame(single, threaded);
    assert.deepEqual(single.served, threaded.served);
  });
});

for (const version of OLDER) {
  Deno.test(`Deno ${version} gives the same features, on threads and with permission for the model alone`, async () => {
    const deno = await installed(`deno@${version}`, "deno");
    if (deno === undefined) return;
    await withModel(async (path) => {
      const read = { flags: [`--allow-read=${path}`], args: [path] };
      const old = await runProbe({
        deno,
        ...read,
        env: { DENO_DIR: `${deno}-cache`, DENO_TLS_CA_STORE: "system" },
      });
      const now = await runProbe(read);
      assert.equal(old.backend.kind, now.backend.kind);
      assertSame(old, now);
    });
  });
}

Deno.test("the command line runs from an address, with an import map where JSR is down", async () => {
  await using server = serveDir(ROOT);
  const folder = await Deno.makeTempDir({ prefix: "graft_url_" });
  const cache =
    new URL(`file://${Deno.env.get("TMPDIR") ?? "/tmp"}/graft-runtimes/from-url`).pathname;
  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-prompt", "--quiet", "--no-lock", "--no-config", `--allow-read=${folder}`],
        ...[`--allow-write=${folder}`, `--import-map=${server.url}offline/import_map.json`],
        ...[`${server.url}cli.ts`, ...args],
      ],
      cwd: folder,
      env: { NO_COLOR: "1", DENO_DIR: cache },
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    assert.equal(code, 0, decoder.decode(stderr));
    return decoder.decode(stdout);
  };
  try {
    const [data, model] = [`${folder}/s.csv`, `${folder}/m.safetensors`];
    await run("sample", "--rows", "100", "--out", data);
    const fast = [
      "--weights",
      "random",
      "--image-size",
      "28",
      "--stages",
      "3",
      "--method",
      "probe",
    ];
    await run("train", data, ...fast, "--out", model);
    const { accuracy } = JSON.parse(await run("eval", model, data, "--json"));
    assert.equal(accuracy.n, 100);
  } finally {
    await Deno.remove(folder, { recursive: true });
    // Modules of an address are kept by its port, which is another one each time.
    await Deno.remove(`${cache}/remote`, { recursive: true }).catch(() => {});
  }
});
