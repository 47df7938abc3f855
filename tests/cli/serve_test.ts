// graft serve as a process: with no more permissions than it says, until it is told to stop.
import assert from "node:assert/strict";
import { modelBytes, pngOf } from "../serve/server.ts";
import { endAmid } from "../serve/attacks.ts";
import { sendRaw, statusOf } from "../serve/raw_http.ts";
import { drain, type Listening } from "../../src/cli/verbs/serve.ts";
import { emptyFolder, graft } from "./graft.ts";
import { serve } from "./served.ts";

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

Deno.test("SIGTERM amid 64 clients: each that had sent its request is answered, and a second SIGTERM ends at once", async () => {
  await using folder = await emptyFolder();
  const model = folder.file("m.safetensors");
  await Deno.writeFile(model, await modelBytes());
  await using server = await serve(model, ["--max-waiting", "8"]);
  // What stays open and sends nothing does not hold it up.
  using idle = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  await idle.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHo"));
  let code: number | undefined;
  const end = async () => code = (await server.stop("SIGTERM")).code;
  const waited = await endAmid(server.port, await pngOf(1), { end });
  assert.equal(code, 0, server.stderr());
  const statuses = [...waited.keys()];
  assert.ok(waited.size > 0, "nobody waited");
  assert.ok(statuses.every((status) => status === 200 || status === 503), `${statuses}`);

  await using again = await serve(model);
  using slow = await Deno.connect({ hostname: "127.0.0.1", port: again.port });
  const head = "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx";
  await slow.write(new TextEncoder().encode(head));
  await new Promise((resolve) => setTimeout(resolve, 200));
  again.kill("SIGTERM");
  await new Promise((resolve) => setTimeout(resolve, 300));
  const began = performance.now();
  assert.equal((await again.stop("SIGTERM")).code, 143, again.stderr());
  assert.ok(performance.now() - began < 1500, "the second SIGTERM did not end it at once");
});

Deno.test("graft serve answers for its own address and those that are named, and says what an invalid name is", async () => {
  await using folder = await emptyFolder();
  const model = folder.file("m.safetensors");
  await Deno.writeFile(model, await modelBytes());
  await using server = await serve(model, ["--allow-host", "graft.example, proxy.example"]);
  const status = async (host: string) =>
    statusOf(
      await sendRaw(server.port, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
    );
  for (const host of ["localhost", "127.0.0.1", "graft.example:80", "proxy.example"]) {
    assert.equal(await status(host), 200, host);
  }
  assert.equal(await status("evil.example"), 403);
  assert.equal(await status("[::1"), 400);
  assert.ok(!/evil|::1/.test(server.stderr()), server.stderr());
  const wrong = await graft(["serve", model, "--allow-host", "http://a"], [
    `--allow-read=${model}`,
  ]);
  assert.equal(wrong.code, 1);
  assert.match(
    wrong.stderr,
    /^graft: Cannot serve the classifier: the allowed host "http:\/\/a\/" is invalid; .*\n$/,
  );
});

Deno.test("a server whose handler cannot be closed ends nevertheless, and says why", async () => {
  let isOver = false;
  const listening: Listening = {
    server: { finished: Promise.resolve() },
    close: () => isOver = true,
    traffic: { underWay: 0, last: -Infinity },
  };
  const reason = new Error("a thread hangs");
  await assert.rejects(drain(listening, { close: () => Promise.reject(reason) }), reason);
  assert.ok(isOver);
});
