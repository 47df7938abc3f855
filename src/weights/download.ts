/** Files named by their SHA-256: from the cache, else from the network, never without the check. @module */

import { UserError } from "../core/errors.ts";
import type { Progress, ProgressOptions } from "../core/progress.ts";
import { sha256Hex } from "../core/sha256.ts";
import { shownSource, shownText } from "../core/shown_source.ts";
import { clip } from "../core/quoted.ts";
import { fetchBytes, type FetchBytesOptions } from "./fetch_bytes.ts";

/** Where downloads are kept; the Cache API's `Cache` is one. */
export interface DownloadCache {
  /** What was kept under an address. */
  match(key: string): Promise<Response | undefined>;
  /** Keeps a response under an address. */
  put(key: string, response: Response): Promise<void>;
  /** Forgets an address. */
  delete(key: string): Promise<boolean>;
}

/** What to download. */
export interface DownloadOptions extends ProgressOptions {
  /** Addresses of the same file, tried in order. */
  readonly urls: readonly string[];
  /**
   * SHA-256 of the file in lower-case hex: all 64 digits, or the first 8 or more. Without it the file
   * cannot be checked, and is not kept either.
   */
  readonly sha256?: string;
  /** Exact size in bytes, where known. */
  readonly size?: number;
  /** Most bytes to accept. @default {268435456} */
  readonly maxBytes?: number;
  /** Where to keep the file; `null` for nowhere. The default is the Cache API where there is one. */
  readonly cache?: DownloadCache | null;
  /** Used in place of the global `fetch`. */
  readonly fetch?: typeof fetch;
  /** Connections per address, for those that break. @default {4} */
  readonly attempts?: number;
  /** Wait before the second connection in milliseconds, doubled before each further one. @default {500} */
  readonly retryDelayMs?: number;
  /** See {@linkcode FetchBytesOptions}. */
  readonly sizeOf?: FetchBytesOptions["sizeOf"];
  /** See `openDownload`. */
  readonly idleMs?: number;
}

/** A file that was downloaded now or before. */
export interface Download {
  /** The whole file. */
  readonly bytes: Uint8Array;
  /** SHA-256 of `bytes`, 64 lower-case hex digits. */
  readonly sha256: string;
  /** The address that gave it, or `"cache"`. */
  readonly from: string;
  /** One-liners on what went differently than a user may expect. */
  readonly notes: readonly string[];
}

/** Largest file to accept where nothing is known of it: EfficientNet-B0 in float64 with an optimizer's state has half of it. */
const MAX_BYTES = 256 * 2 ** 20;
/** Name of our cache. Its entries are named by content, so the name changes only with their form. */
const CACHE_NAME = "graft-weights-v1";

/**
 * Gets a file from the cache or the network.
 *
 * The SHA-256 is checked before the bytes are returned or kept, and again whenever they are read from the
 * cache: a cache entry that fails is dropped and fetched anew. An address that fails, or gives other
 * bytes, makes way for the next. A connection that breaks is resumed, see {@linkcode fetchBytes}.
 * A cache that is absent, full or broken costs a download, not the result, and a note says so.
 *
 * @throws {UserError} (rejects) No address gave the file; the message says why for each, and what to do.
 * @throws {UserError} (rejects) `sha256` is no lower-case hex of 8 to 64 digits.
 */
export async function download(options: DownloadOptions): Promise<Download> {
  const { urls, sha256, size, maxBytes = size ?? MAX_BYTES, signal } = options;
  const { attempts = 4, retryDelayMs = 500 } = options;
  if (sha256 !== undefined && !/^[0-9a-f]{8,64}$/.test(sha256)) {
    throw new UserError(`Cannot check a download by "${sha256}": expected 8 to 64 hex digits`);
  }
  signal?.throwIfAborted();
  const notes: string[] = [];
  const cache = sha256 === undefined ? undefined : await openCache(options.cache);
  // The reserved domain cannot clash with an address; the Cache API accepts none but http and https.
  const key = `https://weights.invalid/${sha256}`;
  if (cache !== undefined && sha256 !== undefined) {
    const cached = await readCache(cache, key, sha256, { size, maxBytes });
    if (cached === "poisoned") notes.push("the cached weights were damaged and were fetched again");
    else if (cached !== undefined) return { ...cached, from: "cache", notes };
  }

  // A start from the beginning, here or at the next address, shows as standing still.
  let furthest = 0;
  const onProgress = options.onProgress && ((progress: Progress) => {
    furthest = Math.max(furthest, progress.done);
    options.onProgress!({ ...progress, done: furthest });
  });
  const failures: string[] = [];
  for (const url of urls) {
    try {
      const bytes = await fetchBytes(url, {
        maxBytes,
        size,
        sizeOf: options.sizeOf,
        hashed: sha256 !== undefined,
        idleMs: options.idleMs,
        fetch: options.fetch ?? fetch,
        attempts,
        retryDelayMs,
        signal,
        onProgress,
      });
      const found = await sha256Hex(bytes);
      if (sha256 !== undefined && !found.startsWith(sha256)) {
        throw new Error(`the file has SHA-256 ${found}, expected ${sha256}`);
      }
      if (cache !== undefined && !await keep(cache, key, bytes)) {
        notes.push(
          "the weights could not be kept in the cache and will be downloaded again next time",
        );
      }
      return { bytes, sha256: found, from: shownSource(url), notes };
    } catch (error) {
      signal?.throwIfAborted();
      failures.push(`${shownSource(url)}: ${clip(shownText(messageOf(error)), 250)}`);
    }
  }
  throw new UserError(
    `Cannot download the weights: ${
      failures.join("; ")
    }; allow or mend the network (deno run --allow-net), ` +
      'or fetch the file by other means and give its path as the weights (--weights <path>); the weights "starter" need neither',
  );
}

/** The given cache, or the Cache API's, or none where the runtime has none or does not let us. */
async function openCache(
  cache: DownloadCache | null | undefined,
): Promise<DownloadCache | undefined> {
  if (cache !== undefined) return cache ?? undefined;
  try {
    return typeof caches === "undefined" ? undefined : await caches.open(CACHE_NAME);
  } catch {
    return undefined;
  }
}

/** The kept file if it is whole; `"poisoned"` if something else was there, which is forgotten. */
async function readCache(
  cache: DownloadCache,
  key: string,
  expected: string,
  bounds: Pick<DownloadOptions, "size"> & { readonly maxBytes: number },
): Promise<{ bytes: Uint8Array; sha256: string } | "poisoned" | undefined> {
  const response = await cache.match(key).catch(() => undefined);
  if (response === undefined) return undefined;
  try {
    const kept: typeof fetch = () => Promise.resolve(response);
    const bytes = await fetchBytes(key, {
      ...bounds,
      hashed: true,
      fetch: kept,
      attempts: 1,
      retryDelayMs: 0,
    });
    const sha256 = await sha256Hex(bytes);
    if (sha256.startsWith(expected)) return { bytes, sha256 };
  } catch { /* cut off or too large: poisoned as well */ }
  await cache.delete(key).catch(() => false);
  return "poisoned";
}

/** Whether the cache took the file. */
async function keep(cache: DownloadCache, key: string, bytes: Uint8Array): Promise<boolean> {
  try {
    const body = bytes as Uint8Array<ArrayBuffer>;
    const headers = { "Content-Type": "application/octet-stream" };
    await cache.put(key, new Response(body, { headers }));
    return true;
  } catch {
    return false;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
