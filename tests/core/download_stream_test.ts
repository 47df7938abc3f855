import assert from "node:assert/strict";
import { IdleError, openDownload } from "../../src/core/download_stream.ts";

/** A server that sends these pieces, each after its pause in milliseconds, and then waits for ever or ends. */
function serve(pieces: readonly (readonly [pauseMs: number, bytes: number])[], ends = true) {
  let left = false;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    let at = 0;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (at === pieces.length) return ends ? controller.close() : await new Promise(() => {});
        const [pauseMs, bytes] = pieces[at++];
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
        if (!left) controller.enqueue(new Uint8Array(bytes));
      },
      cancel: () => void (left = true),
    });
    return new Response(body);
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/file`,
    hasLeft: () => left,
    async [Symbol.asyncDispose]() {
      left = true;
      await server.shutdown();
    },
  };
}

async function lengthOf(url: string, idleMs: number, signal?: AbortSignal): Promise<number> {
  await using download = await openDownload(url, { idleMs, signal });
  let length = 0;
  for await (const chunk of download.chunks) length += chunk.length;
  return length;
}

Deno.test("a server that falls silent is left after the idle time", async () => {
  await using server = serve([[0, 5000]], false);
  const begin = performance.now();
  await assert.rejects(
    lengthOf(server.url, 300),
    (error) =>
      error instanceof IdleError && /sent too little within 0\.3 seconds/.test(error.message),
  );
  assert.ok(performance.now() - begin < 3000);
});

Deno.test("a server that never answers is left after the idle time", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  const url = `http://127.0.0.1:${listener.addr.port}/`;
  await assert.rejects(lengthOf(url, 300), /did not answer within 0\.3 seconds/);
  (await accepted).close();
  listener.close();
});

Deno.test("a server that drips is left as one that is silent, however long it would go on", async () => {
  await using server = serve(Array.from({ length: 200 }, () => [20, 1] as const));
  await assert.rejects(lengthOf(server.url, 500), /sent too little within 0\.5 seconds/);
});

Deno.test("a slow server that brings 1 kB a second, and a slow reader, are waited for", async () => {
  await using server = serve(Array.from({ length: 8 }, () => [150, 1000] as const));
  assert.equal(await lengthOf(server.url, 600), 8000);
  await using fast = serve([[0, 1000], [0, 1000], [0, 1000]]);
  await using download = await openDownload(fast.url, { idleMs: 200 });
  let length = 0;
  for await (const chunk of download.chunks) {
    length += chunk.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  assert.equal(length, 3000);
});

Deno.test("a signal stops a download with its reason, and a dispose leaves the server", async () => {
  await using server = serve([[0, 5000]], false);
  const reason = new Error("enough");
  const stop = new AbortController();
  setTimeout(() => stop.abort(reason), 100);
  await assert.rejects(lengthOf(server.url, 5000, stop.signal), (error) => error === reason);
});

Deno.test("a password goes to its own host only, and redirects are followed", async () => {
  const seen: (string | null)[] = [];
  const listen = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  await using target = Deno.serve(listen, (request) => {
    seen.push(request.headers.get("authorization"));
    return new Response("four");
  });
  await using first = Deno.serve(listen, (request) => {
    seen.push(request.headers.get("authorization"));
    return Response.redirect(`http://127.0.0.1:${target.addr.port}/z`);
  });
  assert.equal(await lengthOf(`http://ann:pw@127.0.0.1:${first.addr.port}/y`, 5000), 4);
  assert.deepEqual(seen, [`Basic ${btoa("ann:pw")}`, null]);
});

Deno.test("a redirect from https to http is not followed into the body", async () => {
  const response = new Response("body");
  Object.defineProperties(response, {
    redirected: { value: true },
    url: { value: "http://u:p@example.org/x?t" },
  });
  await assert.rejects(
    openDownload("https://example.org/x", { fetch: () => Promise.resolve(response) }),
    /leads from https to http:\/\/example\.org\/x, which is not safe/,
  );
});

Deno.test("no message holds what is secret in an address", async () => {
  const url = "http://ann:s3cret@127.0.0.1:1/w?token=abc123";
  await assert.rejects(openDownload(url), (error) => !/s3cret|abc123|ann/.test(String(error)));
});
