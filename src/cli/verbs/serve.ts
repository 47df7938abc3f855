/** `graft serve`: a kept model behind HTTP. @module */

import { count } from "../../core/count.ts";
import { UserError } from "../../core/errors.ts";
import { createHandler, type Handler, type RequestLog } from "../../serve/handler.ts";
import { isLoopbackAddress } from "../../serve/hosts.ts";
import { numberFlag, textFlag } from "../flags.ts";
import { LOAD_FLAGS } from "../model_flags.ts";
import { backend } from "../../backend/mod.ts";
import { openModel } from "../models.ts";
import { reportBackend } from "../reports.ts";
import { REJECT_FLAG } from "../reject_flag.ts";
import { defineVerb, type Verb } from "../verb.ts";

/** `graft serve <model>`. */
export const serveVerb: Verb = defineVerb({
  name: "serve",
  summary: "answer pictures over HTTP with a kept model",
  words: "<model>",
  count: [1, 1],
  flags: {
    ...LOAD_FLAGS,
    host: textFlag("NAME", "address to listen on; 0.0.0.0 for all", "127.0.0.1"),
    port: numberFlag("N", "port to listen on; 0 for any that is free", {
      min: 0,
      max: 65_535,
      whole: true,
    }, 8000),
    "max-waiting": numberFlag("N", "pictures that wait at most; more are answered 503", {
      min: 1,
      whole: true,
      shownDefault: "64",
    }),
    "max-body-bytes": numberFlag("N", "most bytes of a request", {
      min: 1,
      whole: true,
      shownDefault: "16000000",
    }),
    ...REJECT_FLAG,
    "allow-origin": textFlag("ORIGIN", "origin whose pages may ask, or *"),
    "allow-host": textFlag(
      "NAME,…",
      "hosts that requests may be addressed to beside localhost and --host, or *; without it a server on a " +
        "loopback address answers 403 to any other, and one on another address answers all",
    ),
  },
  permissions:
    "--allow-read=<model> --allow-net=<host>:<port>; --allow-net=<its host>,… for a model by its address",
  examples: [
    "graft serve clothes.safetensors",
    "graft serve clothes.safetensors --host 0.0.0.0 --port 80 --reject 0.05",
    "graft serve https://example.org/clothes.safetensors",
    "graft serve clothes.safetensors --allow-host graft.example.org   # behind a proxy that passes its name on",
    "curl --data-binary @cat.jpg http://127.0.0.1:8000/predict",
  ],
  async run(context) {
    const { words: [path], flags, signal, note, event, whenStopped } = context;
    using model = await openModel(path, context);
    const tally = { answered: 0, refused: 0, failed: 0, pictures: 0 };
    const handler = await createHandler(model, {
      maxWaiting: flags["max-waiting"],
      maxBodyBytes: flags["max-body-bytes"],
      allowOrigin: flags["allow-origin"],
      allowHosts: allowedHosts(flags.host, flags["allow-host"]),
      reject: flags.reject,
      onRequest: (log) => {
        tallyUp(tally, log);
        if (flags.json) event("request", { ...log });
        else if (!flags.quiet) console.error(JSON.stringify(log));
      },
      onError: (error) => note(`a request failed: ${error}`),
      onNotice: note,
    });
    await handler.warmUp(); // the first who ask should not wait for threads, and nobody while they start
    reportBackend(backend(), context);
    const listening = listen(flags, handler.fetch, (url, port) => {
      if (flags.json) event("listening", { url, port });
      else note(`listening on ${url}`);
    });
    const stopped = Promise.withResolvers<void>();
    let isStopping = false;
    const stop = () => {
      if (isStopping) return;
      isStopping = true;
      drain(listening, handler).then((cutOff) => {
        if (cutOff > 0) note(`${count(cutOff, "request")} took too long and had no answer`);
        stopped.resolve();
      }, stopped.reject);
    };
    const onSigterm = () => { // what a supervisor sends
      if (!isStopping) return stop();
      note("ended by a second SIGTERM, in the middle of the work");
      Deno.exit(TERMINATED);
    };
    whenStopped("answering what was asked, then ending");
    signal.addEventListener("abort", stop);
    Deno.addSignalListener("SIGTERM", onSigterm);
    try {
      await Promise.race([stopped.promise, listening.server.finished]);
      if (isStopping) await stopped.promise; // all that there is to say, and what went wrong
    } finally {
      signal.removeEventListener("abort", stop);
      Deno.removeSignalListener("SIGTERM", onSigterm);
    }
    const { answered, refused, failed, pictures } = tally;
    return {
      text: `answered ${count(answered, "request")} (${
        count(pictures, "picture")
      }), refused ${refused}, failed ${failed}`,
      json: { model: path, ...tally },
    };
  },
});

/** Hosts to answer for: on a loopback address, and wherever some are named, the named ones and the server's own; else all. */
function allowedHosts(host: string, named: string | undefined): string[] | undefined {
  if (named === undefined && !isLoopbackAddress(host)) return undefined;
  const isAny = host === "0.0.0.0" || host === "::"; // no address of its own
  return [
    "localhost",
    ...isAny ? [] : [host],
    ...named?.split(",").map((name) => name.trim()) ?? [],
  ];
}

/** What a shell expects of a program that SIGTERM ended: 128 + 15. */
const TERMINATED = 143;

/** After a request to end, connections are accepted until none has come for so long, in milliseconds, … */
const QUIET_MS = 300;
/** … but for no longer than this: who is asked again and again would never end. */
const ACCEPT_MS = 3000;
/** Time after which what is not answered is cut off; supervisors kill after 10 s. */
const END_MS = 9000;

/**
 * Ends a server without cutting anybody off. To stop listening resets connections that wait to be accepted, with all that was sent over
 * them: they are accepted for a while and answered, what cannot wait with 503, and every answer ends its connection.
 *
 * `server.shutdown()` would wait for connections on which no request comes to its end, for as long as those like (Deno 2.9.6), and could
 * not be undone: what is still open when all is answered is closed.
 *
 * @returns Requests that were not answered in time.
 * @throws What closing the handler throws, once the server has ended.
 */
export async function drain(
  { server, close, traffic }: Listening,
  handler: Pick<Handler, "close">,
): Promise<number> {
  const began = performance.now();
  const passed = () => performance.now() - began;
  let isClosed = false;
  const closed = handler.close().finally(() => isClosed = true);
  closed.catch(() => {}); // thrown at the end: until then others are answered
  const isQuiet = () => performance.now() - Math.max(began, traffic.last) >= QUIET_MS;
  const isDone = () =>
    isClosed && traffic.underWay === 0 && (isQuiet() || passed() >= ACCEPT_MS) ||
    passed() >= END_MS;
  while (!isDone()) await sleep(10);
  const cutOff = traffic.underWay;
  await sleep(100); // the last answers are on their way
  close();
  await Promise.race([server.finished, sleep(500)]);
  if (isClosed) await closed;
  return cutOff;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A server that listens. */
export interface Listening {
  readonly server: Pick<Deno.HttpServer, "finished">;
  /** Closes all connections. */
  readonly close: () => void;
  /** Requests without an answer, and when there was the last one. */
  readonly traffic: { readonly underWay: number; readonly last: number };
}

/** @throws {UserError} When the address is taken or not there. */
function listen(
  { host, port }: { readonly host: string; readonly port: number },
  fetch: (request: Request) => Promise<Response>,
  onListen: (url: string, port: number) => void,
): Listening {
  const traffic = { underWay: 0, last: performance.now() };
  const controller = new AbortController();
  try {
    const server = Deno.serve({
      hostname: host,
      port,
      signal: controller.signal,
      onListen: ({ hostname, port }) =>
        onListen(`http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}/`, port),
    }, async (request) => {
      traffic.underWay++;
      try {
        return await fetch(request);
      } finally {
        traffic.underWay--;
        traffic.last = performance.now();
      }
    });
    return { server, close: () => controller.abort(), traffic };
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error; // says which permission it lacks
    throw new UserError(
      `Cannot listen on ${host}:${port}: ${
        error instanceof Error ? error.message : error
      }; choose another --port or --host`,
    );
  }
}

function tallyUp(
  tally: { answered: number; refused: number; failed: number; pictures: number },
  { status, pictures }: RequestLog,
): void {
  if (status < 400) tally.answered++;
  else if (status === 500) tally.failed++;
  else tally.refused++;
  tally.pictures += pictures;
}
