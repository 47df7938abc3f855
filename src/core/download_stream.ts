/** Bytes from an address, whoever wants them: the one place that downloads. @module */

import { shownSource, shownText } from "./shown_source.ts";

/** How to download. */
export interface DownloadStreamOptions {
  /** Stops it. */
  readonly signal?: AbortSignal;
  /** Sent along. */
  readonly headers?: Headers;
  /** Used in place of the global `fetch`. */
  readonly fetch?: typeof fetch;
  /** Longest wait for an answer, and for 1 kB a second of it thereafter, in milliseconds. @default {30_000} */
  readonly idleMs?: number;
}

/** An answer that has begun. */
export interface DownloadStream extends AsyncDisposable {
  /** Its status and headers; the body belongs to `chunks`. */
  readonly response: Response;
  /** Bytes as they come, to be walked through once. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Length as the server tells it, in bytes; undefined where it does not, or of what is packed. Not to be believed. */
  readonly length: number | undefined;
}

/** Longest silence of a server. */
const IDLE_MS = 30_000;
/** Fewer bytes a second are silence, too: a server that drips holds whoever waits. */
const LEAST_RATE = 1024;

/** A server that has fallen silent. */
export class IdleError extends Error {}

/**
 * Opens a download. Redirects are followed, but from `https:` to nothing else; name and password of the address go to its own host
 * only.
 *
 * @throws {Error} (rejects) There is no connection or no answer in time; the message holds nothing of the address that is secret.
 */
export async function openDownload(
  address: string | URL,
  { signal, headers, fetch: get = fetch, idleMs = IDLE_MS }: DownloadStreamOptions = {},
): Promise<DownloadStream> {
  const stop = new AbortController();
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const { response, reader } = await withinTime(async () => {
    const response = await get(address, { headers, signal: either });
    return { response, reader: response.body?.getReader() };
  }, "did not answer");
  if (response.redirected && /^https:/i.test(String(address)) && !/^https:/i.test(response.url)) {
    stop.abort();
    throw new Error(
      `the server leads from https to ${shownSource(response.url)}, which is not safe`,
    );
  }

  /** Ends the download when `work` takes too long. */
  async function withinTime<T>(work: () => Promise<T>, what: string, ms = idleMs): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new IdleError(`the server ${what} within ${idleMs / 1000} seconds`));
        stop.abort();
      }, ms);
    });
    try {
      return await Promise.race([work(), late]);
    } catch (error) {
      signal?.throwIfAborted();
      throw withFlag(withoutSecrets(error), address);
    } finally {
      clearTimeout(timer);
    }
  }

  async function* chunks(): AsyncGenerator<Uint8Array> {
    // Time that was waited for the server, not what is spent on what has come.
    let waited = 0, received = 0;
    while (reader !== undefined) {
      const begin = performance.now();
      const { value } = await withinTime(() => reader.read(), "sent too little", idleMs - waited);
      if (value === undefined) return;
      waited += performance.now() - begin;
      received += value.length;
      // A window is over as soon as it has brought what it must, or else runs out.
      if (received >= LEAST_RATE * idleMs / 1000) waited = received = 0;
      yield value;
    }
  }

  const encoded = response.headers.has("content-encoding");
  const length = encoded ? NaN : Number(response.headers.get("content-length") ?? NaN);
  return {
    response,
    chunks: chunks(),
    length: Number.isSafeInteger(length) && length >= 0 ? length : undefined,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await reader?.cancel().catch(() => {});
    },
  };
}

/** Deno's refusal, with the flag for all hosts that it takes: after a redirect that is another than the address has. */
function withFlag(error: unknown, address: string | URL): unknown {
  if (!(error instanceof Error) || error.name !== "NotCapable") return error;
  const asked = /^Requires net access to "(.+?)"/.exec(error.message)?.[1];
  const url = new URL(address);
  const own = [url.host, `${url.hostname}:${url.port || (url.protocol === "http:" ? 80 : 443)}`];
  const hosts = asked === undefined || own.includes(asked) ? [url.host] : [url.host, asked];
  error.message = `Deno may not use the network; run with --allow-net=${hosts.join()}`;
  return error;
}

/** The error, its message without what is secret in addresses. */
function withoutSecrets(error: unknown): unknown {
  if (!(error instanceof Error) || shownText(error.message) === error.message) return error;
  const shown = new TypeError(shownText(error.message));
  shown.name = error.name;
  return shown;
}
