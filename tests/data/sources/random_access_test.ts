import assert from "node:assert/strict";
import { openRandomAccess } from "../../../src/data/sources/random_access.ts";
import { RandomState } from "../../../src/core/random.ts";

Deno.test("reads give the same bytes in any order and at once, at the end and beyond it", async () => {
  const path = await Deno.makeTempFile();
  try {
    const bytes = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 7919) >>> 8);
    await Deno.writeFile(path, bytes);
    const file = await openRandomAccess(path);
    assert.equal(file.size, bytes.length);
    const random = new RandomState(1);
    const places: [offset: number, length: number][] = [[0, 30], [2_999_990, 100], [4_000_000, 5]];
    // In order, with small gaps, as the files of an archive lie.
    for (let at = 0; at < bytes.length; at += random.interval(3000)) {
      const length = random.interval(20_000);
      places.push([at, length]);
      at += length;
    }
    for (let i = 0; i < 100; i++) {
      places.push([random.interval(3_000_000), random.interval(2_000_000)]);
    }
    const check = async ([offset, length]: [number, number]) => {
      const found = await file.read(offset, length);
      assert.deepEqual(found, bytes.subarray(offset, offset + length), `${offset}+${length}`);
      assert.ok(found.buffer.byteLength <= length, "more is kept than was asked for");
    };
    for (const place of places) await check(place);
    await Promise.all(places.map(check));
  } finally {
    await Deno.remove(path);
  }
});
