/** A hostile client for a server on this machine: every request that has harmed graft's, in turn and all together. @module */

import { pngBomb, scanBomb, segmentBomb } from "./bombs.ts";
import { latin1, sendRaw, statusOf } from "./raw_http.ts";

/** One way to harm a server. */
export interface Attack {
  readonly name: string;
  /** Does it once. @returns The status of the answer; `undefined` where the connection ended without one. */
  readonly once: (port: number) => Promise<number | undefined>;
  /** What a server that takes no harm says. */
  readonly expected: readonly (number | undefined)[];
}

const HEAD = "POST /predict HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
const PART = '--X\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n\r\n';

const post = (body: Uint8Array, type = "application/octet-stream") => async (port: number) => {
  const head = latin1(`${HEAD}Content-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`);
  const message = new Uint8Array(head.length + body.length);
  message.set(head);
  message.set(body, head.length);
  return statusOf(await sendRaw(port, message));
};

const get = (host: string) => async (port: number) => {
  return statusOf(
    await sendRaw(port, `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
  );
};

/** Sends `head`, then pieces until the server answers or hangs up, and `onward` pieces more. */
async function dribble(
  port: number,
  head: string,
  { piece, pauseMs, onward = 0 }: {
    readonly piece: Uint8Array;
    readonly pauseMs: number;
    readonly onward?: number;
  },
): Promise<number | undefined> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const buffer = new Uint8Array(4096);
  let left = Infinity;
  let status: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const reading = connection.read(buffer).then((length) => {
    status = statusOf(new TextDecoder().decode(buffer.subarray(0, length ?? 0)));
  }, () => {}).finally(() => {
    left = onward;
    // A write may wait for somebody who reads nothing any more.
    timer = setTimeout(() => connection.close(), onward === 0 ? 0 : 5000);
  });
  try {
    for (let next = latin1(head); left > 0; next = new Uint8Array(piece), left--) {
      for (let at = 0; at < next.length;) at += await connection.write(next.subarray(at));
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  } catch {
    // hung up on
  }
  await reading;
  clearTimeout(timer);
  try {
    connection.close();
  } catch {
    // closed already
  }
  return status;
}

function oversized(): Uint8Array {
  const png = pngBomb(1, 1);
  new DataView(png.buffer).setUint32(16, 60_000);
  new DataView(png.buffer).setUint32(20, 60_000);
  return png;
}

/** A form of the same file many times. */
function form(file: Uint8Array, times: number): Uint8Array {
  const head = latin1(PART.slice(0, -2));
  const end = latin1("\r\n");
  const last = latin1("--X--\r\n");
  const size = head.length + file.length + end.length;
  const body = new Uint8Array(times * size + last.length);
  for (let i = 0; i < times; i++) {
    body.set(head, i * size);
    body.set(file, i * size + head.length);
    body.set(end, (i + 1) * size - 2);
  }
  body.set(last, times * size);
  return body;
}

/** All attacks. What takes memory here, too, is made once. */
export function attacks(): Attack[] {
  const type = "multipart/form-data; boundary=X";
  const chunked = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;
  const chunk = new Uint8Array(65_536 + 9);
  chunk.set(latin1("10000\r\n"));
  chunk.set(latin1("\r\n"), 65_536 + 7);
  const tiny = latin1("1\r\nx\r\n".repeat(10_000));
  const bomb = pngBomb(6000, 4000);
  const busy = [503]; // more than it takes on at once
  return [
    {
      name: "scan bomb: 24 megapixels, 2,000 scans",
      once: post(scanBomb(6000, 4000, 2000)),
      expected: [422, ...busy],
    },
    {
      name: "scan bomb within the bound: 24 megapixels, 160 scans",
      once: post(scanBomb(6000, 4000, 160)),
      expected: [200, 422, ...busy],
    },
    {
      name: "16 MB of empty segments",
      once: post(segmentBomb(15_900_000)),
      expected: [422, ...busy],
    },
    { name: "PNG bomb: 24 megapixels in 70 kB", once: post(bomb), expected: [200, 422, ...busy] },
    {
      name: "a form of 16 PNG bombs",
      once: post(form(bomb, 16), type),
      expected: [200, 422, ...busy],
    },
    { name: "an image of 3,600 megapixels", once: post(oversized()), expected: [422, ...busy] },
    {
      name: "a form of 20,000 empty parts",
      once: post(latin1(PART.repeat(20_000) + "--X--\r\n"), type),
      expected: [413, ...busy],
    },
    { name: "a host that is none", once: get("[::1"), expected: [400] },
    { name: "a foreign host (DNS rebinding)", once: get("evil.example"), expected: [403] },
    {
      name: "a body of a byte a second",
      once: (port) =>
        dribble(port, `${HEAD}Content-Length: 9000000\r\n\r\n`, {
          piece: Uint8Array.of(0x89),
          pauseMs: 1000,
        }),
      expected: [408, ...busy],
    },
    {
      name: "a body without an end",
      once: (port) => dribble(port, chunked, { piece: chunk, pauseMs: 2 }),
      expected: [413, undefined, ...busy], // undefined: hung up on while it still sent
    },
    {
      name: "18 MB in chunks of a byte, sent on whatever is answered",
      once: (port) => dribble(port, chunked, { piece: tiny, pauseMs: 0, onward: 300 }),
      expected: [400, ...busy],
    },
  ];
}

/** Opens connections whose header never ends. @returns What closes them. */
export async function headerOnly(port: number, count: number): Promise<() => void> {
  const connections = await Promise.all(
    Array.from({ length: count }, () => Deno.connect({ hostname: "127.0.0.1", port })),
  );
  for (const connection of connections) {
    await connection.write(latin1("GET /healthz HTTP/1.1\r\nHo"));
  }
  return () => connections.forEach((connection) => connection.close());
}

/** What came of {@linkcode besiege}. */
export interface Siege {
  /** Answers to each attack by status. */
  readonly attacked: ReadonlyMap<string, ReadonlyMap<number | undefined, number>>;
  /** Longest time to an answer of each attack, in milliseconds. */
  readonly longest: ReadonlyMap<string, number>;
  /** Statuses of the good requests. */
  readonly good: ReadonlyMap<number, number>;
  /** Good requests whose answer was another than expected. */
  readonly wrong: number;
}

/** A file, and what the server should say of it. */
export interface Asked {
  readonly file: Uint8Array<ArrayBuffer>;
  readonly prediction: unknown;
}

/** All attacks at once, each over and over, and good requests meanwhile. */
export async function besiege(
  port: number,
  asked: readonly Asked[],
  { seconds, clients = 4 }: { readonly seconds: number; readonly clients?: number },
): Promise<Siege> {
  const until = performance.now() + 1000 * seconds;
  const attacked = new Map<string, Map<number | undefined, number>>();
  const longest = new Map<string, number>();
  const good = new Map<number, number>();
  let wrong = 0;
  const closeHeaders = await headerOnly(port, 100);
  const attack = async ({ name, once }: Attack) => {
    const statuses = new Map<number | undefined, number>();
    attacked.set(name, statuses);
    while (performance.now() < until) {
      const began = performance.now();
      const status = await once(port).catch(() => undefined);
      longest.set(name, Math.max(longest.get(name) ?? 0, performance.now() - began));
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const client = async (first: number) => {
    for (let i = first; performance.now() < until; i++) {
      const { file, prediction } = asked[i % asked.length];
      const response = await fetch(`http://127.0.0.1:${port}/predict?top=3`, {
        method: "POST",
        body: file,
      });
      const body = await response.json();
      good.set(response.status, (good.get(response.status) ?? 0) + 1);
      if (
        response.status === 200 && JSON.stringify(body.predictions) !== JSON.stringify([prediction])
      ) {
        wrong++;
      }
      await new Promise((resolve) => setTimeout(resolve, response.status === 200 ? 5 : 100));
    }
  };
  await Promise.all([
    ...attacks().map(attack),
    ...Array.from({ length: clients }, (_, i) => client(i)),
  ]);
  closeHeaders();
  return { attacked, longest, good, wrong };
}

/**
 * Many clients that send a file over and over; then the server is told to end.
 *
 * @param end Tells it, and resolves when it has ended.
 * @returns What became of the requests that were sent whole before that, by status; `undefined`: cut off.
 */
export async function endAmid(
  port: number,
  file: Uint8Array,
  { end, clients = 64, afterMs = 1500 }: {
    readonly end: () => Promise<unknown>;
    readonly clients?: number;
    readonly afterMs?: number;
  },
): Promise<Map<number | undefined, number>> {
  const head = latin1(`${HEAD}Content-Length: ${file.length}\r\n\r\n`);
  const waited = new Map<number | undefined, number>();
  let ending = Infinity;
  const client = async () => {
    while (performance.now() < ending) {
      let sent: number | undefined;
      let status: number | undefined;
      try {
        using connection = await Deno.connect({ hostname: "127.0.0.1", port });
        const message = new Uint8Array(head.length + file.length);
        message.set(head);
        message.set(file, head.length);
        for (let at = 0; at < message.length;) at += await connection.write(message.subarray(at));
        sent = performance.now();
        const buffer = new Uint8Array(65_536);
        const length = await connection.read(buffer);
        status = statusOf(new TextDecoder().decode(buffer.subarray(0, length ?? 0)));
      } catch {
        // cut off
      }
      if (sent === undefined || sent >= ending) return;
      if (performance.now() >= ending) waited.set(status, (waited.get(status) ?? 0) + 1);
    }
  };
  const all = Array.from({ length: clients }, client);
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  ending = performance.now();
  await Promise.all([...all, end()]);
  return waited;
}
