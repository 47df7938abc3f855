/** A file server on 127.0.0.1 that can misbehave. @module */

/** How the server treats a request, by the number of requests before it. */
export interface Behaviour {
  /** Bytes to send before the connection breaks; all without it. */
  readonly breakAfter?: number;
  /** Status to answer with, without a file. */
  readonly status?: number;
  /** Whether a `Range` is honoured. @default {true} */
  readonly ranges?: boolean;
  /** The file's version. */
  readonly etag?: string;
  /** Send this in place of the file. */
  readonly body?: Uint8Array<ArrayBuffer>;
  /** Leave out the length, as chunked answers do. */
  readonly chunked?: boolean;
  /** Where the server says that the range starts, if it lies. */
  readonly rangeStart?: number;
}

/** A running server. */
export interface TestServer extends AsyncDisposable {
  /** The file's address. */
  readonly url: string;
  /** `Range` header of each request so far, in order; null where there was none. */
  readonly ranges: (string | null)[];
}

/** Serves `file`; request number i is treated as `behaviours[i]`, further ones as the last. */
export function serve(
  file: Uint8Array<ArrayBuffer>,
  behaviours: readonly Behaviour[] = [{}],
): TestServer {
  const ranges: (string | null)[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const behaviour = behaviours[Math.min(ranges.length, behaviours.length - 1)];
    const range = request.headers.get("Range");
    ranges.push(range);
    if (behaviour.status !== undefined) return new Response("no", { status: behaviour.status });
    const { breakAfter, etag, body = file, chunked = false } = behaviour;
    const match = request.headers.get("If-Range") ?? etag ?? null;
    const honoured = range !== null && behaviour.ranges !== false && match === (etag ?? null);
    const start = honoured ? Number(/^bytes=(\d+)-$/.exec(range)![1]) : 0;
    if (start > body.length) return new Response(null, { status: 416 });
    const rest = body.slice(start);
    const headers = new Headers(etag === undefined ? {} : { ETag: etag });
    if (honoured) {
      const said = behaviour.rangeStart ?? start;
      headers.set("Content-Range", `bytes ${said}-${body.length - 1}/${body.length}`);
    }
    if (!chunked) headers.set("Content-Length", String(rest.length));
    return new Response(stream(rest, breakAfter), { status: honoured ? 206 : 200, headers });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/file`,
    ranges,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** The bytes in pieces of 1,000, the end after `breakAfter` of them. */
function stream(
  bytes: Uint8Array<ArrayBuffer>,
  breakAfter = Infinity,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let sent = 0;
  return new ReadableStream({
    async pull(controller) {
      // Ends short of the length told, which Deno turns into a reset. The pause lets what was sent
      // arrive first, which the reset would else overtake.
      if (sent >= breakAfter) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return controller.close();
      }
      if (sent >= bytes.length) return controller.close();
      const end = Math.min(sent + 1000, bytes.length, breakAfter);
      controller.enqueue(bytes.slice(sent, end));
      sent = end;
    },
  });
}
