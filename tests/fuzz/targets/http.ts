/** The server: its handler within this process, and raw bytes on a connection of this machine. @module */
import { loadClassifier } from "../../../src/classifier/load.ts";
import { encodePng } from "../../../src/data/encode_png.ts";
import { createHandler, type RequestLog } from "../../../src/serve/mod.ts";
import { tfjs } from "../../deps.ts";
import { modelBytes } from "../../serve/server.ts";
import type { Dice } from "../dice.ts";
import { type Message, message, rawRequest } from "../http_requests.ts";
import { jpegFile } from "../jpeg_files.ts";
import { pngFile } from "../png_files.ts";
import { check, checkMessage, type Outcome, type Target } from "../target.ts";

/** Some limits lower than a server's, so that cases meet them. */
const LIMITS = {
  threads: 1,
  maxBodyBytes: 1_000_000,
  maxPixels: 1_000_000,
  bodyTimeoutMs: 1000,
  timeoutMs: 1500,
};
/** What a server may say; nothing else, 500 least of all. */
const STATUSES = [200, 204, 400, 403, 404, 405, 408, 411, 413, 415, 417, 421, 422, 431, 503];

/** Images to be sent. */
async function imagesFor(): Promise<(dice: Dice) => () => Uint8Array> {
  const dot = await encodePng({
    height: 4,
    width: 5,
    channels: 3,
    data: new Uint8Array(60).fill(99),
  });
  return (dice) => () => {
    const kind = dice.share();
    return kind < 0.4 ? dot : kind < 0.7 ? pngFile(dice) : jpegFile(dice, []);
  };
}

/** What a server tells of itself, and is held to. */
function watched() {
  const errors: unknown[] = [];
  const logs: RequestLog[] = [];
  return {
    options: {
      ...LIMITS,
      onError: (error: unknown) => errors.push(error),
      onRequest: (log: RequestLog) => logs.push(log),
    },
    /** @throws When something was reported as a fault of the server. */
    look() {
      const [error] = errors.splice(0);
      if (error !== undefined) throw error;
      for (const { status, route } of logs.splice(0)) {
        check(STATUSES.includes(status), "an answer that is none of the server's", status);
        check(
          /^(other|(other|[A-Z]+) \/[a-z.]*)$/.test(route),
          "text of a request in the log",
          route,
        );
      }
    },
  };
}

/** The handler. */
export async function handlerTarget(): Promise<Target> {
  const imagesOf = await imagesFor();
  const { options: { threads: _, ...options }, look } = watched();
  const loaded = await loadClassifier(await modelBytes(), { threads: 1 });
  const handler = await createHandler(loaded, options);
  return {
    make: (dice) => encodeMessage(message(dice, imagesOf(dice))),
    async run(bytes, dice) {
      const request = requestOf(decodeMessage(bytes), dice);
      if (request === undefined) return "refused"; // nothing that `fetch` could hand over
      const response = await handler.fetch(request);
      const outcome = await checkAnswer(response, request.method);
      look();
      return outcome;
    },
    held: () => tfjs.memory().numTensors,
    async close() {
      await handler.close();
      loaded[Symbol.dispose]();
    },
  };
}

/** A message in one file, so that it can be kept: JSON, a zero, the body. */
function encodeMessage({ body, ...rest }: Message): Uint8Array {
  const head = new TextEncoder().encode(JSON.stringify(rest));
  const bytes = new Uint8Array(head.length + 1 + body.length);
  bytes.set(head);
  bytes.set(body, head.length + 1);
  return bytes;
}

function decodeMessage(bytes: Uint8Array): Message {
  const end = bytes.indexOf(0);
  return {
    ...JSON.parse(new TextDecoder().decode(bytes.subarray(0, end))),
    body: bytes.slice(end + 1),
  };
}

/** The request that a server would make of it; `undefined` for what none would. */
function requestOf({ method, target, headers, body }: Message, dice: Dice): Request | undefined {
  const bodiless = method === "GET" || method === "HEAD";
  const init: RequestInit = { method, headers: [], ...!bodiless && { body: bodyOf(body, dice) } };
  const host = headers.find(([name]) => name === "host")?.[1] ?? "localhost";
  try {
    init.headers = new Headers(headers.map(([name, value]): [string, string] => [name, value]));
    const request = new Request(`http://localhost${target}`, init);
    if (host === "localhost") return request;
    // Deno.serve makes its addresses of the header Host, whatever it holds.
    const url = `http://${host}${target}`;
    return new Proxy(request, {
      get(of, key) {
        if (key === "url") return url;
        const value = Reflect.get(of, key, of);
        return typeof value === "function" ? value.bind(of) : value;
      },
    });
  } catch {
    return undefined;
  }
}

/** All at once, in pieces, or with an end that never comes as it should. */
function bodyOf(body: Uint8Array<ArrayBuffer>, dice: Dice): BodyInit {
  if (dice.chance(0.7)) return body;
  const broken = dice.chance(0.2);
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= body.length) {
        if (broken) controller.error(new Error("the connection is gone"));
        else controller.close();
        return;
      }
      const piece = body.subarray(at, at += dice.size(3000));
      controller.enqueue(piece.slice());
    },
  });
}

/** @throws When an answer is none, is a fault of the server, or repeats what it should not. */
async function checkAnswer(response: Response, method: string): Promise<Outcome> {
  const { status, headers } = response;
  check(STATUSES.includes(status), "an answer that is none of the server's", status);
  const text = await response.text();
  if (method === "HEAD") return status === 200 ? "accepted" : "refused";
  const type = headers.get("content-type") ?? "";
  if (type.startsWith("application/problem+json")) {
    const { detail, status: said } = JSON.parse(text);
    checkMessage(detail);
    check(said === status, "two statuses", `${said} and ${status}`);
    return "refused";
  }
  if (type === "application/json") {
    const { predictions, embeddings } = JSON.parse(text);
    for (const { probability, top } of predictions ?? []) {
      check(probability >= 0 && probability <= 1, "no probability", probability);
      check(Array.isArray(top) && top.length > 0, "no classes", top);
    }
    for (const row of embeddings ?? []) {
      check(row.every((value: unknown) => Number.isFinite(value)), "no features", row);
    }
  }
  return status < 300 ? "accepted" : "refused";
}

/** The same handler behind `Deno.serve`. */
export async function socketTarget(): Promise<Target> {
  const imagesOf = await imagesFor();
  const { options: { threads: _, ...options }, look } = watched();
  const model = await loadClassifier(await modelBytes(), { threads: 1 });
  const handler = await createHandler(model, options);
  let thrown: unknown;
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: () => {},
    onError(error) {
      thrown = error;
      return new Response(null, { status: 500 });
    },
  }, handler.fetch);
  const { port } = server.addr as Deno.NetAddr;
  let count = 0;
  return {
    make: (dice) => rawRequest(dice, imagesOf(dice)),
    async run(bytes, dice) {
      const answer = await exchange(port, bytes, dice);
      if (thrown !== undefined) {
        const error = thrown;
        thrown = undefined;
        throw error;
      }
      look();
      // Whatever was sent, the next one is answered.
      if (++count % 20 === 0) await checkWell(port);
      const final = answer.replace(/^(HTTP\/1\.1 100 [^\r]*\r\n\r\n)+/, "");
      const status = /^HTTP\/1\.[01] (\d{3}) /.exec(final)?.[1];
      if (status === undefined) {
        check(final === "", "an answer that is none", final);
        return "refused";
      }
      check(STATUSES.includes(Number(status)), "an answer that is none of the server's", status);
      return Number(status) < 300 ? "accepted" : "refused";
    },
    held: () => tfjs.memory().numTensors,
    async close() {
      await server.shutdown();
      await handler.close();
      model[Symbol.dispose]();
    },
  };
}

/** @throws When a server does not answer, or what clients left behind is not done with in a while. */
async function checkWell(port: number): Promise<void> {
  for (let tries = 1;; tries++) {
    const response = await fetch(`http://127.0.0.1:${port}/healthz`);
    const { waiting } = await response.json();
    check(response.status === 200, "the server is not well", response.status);
    if (waiting === 0) return;
    check(tries < 100, "images wait and nobody takes them", waiting);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Longest that a client waits for an answer to what is no whole request. */
const PATIENCE_MS = 60;
/** Longest that it waits for the rest, where there is an answer or one may come. */
const MOST_MS = 1500;

/** Sends bytes, in pieces or at once, and reads what comes; what never comes is not waited for. */
async function exchange(port: number, bytes: Uint8Array, dice: Dice): Promise<string> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  let timer = setTimeout(() => close(), PATIENCE_MS + MOST_MS * Number(dice.chance(0.01)));
  let closed = false;
  const close = () => {
    clearTimeout(timer);
    if (!closed) connection.close();
    closed = true;
  };
  let text = "";
  try {
    const sending = (async () => {
      const step = dice.chance(0.8) ? bytes.length : dice.size(bytes.length);
      for (let at = 0; at < bytes.length;) {
        at += await connection.write(bytes.subarray(at, at + step));
      }
      if (dice.chance(0.7)) await connection.closeWrite();
    })().catch(() => {}); // the server may have closed
    const buffer = new Uint8Array(1 << 16);
    while (!closed) {
      const length = await connection.read(buffer);
      if (length === null) break;
      if (text === "") {
        clearTimeout(timer);
        timer = setTimeout(close, MOST_MS);
      }
      text += String.fromCharCode(...buffer.subarray(0, Math.min(length, 2000)));
      if (/content-length: \d+\r\n/i.test(text) && isWhole(text)) break;
    }
    await Promise.race([sending, new Promise((resolve) => setTimeout(resolve, 10))]);
  } catch {
    // Reset by the server, which wants no more.
  } finally {
    close();
  }
  return text;
}

/** Whether the first answer of a connection is all there. */
function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  const length = Number(/content-length: (\d+)/i.exec(text)?.[1]);
  return end >= 0 && text.length >= end + 4 + Math.min(length, 1000);
}
