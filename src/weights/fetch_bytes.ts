/** One file from one address, resumed where the connection breaks. @module */

import { type DownloadStream, IdleError, openDownload } from "../core/download_stream.ts";
import { UserError } from "../core/errors.ts";
import type { ProgressOptions } from "../core/progress.ts";

/** How to fetch a file. */
export interface FetchBytesOptions extends ProgressOptions {
  /** Most bytes to accept. */
  readonly maxBytes: number;
  /** Exact size where known; it must not exceed `maxBytes`. */
  readonly size?: number;
  /**
   * Tells the size from what has come so far, from the first bytes on, until it knows: more is then refused. undefined as long as it
   * needs more, `Infinity` where a file does not say.
   *
   * @throws {UserError} The file is not what is wanted; nothing more is fetched.
   */
  readonly sizeOf?: (start: Uint8Array) => number | undefined;
  /** Whether the caller checks the result by its hash, so that parts may be joined without a validator. */
  readonly hashed: boolean;
  /** Used in place of the global `fetch`. */
  readonly fetch: typeof fetch;
  /** Connections to try in all. */
  readonly attempts: number;
  /** Wait before the second connection, in milliseconds; doubled before each further one. */
  readonly retryDelayMs: number;
  /** See `openDownload`. */
  readonly idleMs?: number;
}

/** What trying again does not fix: the server's answer itself is not what was asked for. */
class FinalError extends Error {}

/** Whether trying again is of no use. A server that was silent once may be so for ever, and each time takes long. */
function isFinal(error: unknown): boolean {
  return error instanceof FinalError || error instanceof UserError || error instanceof IdleError;
}

/**
 * The bytes behind an address.
 *
 * A connection that breaks is taken up again where it broke (`Range`, with `If-Range` where the server
 * names the file's version); where the server does not do that, from the start. Without a hash to check
 * by, parts are only joined under a validator, lest two versions of a file be mixed. Nothing incomplete
 * is returned or kept: the process's memory is all that a download resumes from.
 *
 * @throws {Error} (rejects) The server refuses, the file is larger than allowed or not of its size, or
 * every attempt broke.
 */
export async function fetchBytes(url: string, options: FetchBytesOptions): Promise<Uint8Array> {
  const { signal, attempts, retryDelayMs } = options;
  const part: Part = { bytes: new Uint8Array(options.size ?? 1 << 16), length: 0 };
  for (let attempt = 1;; attempt++) {
    try {
      await fetchRest(url, part, options);
      return part.bytes.subarray(0, part.length);
    } catch (error) {
      signal?.throwIfAborted();
      if (isFinal(error) || attempt >= attempts || part.started !== true) throw error;
      await new Promise((resolve) => setTimeout(resolve, retryDelayMs * 2 ** (attempt - 1)));
      signal?.throwIfAborted();
    }
  }
}

/** What has arrived of a file. */
interface Part {
  bytes: Uint8Array;
  length: number;
  /** Whether the server ever answered; an address that never does is not tried again. */
  started?: boolean;
  /** The server's name for this version of the file: a strong ETag or the date of change. */
  validator?: string;
  /** Size of the whole as the server tells it. */
  total?: number;
}

async function fetchRest(url: string, part: Part, options: FetchBytesOptions): Promise<void> {
  const resumes = part.length > 0 && (options.hashed || part.validator !== undefined);
  const headers = new Headers();
  if (resumes) headers.set("Range", `bytes=${part.length}-`);
  if (resumes && part.validator !== undefined) headers.set("If-Range", part.validator);
  const { fetch, signal, idleMs } = options;
  await using download = await openDownload(url, { headers, fetch, signal, idleMs });
  accept(download, part, resumes);
  await readBody(download, part, options);
}

/** Checks an answer and sets up `part` for its body. */
function accept({ response, length }: DownloadStream, part: Part, resumes: boolean): void {
  part.started = true;
  if (response.status === 206 && resumes) {
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get("Content-Range") ?? "");
    if (range !== null && Number(range[1]) === part.length) return;
    part.length = 0;
    throw new Error(
      `the server resumed at a wrong place (${response.headers.get("Content-Range")})`,
    );
  }
  if (response.status !== 200 || response.body === null) {
    if (response.status === 416) part.length = 0; // the file has become shorter
    const again = response.status === 416 || response.status === 429 || response.status >= 500;
    throw new (again ? Error : FinalError)(`HTTP ${response.status} ${response.statusText}`.trim());
  }
  part.length = 0;
  const etag = response.headers.get("ETag");
  part.validator = etag?.startsWith('"')
    ? etag
    : response.headers.get("Last-Modified") ?? undefined;
  part.total = length;
}

async function readBody(
  { chunks }: DownloadStream,
  part: Part,
  options: FetchBytesOptions,
): Promise<void> {
  const { maxBytes, size, sizeOf, onProgress } = options;
  // What the server says of the length is for progress only.
  let told = size;
  let limit = size ?? maxBytes;
  const tooLarge = (length: number | string) =>
    new FinalError(
      `the file has ${length} bytes, ${told === undefined ? "at most " : ""}${limit} expected`,
    );
  if (part.total !== undefined && part.total > limit) throw tooLarge(part.total);
  let total = size ?? part.total;
  for await (const chunk of chunks) {
    const length = part.length + chunk.length;
    if (length > limit) throw tooLarge(`more than ${limit}`);
    if (length > part.bytes.length) {
      const grown = new Uint8Array(Math.min(limit, Math.max(length, 2 * part.bytes.length)));
      grown.set(part.bytes.subarray(0, part.length));
      part.bytes = grown;
    }
    part.bytes.set(chunk, part.length);
    part.length = length;
    if (told === undefined) {
      told = sizeOf?.(part.bytes.subarray(0, length));
      if (told !== undefined && told < Infinity) {
        if (told > maxBytes) throw tooLarge(told);
        total = limit = told;
        if (length > limit) throw tooLarge(`more than ${limit}`);
      }
    }
    onProgress?.({ stage: "download", done: length, total, unit: "bytes" });
  }
  if (total !== undefined && part.length < total) {
    throw new Error(`the connection ended after ${part.length} of ${total} bytes`);
  }
}
