// What a request is addressed to: invalid hosts are 400, foreign ones 403 where hosts are named, and nothing makes the handler reject.
import assert from "node:assert/strict";
import { hostRule, isLoopbackAddress } from "../../src/serve/hosts.ts";
import { createHandler, type RequestLog } from "../../src/serve/mod.ts";
import { sendRaw, statusOf } from "./raw_http.ts";
import { ask, trained } from "./server.ts";

/** Hosts that are none (RFC 9112, 3.2). */
const INVALID = [
  "[::1",
  "a b",
  "127.0.0.1:99999999",
  "<script>",
  "%",
  "a:b:c",
  "@",
  "u:p@localhost",
  "localhost/x",
  "localhost?x",
  "localhost#x",
  "\xff\xfe",
  "xn--a",
];

Deno.test("an invalid host or address is answered 400, logged and counted, and the handler never rejects", async () => {
  using model = await trained();
  const logs: RequestLog[] = [];
  const errors: unknown[] = [];
  await using handler = await createHandler(model, {
    onRequest: (log) => logs.push(log),
    onError: (error) => errors.push(error),
  });
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler.fetch);
  const { port } = server.addr;
  const send = (line: string, host: string) =>
    sendRaw(port, `${line} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  for (const host of INVALID) {
    const answer = await send("GET /healthz", host);
    assert.equal(statusOf(answer), 400, `${host}: ${answer}`);
    assert.ok(!answer.includes("script") && answer.includes('"bad-request"'), answer);
  }
  assert.equal(logs.length, INVALID.length);
  assert.ok(
    logs.every(({ route, status, problem }) =>
      `${route} ${status} ${problem}` === "other 400 bad-request"
    ),
  );
  const siblings: [string, number][] = [
    ["GET http://[::1/healthz", 400],
    ["GET http://example.org/healthz", 200],
    ["GET /%ff%zz?%=%", 404],
    ["OPTIONS *", 404],
    ["CONNECT example.org:443", 405],
    ["SECRET /healthz", 405],
    ["GET //evil/healthz", 404],
  ];
  for (const [line, status] of siblings) {
    assert.equal(statusOf(await send(line, "localhost")), status, line);
  }
  assert.ok(!/secret|evil|example/i.test(JSON.stringify(logs)), JSON.stringify(logs));
  assert.deepEqual(errors, []);
});

Deno.test("a listener that throws does not keep a request from its answer", async () => {
  using model = await trained();
  const fail = () => {
    throw new Error("the log is full");
  };
  await using handler = await createHandler(model, { onRequest: fail, onError: fail });
  assert.equal((await handler.fetch(ask("/healthz"))).status, 200);
  assert.equal((await handler.fetch(ask("/nothing"))).status, 404);
});

Deno.test("where hosts are named others are answered 403, by the header and by the address", async () => {
  using model = await trained();
  await using handler = await createHandler(model, { allowHosts: ["localhost", "Graft.Example"] });
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler.fetch);
  const { port } = server.addr;
  const status = async (host: string | undefined, target = "/healthz") => {
    const header = host === undefined ? "" : `Host: ${host}\r\n`;
    return statusOf(
      await sendRaw(port, `GET ${target} HTTP/1.1\r\n${header}Connection: close\r\n\r\n`),
    );
  };
  const own = [
    "localhost",
    "LOCALHOST:8000",
    "127.0.0.1",
    `127.0.0.1:${port}`,
    "127.9.9.9",
    "[::1]:80",
    "127.1",
    "a.localhost",
    "localhost.",
    "graft.example:1",
    undefined,
  ];
  for (const host of own) assert.equal(await status(host), 200, host);
  const foreign = [
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "10.0.0.1",
    "[::2]",
    "0.0.0.0",
    "x.graft.example",
  ];
  for (const host of foreign) {
    assert.equal(await status(host), 403, host);
    assert.equal(await status("localhost", `http://${host}/healthz`), 403, host);
    assert.equal(await status(host, "http://localhost/healthz"), 403, host);
  }
  const refused = await handler.fetch(new Request("http://evil.example/"));
  assert.equal(refused.status, 403);
  const { code, detail } = await refused.json();
  assert.equal(code, "host-not-allowed");
  assert.ok(!detail.includes("evil"), detail);
});

Deno.test("hosts are named as they are written in addresses, without a port", () => {
  const allows = (allowed: string[], host: string) => {
    try {
      return hostRule(allowed)(new Request(`http://${host}/`)).hostname !== "";
    } catch {
      return false;
    }
  };
  assert.ok(allows(["::1"], "[::1]:80"));
  assert.ok(allows(["[FE80::1]"], "[fe80::1]"));
  assert.ok(allows(["192.168.1.5"], "192.168.1.5:8000"));
  assert.ok(!allows(["192.168.1.5"], "localhost"));
  assert.ok(allows(["bücher.example"], "xn--bcher-kva.example"));
  assert.ok(allows(["*"], "any.example"));
  for (const name of ["", "a b", "http://a", "a:80", "a/b", "u@a"]) {
    assert.throws(
      () => hostRule([name]),
      /^UserError: Cannot serve the classifier: the allowed host "/,
      name,
    );
  }
  const loopback = ["127.0.0.1", "127.5.5.5", "localhost", "::1", "[::1]"];
  for (const host of loopback) assert.ok(isLoopbackAddress(host), host);
  for (const host of ["0.0.0.0", "::", "example.org", "10.0.0.1"]) {
    assert.ok(!isLoopbackAddress(host), host);
  }
});
