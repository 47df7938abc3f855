/** Files of a folder over HTTP, for programs that run from an address. @module */

/** A server of files. */
export interface FileServer extends AsyncDisposable {
  /** Its address, with a slash at the end. */
  readonly url: string;
}

/** Serves a folder on a free port of this machine. */
export function serveDir(folder: URL): FileServer {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const path = new URL(`.${new URL(request.url).pathname}`, folder);
    try {
      return new Response(await Deno.readFile(path), {
        headers: {
          "content-type": path.pathname.endsWith(".json") ? "application/json" : "text/typescript",
        },
      });
    } catch {
      return new Response(null, { status: 404 });
    }
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
