// What is at an address, and behind one that leads elsewhere.
import assert from "node:assert/strict";
import { emptyFolder, FAST, graft, sampleLines } from "./graft.ts";

Deno.test("a redirect to another host is refused with one flag for both hosts", async () => {
  const serve = (handler: () => Response) =>
    Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
  await using target = serve(() => new Response("never"));
  const second = `127.0.0.1:${target.addr.port}`;
  await using first = serve(() => Response.redirect(`http://${second}/file`, 302));
  const host = `127.0.0.1:${first.addr.port}`;
  const runs: readonly (readonly string[])[] = [
    ["inspect", `http://${host}/data.csv`],
    ["inspect", `http://${host}/data.zip`],
    ["inspect", `http://${host}/w.safetensors`],
    ["serve", `http://${host}/m.safetensors`],
  ];
  for (const args of runs) {
    const { code, stderr } = await graft(args, [`--allow-net=${host}`, "--allow-read"]);
    assert.equal(code, 1, stderr);
    assert.match(
      stderr,
      new RegExp(
        `^[^\\n]*Deno may not use the network; run with --allow-net=${host},${second}[^\\n]*\\n$`,
      ),
    );
    const none = await graft(args, ["--allow-read"]);
    assert.match(none.stderr, new RegExp(`run with --allow-net=${host}(?![,\\d])[^\\n]*\\n$`));
  }
});

Deno.test("inspect says of a saved model and of features at an address what it says of the file", async () => {
  await using folder = await emptyFolder();
  const [data, model, features] = ["d.csv", "m.safetensors", "f.safetensors"].map(folder.file);
  await Deno.writeTextFile(data, sampleLines(40));
  const allowed = [`--allow-read=${folder.path}`, `--allow-write=${folder.path}`];
  const trained = await graft(
    ["train", data, ...FAST, "--out", model, "--features", features],
    allowed,
  );
  assert.equal(trained.code, 0, trained.stderr);
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async ({ url }) =>
      new Response(await Deno.readFile(folder.file(new URL(url).pathname.slice(1)))),
  );
  for (const path of [model, features]) {
    const url = `http://127.0.0.1:${server.addr.port}/${path.slice(folder.path.length + 1)}`;
    const local = await graft(["inspect", path], [`--allow-read=${path}`]);
    const remote = await graft(["inspect", url], ["--allow-net=127.0.0.1"]);
    assert.equal(remote.code, 0, remote.stderr);
    assert.equal(remote.stdout.replace(url, "FILE"), local.stdout.replace(path, "FILE"));
  }
});
