// JPEG and PNG files beside what PIL makes of them (fixtures/make_images.py), and files that are damaged or hostile.
import assert from "node:assert/strict";
import { decodeBase64 } from "../../src/core/base64.ts";
import { crc32 } from "../../src/core/crc32.ts";
import { UserError } from "../../src/core/errors.ts";
import { checkDecodable, decodeImage, halvings } from "../../src/data/decode.ts";
import { turnUpright } from "../../src/data/exif_orientation.ts";
import { checkedImage, type Image } from "../../src/data/image.ts";
import jpegs from "../fixtures/jpegs.json" with { type: "json" };
import { sha256Hex } from "../../src/core/sha256.ts";
import fixture from "../fixtures/images.json" with { type: "json" };

/** Files whose coefficients are held until the last scan. */
const RARE_JPEG = /^(progressive|cmyk|ycck)/;

function file(name: string): Uint8Array<ArrayBuffer> {
  const found = fixture.images.find((image) => image.name === name);
  assert.ok(found, `no fixture ${name}`);
  return decodeBase64(found.file);
}

for (const { name, file, height, width, channels, pixels } of fixture.images) {
  Deno.test(`${name} is decoded as by PIL`, async () => {
    const image = await decodeImage(decodeBase64(file), { name });
    assert.deepEqual([image.height, image.width, image.channels], [height, width, channels]);
    const expected = decodeBase64(pixels);
    assert.deepEqual(image.data, expected);
    assert.deepEqual(checkDecodable(decodeBase64(file), { name }), {
      height,
      width,
      channels,
    });
  });
}

Deno.test("a picture is halved while both sides stay as large as asked for and nothing is left over", () => {
  const photo = { height: 3024, width: 4032 };
  for (
    const [side, count] of [[3025, 0], [1513, 0], [1512, 1], [757, 1], [756, 2], [378, 3], [1, 3]]
  ) {
    assert.equal(halvings(photo, { height: side, width: side }), count, `${side}`);
  }
  assert.equal(halvings(photo, undefined), 0);
  assert.equal(halvings(photo, { height: 1, width: 2000 }), 1, "the width decides");
  const one = { height: 1, width: 1 };
  assert.equal(halvings({ height: 1000, width: 750 }, one), 1);
  assert.equal(halvings({ height: 427, width: 640 }, one), 0);
});

Deno.test("a large JPEG is decoded to a part of its size where that is enough, upright as ever", async () => {
  const { file, drafts } = jpegs.find(({ height, width }) => height === 64 && width === 64)!;
  const bytes = decodeBase64(file);
  for (const [side, draft] of [[32, drafts[0]], [16, drafts[1]], [9, drafts[1]], [8, drafts[2]]]) {
    const atLeast = { height: side as number, width: side as number };
    const { data, height, width } = await decodeImage(bytes, { atLeast });
    assert.deepEqual([height, width, await sha256Hex(data)], draft);
  }
  const whole = await decodeImage(bytes);
  assert.deepEqual(await decodeImage(bytes, { atLeast: { height: 33, width: 1 } }), whole);
});

Deno.test("what is no ordinary JPEG comes whole, however little is asked for", async () => {
  const atLeast = { height: 1, width: 1 };
  for (const { name, file } of fixture.images) {
    if (!RARE_JPEG.test(name) && !name.endsWith(".png")) continue;
    const bytes = decodeBase64(file);
    assert.deepEqual(await decodeImage(bytes, { atLeast }), await decodeImage(bytes), name);
  }
});

Deno.test("a picture that lies on its side is halved by its upright size", async () => {
  const { file } = jpegs.find(({ height, width }) => height === 70 && width === 90)!;
  const plain = decodeBase64(file);
  // deno-fmt-ignore
  const exif = [
    0xff, 0xe1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, // APP1, "Exif"
    0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, // orientation 6
  ];
  const lying = Uint8Array.of(...plain.subarray(0, 2), ...exif, ...plain.subarray(2));
  const half = await decodeImage(plain, { atLeast: { height: 35, width: 45 } });
  const turned = await decodeImage(lying, { atLeast: { height: 45, width: 35 } });
  assert.deepEqual(turned, turnUpright(half, 6));
  assert.deepEqual([turned.height, turned.width], [45, 35]);
  const { height, width } = await decodeImage(lying, { atLeast: { height: 35, width: 45 } });
  assert.deepEqual([height, width], [90, 70]);
});

/** Decodes what may be damaged: a sound picture, or the line that a user gets. Checking comes to the same. */
async function imageOrLine(bytes: Uint8Array, name = "x.jpg"): Promise<Image | string> {
  let checked: unknown;
  try {
    checked = checkDecodable(bytes, { name });
  } catch (error) {
    checked = (error as Error).message;
  }
  try {
    const { data, ...shape } = await decodeImage(bytes, { name });
    checkedImage({ data, ...shape });
    assert.deepEqual(checked, shape);
    return { data, ...shape };
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    assert.equal(checked, (error as Error).message);
    assert.ok(error instanceof UserError, `${error}`);
    assert.match(error.message, /^Cannot read x\.jpg: [^\n]+$/);
    return error.message;
  }
}

const text = (content: string) => new TextEncoder().encode(content);
const REFUSED: Readonly<Record<string, [bytes: Uint8Array, line: RegExp]>> = {
  "an empty file": [new Uint8Array(0), /the file is empty/],
  "text": [text("y,0,1\n3,4,5\n"), /it is text, expected a JPEG or PNG/],
  "noise": [Uint8Array.of(1, 2, 3, 4), /expected a JPEG or PNG/],
  "a GIF": [decodeBase64(fixture.gif), /it is a GIF picture; convert it to JPEG or PNG/],
  "a WebP": [text("RIFF\0\0\0\0WEBPVP8 "), /it is a WebP picture; convert/],
  "a BMP": [text("BM1234\0\0\0\0\x36\0\0\0"), /it is a BMP picture; convert/],
  "a HEIC": [text("\0\0\0\x18ftypheic"), /it is a HEIC picture; convert/],
  "an AVIF": [text("\0\0\0\x18ftypavif"), /it is an AVIF picture; convert/],
  "a TIFF": [text("II*\0\x08\0\0\0"), /it is a TIFF picture; convert/],
  "a JPEG's first bytes": [Uint8Array.of(0xff, 0xd8, 0xff), /cut off or damaged/],
  "a PNG's signature": [file("rgb.png").slice(0, 8), /cut off or damaged/],
  "a huge JPEG": [resized(file("rgb.jpg"), 65535, 65535), /65535 x 65535 pixels, expected at most/],
  "a huge PNG": [
    resized(file("rgb.png"), 2 ** 31 - 1, 2 ** 31 - 1),
    /pixels, expected at most 64 m/,
  ],
  "a JPEG without rows": [resized(file("rgb.jpg"), 0, 9), /9 x 0 pixels, expected at least/],
  "a PNG without columns": [resized(file("rgb.png"), 9, 0), /0 x 9 pixels, expected at least/],
  "a size that is not the file's": [resized(file("rgb.png"), 4000, 4000), /cut off or damaged/],
  "a JPEG of 12 bits": [patched(file("rgb.jpg"), frameOf(file("rgb.jpg")) + 4, 12), /a rare kind/],
  "a checksum that is wrong": [patched(file("rgb.png"), 30, 99), /cut off or damaged/],
};

/** Where a JPEG's frame segment begins. */
function frameOf(jpeg: Uint8Array): number {
  return jpeg.findIndex((byte, i) => byte === 0xff && [0xc0, 0xc2].includes(jpeg[i + 1]));
}

function patched(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}

/** The same file with another size in its header. */
function resized(bytes: Uint8Array, height: number, width: number): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  if (copy[0] === 0x89) {
    view.setUint32(16, width);
    view.setUint32(20, height);
    view.setUint32(29, crc32(copy.subarray(12, 29)));
  } else {
    view.setUint16(frameOf(copy) + 5, height);
    view.setUint16(frameOf(copy) + 7, width);
  }
  return copy;
}

Deno.test("what is no sound JPEG or PNG is refused in one line that says why", async () => {
  for (const [name, [bytes, line]] of Object.entries(REFUSED)) {
    const found = await imageOrLine(bytes);
    assert.equal(typeof found, "string", `${name} is decoded`);
    assert.match(found as string, line, name);
  }
});

Deno.test("a file cut off anywhere or damaged in any place is a picture or a UserError", async () => {
  let refused = 0;
  for (const name of ["rgb.jpg", "progressive.jpg", "cmyk.jpg", "rgb.png", "palette.png"]) {
    const whole = file(name);
    for (let length = 0; length < whole.length; length += 37) {
      if (typeof await imageOrLine(whole.subarray(0, length)) === "string") refused++;
    }
    for (let at = 0; at < whole.length; at += 5) {
      for (const value of [0, 0x7f, 0xff, whole[at] ^ 1]) {
        if (typeof await imageOrLine(patched(whole, at, value)) === "string") refused++;
      }
    }
    // A decoder that has trapped is replaced: sound files are still decoded.
    assert.notEqual(typeof await imageOrLine(whole), "string", name);
  }
  assert.ok(refused > 100, `only ${refused} files were refused`);
});

Deno.test("a JPEG that makes the decoder trap is refused, and the next is decoded", async () => {
  const hostile = resized(file("grey.jpg"), 65535, 65535);
  await assert.rejects(
    decodeImage(hostile, { maxPixels: Infinity, name: "x.jpg" }),
    { name: "UserError", message: /^Cannot read x\.jpg: the JPEG is cut off or damaged/ },
  );
  assert.equal((await decodeImage(file("grey.jpg"))).channels, 1);
});

Deno.test("maxPixels is the most that is decoded", async () => {
  const { height, width } = await decodeImage(file("rgb.jpg"), { maxPixels: 19 * 26 });
  assert.deepEqual([height, width], [19, 26]);
  await assert.rejects(
    decodeImage(file("rgb.jpg"), { maxPixels: 19 * 26 - 1 }),
    /Cannot read the picture: the picture is 26 x 19 pixels, expected at most/,
  );
});

/** A progressive JPEG of one component: a scan of first coefficients 0, then scans that say "nothing more" of all blocks. */
function manyScans(width: number, height: number, scans: number): Uint8Array<ArrayBuffer> {
  const segment = (
    marker: number,
    ...body: number[]
  ) => [0xff, marker, 0, body.length + 2, ...body];
  const blocks = Math.ceil(width / 8) * Math.ceil(height / 8);
  const oneCode = (table: number, symbol: number) => [table, 1, ...Array(15).fill(0), symbol];
  const head = [
    [0xff, 0xd8],
    segment(0xdb, 0, ...Array(64).fill(1)),
    segment(0xc2, 8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0),
    // The only first coefficient has no bits; the only other symbol ends 2^14 blocks and as many as 14 bits say.
    segment(0xc4, ...oneCode(0, 0), ...oneCode(0x10, 0xe0)),
    segment(0xda, 1, 1, 0, 0, 0, 0),
    Array(Math.ceil(blocks / 8)).fill(0),
  ].flat();
  const runs = "011111111111110".repeat(Math.ceil(blocks / (2 ** 15 - 2)));
  const bytes = runs.padEnd(Math.ceil(runs.length / 8) * 8, "1").match(/.{8}/g)!;
  const data = bytes.flatMap((byte) => byte === "11111111" ? [255, 0] : [parseInt(byte, 2)]);
  const scan = [...segment(0xda, 1, 1, 0, 1, 63, 0), ...data];
  const file = new Uint8Array(head.length + scans * scan.length + 2);
  file.set(head);
  for (let i = 0; i < scans; i++) file.set(scan, head.length + i * scan.length);
  file.set([0xff, 0xd9], file.length - 2);
  return file;
}

Deno.test("a JPEG whose scans visit too many blocks is refused by name before it is decoded", async () => {
  const bomb = manyScans(6000, 4000, 2000);
  assert.ok(bomb.length < 150_000, "it is small");
  const message =
    /^Cannot read b\.jpg: the JPEG has 171 scans or more of 6000 x 4000 pixels; expected scans that visit at most 64 million blocks/;
  const start = performance.now();
  await assert.rejects(decodeImage(bomb, { name: "b.jpg" }), { name: "UserError", message });
  assert.throws(() => checkDecodable(bomb, { name: "b.jpg" }), { name: "UserError", message });
  assert.ok(performance.now() - start < 500, "it is refused at once");
});

Deno.test("a JPEG of many scans is decoded where they are small", async () => {
  const image = await decodeImage(manyScans(800, 600, 1000));
  assert.deepEqual([image.width, image.height, image.channels], [800, 600, 1]);
  assert.ok(image.data.every((value) => value === 128));
});

Deno.test("a small JPEG that says that it is large reserves no memory", async () => {
  const hostile = resized(file("progressive.jpg"), 8000, 8000);
  const before = Deno.memoryUsage().rss;
  await assert.rejects(decodeImage(hostile), /cut off or damaged/);
  assert.ok(Deno.memoryUsage().rss - before < 100e6);
});

Deno.test("a file of very many small parts takes no longer than its bytes let expect", async () => {
  const repeated = (part: readonly number[], bytes: number) =>
    Uint8Array.from({ length: bytes - bytes % part.length }, (_, i) => part[i % part.length]);
  const joined = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
  const jpeg = file("rgb.jpg"), progressive = file("progressive.jpg"), png = file("rgb.png");
  const within = (whole: Uint8Array, at: number, part: readonly number[]) =>
    joined(whole.subarray(0, at), repeated(part, 500_000), whole.subarray(at));
  const emptyData = [0, 0, 0, 0, 0x49, 0x44, 0x41, 0x54, 0x35, 0xaf, 0x06, 0x1e];
  const cases: readonly (readonly [name: string, bytes: Uint8Array, isSound: boolean])[] = [
    ["segments", within(jpeg, 2, [0xff, 0xe5, 0, 2]), true],
    ["fill bytes", within(jpeg, 2, [0xff]), true],
    ["restart markers", within(progressive, progressive.length - 2, [0xff, 0xd0]), true],
    [
      "scans",
      within(progressive, progressive.length - 2, [0xff, 0xda, 0, 8, 1, 1, 0, 1, 63, 0]),
      false,
    ],
    ["chunks", within(png, 33, [0, 0, 0, 0, 0x61, 0x62, 0x43, 0x64, 0, 0, 0, 0]), true],
    ["data chunks", within(png, 33, emptyData), true],
  ];
  for (const [name, bytes, isSound] of cases) {
    const start = performance.now();
    const found = await imageOrLine(bytes);
    assert.equal(typeof found !== "string", isSound, `${name}: ${found}`);
    assert.ok(performance.now() - start < 1000, name);
  }
});
