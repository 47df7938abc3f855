// Cloudflare's runtime: modules are handed in, since it compiles none, and it has neither threads nor files.
import assert from "node:assert/strict";
import { graft } from "../cli/graft.ts";
import { DATA, modelBytes, pngOf, trained } from "../serve/server.ts";
import { bundle } from "./bundle.ts";
import { installed } from "./installed.ts";
import { ROOT } from "./runs.ts";

const NAMES = ["tfjs", "kernels", "pictures"];

/** How the worker is put together; see workerd's `workerd.capnp`. */
const CONFIG = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    ${NAMES.map((name) => `(name = "${name}.wasm", wasm = embed "${name}.wasm"),`).join("\n    ")}
    (name = "model.bin", data = embed "model.bin"),
  ],
  compatibilityDate = "2026-01-01",
);
`;

/** The worker; nothing happens before its first request, as the runtime demands. */
const WORKER = `import { createHandler, giveModules } from ${
  JSON.stringify(new URL("src/serve/mod.ts", ROOT).href)
};
${NAMES.map((name) => `import ${name} from "./${name}.wasm";`).join("\n")}
import model from "./model.bin";

giveModules({ ${NAMES.join(", ")} });
let handler;
export default {
  async fetch(request) {
    handler ??= createHandler(new Uint8Array(model));
    return (await handler).fetch(request);
  },
};
`;

Deno.test("a worker on workerd answers as the classifier does here", async () => {
  const workerd = await installed("workerd@1.20261117.1", "workerd");
  if (workerd === undefined) return;
  const folder = await Deno.makeTempDir({ prefix: "graft_workerd_" });
  try {
    const external = ["*.wasm", "*.bin", "*/starter.json"];
    await Deno.writeTextFile(`${folder}/source.js`, WORKER);
    const made = await bundle(`${folder}/source.js`, `${folder}/worker.js`, {
      format: "esm",
      external,
    });
    if (!made) return;
    const { code, stderr } = await graft(["wasm", "--out", folder], [`--allow-write=${folder}`]);
    assert.equal(code, 0, stderr);
    await Deno.writeFile(`${folder}/model.bin`, await modelBytes());
    await Deno.writeTextFile(`${folder}/config.capnp`, CONFIG);
    await using server = await serve(workerd, folder);
    const body = await pngOf(90);
    const response = await fetch(`${server.url}/predict?top=3`, { method: "POST", body });
    const text = await response.text();
    assert.equal(response.status, 200, text);
    const [answer] = JSON.parse(text).predictions;
    using model = await trained();
    const [expected] = await model.predict(DATA.subset([90]));
    assert.equal(answer.label, expected.label);
    assert.ok(Math.abs(answer.probability - expected.probability) < 1e-6);
    const refused = await fetch(`${server.url}/predict`, { method: "POST", body: "no picture" });
    assert.equal(refused.status, 422);
    await refused.body?.cancel();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Starts workerd on a free port. */
async function serve(
  workerd: string,
  folder: string,
): Promise<AsyncDisposable & { readonly url: string }> {
  const child = new Deno.Command(workerd, {
    args: ["serve", "--control-fd=1", `${folder}/config.capnp`],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`workerd ended before it listened: ${said}`);
    said += value;
    const port = /"event":"listen","socket":"http","port":(\d+)/.exec(said)?.[1];
    if (port === undefined) continue;
    return {
      url: `http://127.0.0.1:${port}`,
      async [Symbol.asyncDispose]() {
        await reader.cancel();
        child.kill("SIGKILL");
        await child.status;
      },
    };
  }
}
