import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { sha256Hex } from "../../src/core/sha256.ts";
import type { Progress } from "../../src/core/progress.ts";
import { download, type DownloadCache, type DownloadOptions } from "../../src/weights/download.ts";
import { assertUserError } from "./fixtures.ts";
import { type Behaviour, serve } from "./server.ts";

const FILE = Uint8Array.from({ length: 10_000 }, (_, i) => (i * 31 + (i >> 8)) & 255);
const SHA256 = await sha256Hex(FILE);
const OTHER = FILE.map((byte) => byte ^ 1);

/** A cache in memory, with what it holds in sight. */
class MemoryCache implements DownloadCache {
  readonly kept = new Map<string, Uint8Array<ArrayBuffer>>();
  match(key: string) {
    const bytes = this.kept.get(key);
    return Promise.resolve(bytes && new Response(bytes));
  }
  async put(key: string, response: Response) {
    this.kept.set(key, new Uint8Array(await response.arrayBuffer()));
  }
  delete(key: string) {
    return Promise.resolve(this.kept.delete(key));
  }
}

/** Downloads from a server of `FILE` that behaves so, and reports what it was asked. */
async function get(behaviours: readonly Behaviour[], options: Partial<DownloadOptions> = {}) {
  await using server = serve(FILE, behaviours);
  const result = await download({
    urls: [server.url],
    sha256: SHA256,
    cache: null,
    retryDelayMs: 1,
    ...options,
  });
  return { ...result, ranges: server.ranges, url: server.url };
}

Deno.test("a file arrives whole, with its hash and progress that only grows", async () => {
  const reports: Progress[] = [];
  const { bytes, sha256, from, url, notes } = await get([{}], {
    size: FILE.length,
    onProgress: (progress) => reports.push(progress),
  });
  assert.deepEqual(bytes, FILE);
  assert.equal(sha256, SHA256);
  assert.equal(from, url);
  assert.deepEqual(notes, []);
  assert.deepEqual(reports.at(-1), {
    stage: "download",
    done: FILE.length,
    total: FILE.length,
    unit: "bytes",
  });
  assert.ok(reports.every(({ done }, i) => i === 0 || done >= reports[i - 1].done));
});

Deno.test("a file without a told length arrives whole", async () => {
  assert.deepEqual((await get([{ chunked: true }])).bytes, FILE);
});

Deno.test("the first digits of a hash suffice to check by", async () => {
  assert.deepEqual((await get([{}], { sha256: SHA256.slice(0, 8) })).bytes, FILE);
});

Deno.test("a broken connection is resumed where it broke", async () => {
  const { bytes, ranges } = await get([{ breakAfter: 3000 }, { breakAfter: 2000 }, {}]);
  assert.deepEqual(bytes, FILE);
  assert.deepEqual(ranges, [null, "bytes=3000-", "bytes=5000-"]);
});

Deno.test("without a hash only the same version of a file is resumed", async () => {
  const { bytes, ranges } = await get([{ breakAfter: 3000, etag: '"1"' }, { etag: '"1"' }], {
    sha256: undefined,
  });
  assert.deepEqual(bytes, FILE);
  assert.deepEqual(ranges, [null, "bytes=3000-"]);
  const changed = await get([{ breakAfter: 3000, etag: '"1"' }, { etag: '"2"', body: OTHER }], {
    sha256: undefined,
  });
  assert.deepEqual(changed.bytes, OTHER);
});

Deno.test("without a hash and a version a download starts again", async () => {
  for (const etag of [undefined, 'W/"weak"']) {
    const { bytes, ranges } = await get([{ breakAfter: 3000, etag }, {}], { sha256: undefined });
    assert.deepEqual(bytes, FILE);
    assert.deepEqual(ranges, [null, null]);
  }
});

Deno.test("a server that knows no ranges is read from the start", async () => {
  const reports: number[] = [];
  const { bytes } = await get([{ breakAfter: 6000, ranges: false }, { ranges: false }], {
    onProgress: ({ done }) => reports.push(done),
  });
  assert.deepEqual(bytes, FILE);
  assert.ok(reports.every((done, i) => i === 0 || done >= reports[i - 1]), `${reports}`);
});

Deno.test("a server that resumes at a wrong place is read from the start", async () => {
  const { bytes, ranges } = await get([{ breakAfter: 3000 }, { rangeStart: 0 }, {}]);
  assert.deepEqual(bytes, FILE);
  assert.deepEqual(ranges, [null, "bytes=3000-", null]);
});

Deno.test("a file that has become shorter is read from the start", async () => {
  const { bytes, ranges } = await get([{ breakAfter: 3000 }, { status: 416 }, {}]);
  assert.deepEqual(bytes, FILE);
  assert.deepEqual(ranges, [null, "bytes=3000-", null]);
});

Deno.test("a connection that always breaks is given up, and nothing is kept", async () => {
  const cache = new MemoryCache();
  await assertUserError(
    () => get([{ breakAfter: 1000 }], { cache, attempts: 3 }),
    /^Cannot download the weights: http:\/\/127.*as the weights \(--weights <path>\); the weights "starter" need neither$/,
  );
  assert.equal(cache.kept.size, 0);
});

const REFUSALS: readonly (readonly [string, Behaviour, Partial<DownloadOptions>, RegExp])[] = [
  ["that is not there", { status: 404 }, {}, /HTTP 404 Not Found; /],
  ["behind a failing server", { status: 503 }, {}, /HTTP 503 Service Unavailable; /],
  ["with another hash", { body: OTHER }, {}, /has SHA-256 [0-9a-f]{64}, expected [0-9a-f]{64}; /],
  ["that tells a larger size", {}, { size: 9999 }, /has 10000 bytes, 9999 expected/],
  ["that tells a smaller size", {}, { size: 10001 }, /ended after 10000 of 10001 bytes/],
  ["beyond the cap", {}, { maxBytes: 5000 }, /has 10000 bytes, at most 5000 expected/],
  ["that outgrows the cap", { chunked: true }, { maxBytes: 5000 }, /more than 5000 bytes, at most/],
];

for (const [what, behaviour, options, message] of REFUSALS) {
  Deno.test(`a file ${what} is refused and not kept`, async () => {
    const cache = new MemoryCache();
    await assertUserError(() => get([behaviour], { cache, attempts: 2, ...options }), message);
    assert.equal(cache.kept.size, 0);
  });
}

Deno.test("an address that fails makes way for the next", async () => {
  await using absent = serve(FILE, [{ status: 404 }]);
  await using wrong = serve(OTHER);
  await using right = serve(FILE);
  const urls = [absent.url, wrong.url, right.url];
  const { bytes, from } = await download({ urls, sha256: SHA256, cache: null });
  assert.deepEqual(bytes, FILE);
  assert.equal(from, right.url);
});

Deno.test("without a network the message says what to do and hides what is secret", () => {
  const offline = () => Promise.reject(new TypeError("dns error\n\x1b[2Jno such host"));
  return assertUserError(
    () => download({ urls: ["https://me:pass@a.example/w?token=1#x"], fetch: offline }),
    /^Cannot download the weights: https:\/\/a\.example\/w: dns error \[2Jno such host; allow or mend/,
  );
});

Deno.test("what was downloaded once is read from the cache, without asking a server", async () => {
  const cache = new MemoryCache();
  await get([{}], { cache });
  const again = await get([{ status: 500 }], { cache });
  assert.deepEqual(again.bytes, FILE);
  assert.equal(again.from, "cache");
  assert.deepEqual(again.ranges, []);
});

for (
  const [what, poison] of [["changed", OTHER], ["cut off", FILE.slice(0, 9)], [
    "too long",
    new Uint8Array(
      20_000,
    ),
  ]] as const
) {
  Deno.test(`a cache entry that is ${what} is dropped and fetched again`, async () => {
    const cache = new MemoryCache();
    await get([{}], { cache });
    const [key] = cache.kept.keys();
    cache.kept.set(key, poison);
    await assertUserError(() => get([{ status: 404 }], { cache }), /HTTP 404/);
    assert.equal(cache.kept.size, 0);
    cache.kept.set(key, poison);
    const { bytes, notes, ranges } = await get([{}], { cache, size: FILE.length });
    assert.deepEqual(bytes, FILE);
    assert.deepEqual(notes, ["the cached weights were damaged and were fetched again"]);
    assert.equal(ranges.length, 1);
    assert.deepEqual(cache.kept.get(key), FILE);
  });
}

Deno.test("a cache that fails costs a note and not the file", async () => {
  const broken: DownloadCache = {
    match: () => Promise.reject(new Error("disk")),
    put: () => Promise.reject(new Error("full")),
    delete: () => Promise.reject(new Error("disk")),
  };
  const { bytes, notes } = await get([{}], { cache: broken });
  assert.deepEqual(bytes, FILE);
  assert.match(notes.join(), /could not be kept in the cache/);
});

Deno.test("what cannot be checked is not kept", async () => {
  const cache = new MemoryCache();
  await get([{}], { cache, sha256: undefined });
  assert.equal(cache.kept.size, 0);
});

Deno.test("the Cache API keeps a file, without any permission", {
  permissions: { net: ["127.0.0.1"] },
}, async () => {
  const name = `graft-test-${crypto.randomUUID()}`;
  const cache = await caches.open(name);
  try {
    await get([{}], { cache });
    const again = await get([{ status: 500 }], { cache });
    assert.equal(again.from, "cache");
    assert.deepEqual(again.bytes, FILE);
  } finally {
    await caches.delete(name);
  }
});

Deno.test("an abort ends the download with its reason", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  await assert.rejects(
    get([{ breakAfter: 3000 }], {
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    }),
    (error) => error === reason,
  );
  await assert.rejects(
    get([{}], { signal: AbortSignal.abort(reason) }),
    (error) => error === reason,
  );
});

Deno.test("a hash that is none is refused", async () => {
  for (const sha256 of ["", "7f5810b", "Z".repeat(64), "a".repeat(65)]) {
    await assert.rejects(download({ urls: [], sha256 }), UserError);
  }
});
