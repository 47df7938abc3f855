// graft serve as a process: with no more permissions than it says, until it is told to stop.
import assert from "node:assert/strict";
import { modelBytes, pngOf } from "../serve/server.ts";
import { emptyFolder, graft } from "./graft.ts";

const ROOT = new URL("../../", import.meta.url);

/** A running server. */
interface Served extends AsyncDisposable {
  readonly url: string;
  /** All of stderr so far. */
  stderr(): string;
  /** Sends a signal and waits for the end. */
  stop(signal: Deno.Signal): Promise<{ readonly code: number; readonly stdout: string }>;
}

/** Starts `graft serve` on a free port and waits until it listens. */
async function serve(model: string, args: readonly string[] = []): Promise<Served> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--quiet", `--allow-read=${model}`, "--allow-net=127.0.0.1:0"],
      ...["cli.ts", "serve", model, "--port", "0", ...args],
    ],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let stderr = "";
  const listening = Promise.withResolvers<string>();
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      stderr += text;
      const url = stderr.match(/(?:listening on |"url":")([^\s"]+)[^\n]*\n/)?.[1];
      if (url !== undefined) listening.resolve(url);
    }
    listening.reject(new Error(`the server ended: ${stderr}`));
  })();
  const stdout = new Response(child.stdout).text();
  const url = await listening.promise;
  const end = async (signal: Deno.Signal) => {
    try {
      child.kill(signal);
    } catch {
      // it has ended already
    }
    const { code } = await child.status;
    await reading.catch(() => {});
    return { code, stdout: await stdout };
  };
  return {
    url,
    stderr: () => stderr,
    stop: end,
    [Symbol.asyncDispose]: async () => void await end("SIGKILL"),
  };
}

Deno.test("graft serve answers, logs each request as a line of JSON, and ends at SIGTERM with its tally", async () => {
  await using folder = await emptyFolder();
  const model = folder.file("m.safetensors");
  await Deno.writeFile(model, await modelBytes());
  await using server = await serve(model);
  const response = await fetch(`${server.url}predict?top=2`, {
    method: "POST",
    body: await pngOf(1),
  });
  assert.equal(response.status, 200);
  assert.equal((await response.json()).predictions[0].top.length, 2);
  const missing = await fetch(`${server.url}nothing`);
  assert.equal(missing.status, 404);
  await missing.body?.cancel();
  const { code, stdout } = await server.stop("SIGTERM");
  assert.equal(code, 0, server.stderr());
  assert.equal(stdout, "answered 1 request (1 picture), refused 1, failed 0\n");
  const logs = server.stderr().split("\n").filter((line) => line.startsWith("{")).map((line) =>
    JSON.parse(line)
  );
  assert.deepEqual(logs.map(({ route, status }) => [route, status]), [["POST /predict", 200], [
    "other",
    404,
  ]]);
});

Deno.test("Ctrl-C ends the server, too, and an address that is taken is one line", async () => {
  await using folder = await emptyFolder();
  const model = folder.file("m.safetensors");
  await Deno.writeFile(model, await modelBytes());
  await using server = await serve(model, ["--host", "127.0.0.1"]);
  const { port } = new URL(server.url);
  const taken = await graft(["serve", model, "--port", port], [
    `--allow-read=${model}`,
    "--allow-net=127.0.0.1",
  ]);
  assert.equal(taken.code, 1);
  assert.match(
    taken.stderr,
    /^graft: Cannot listen on 127\.0\.0\.1:\d+: .*; choose another --port or --host\n$/,
  );
  assert.equal((await server.stop("SIGINT")).code, 130);
});

Deno.test("with --json all that graft serve says is events", async () => {
  await using folder = await emptyFolder();
  const model = folder.file("m.safetensors");
  await Deno.writeFile(model, await modelBytes());
  await using server = await serve(model, ["--json"]);
  await (await fetch(`${server.url}nothing`)).body?.cancel();
  const { code, stdout } = await server.stop("SIGINT");
  assert.equal(code, 130);
  assert.equal(JSON.parse(stdout).refused, 1);
  const events = server.stderr().trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(events.map(({ event }) => event), [
    "listening",
    "request",
    "stopped",
    "stopped",
  ]);
  const { url, port } = events[0];
  assert.deepEqual([url, port], [server.url, Number(new URL(server.url).port)]);
  assert.equal(events[1].status, 404);
  assert.match(events[2].message, /answering what was asked/);
});
