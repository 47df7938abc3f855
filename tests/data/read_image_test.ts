import assert from "node:assert/strict";
import { decodeBase64 } from "../../src/core/base64.ts";
import { UserError } from "../../src/core/errors.ts";
import { encodePng } from "../../src/data/encode_png.ts";
import {
  type ImageSource,
  isPicture,
  readImage,
  readPictureBatches,
} from "../../src/data/read_image.ts";
import fixture from "../fixtures/images.json" with { type: "json" };
import { pictureTree } from "./sources/picture_tree.ts";

const JPEG = decodeBase64(fixture.images.find(({ name }) => name === "rgb.jpg")!.file);

Deno.test("a picture is one by its content, or by its name where it is no data set", async () => {
  await using folder = await pictureTree({
    "picture.csv": JPEG,
    "text.jpg": "no picture\n",
    "empty.png": "",
    "archive.jpg": Uint8Array.of(0x50, 0x4b, 3, 4),
    "table.csv": "a,y\n1,0\n",
    "text.zip": "no archive",
    "folder.jpg/a.jpg": JPEG,
  });
  const is = (name: string) => isPicture(`${folder.path}/${name}`);
  for (const name of ["picture.csv", "text.jpg", "empty.png", "missing.jpg"]) {
    assert.equal(await is(name), true, name);
  }
  for (const name of ["archive.jpg", "table.csv", "text.zip", "folder.jpg"]) {
    assert.equal(await is(name), false, name);
  }
  await assert.rejects(is("missing"), /missing: there is no such file/);
});

Deno.test("a file is read in each of the forms in which programs hold it", async () => {
  const dots = { data: Uint8Array.of(0, 90, 255), height: 1, width: 3, channels: 1 } as const;
  const bytes = await encodePng(dots);
  const { data: wanted } = await readImage(bytes);
  const forms = [
    bytes.buffer,
    new DataView(bytes.buffer),
    new Blob([bytes]),
    new File([bytes], "a"),
  ];
  for (const form of forms) {
    assert.deepEqual((await readImage(form)).data, wanted, form.constructor.name);
  }
  const clamped = { ...dots, data: new Uint8ClampedArray(dots.data) as unknown as Uint8Array };
  assert.deepEqual(await readImage(clamped), dots);
});

Deno.test("what is no picture is refused by its place in the list and its kind", async () => {
  const good = { data: new Uint8Array(1), height: 1, width: 1, channels: 1 } as const;
  const cases: [value: unknown, message: RegExp][] = [
    [null, /^Cannot read picture 2: it is nothing \(null\), expected a decoded picture, or /],
    [undefined, /picture 2: it is nothing \(undefined\)/],
    [7, /picture 2: it is a number, expected .*the bytes of a JPEG or PNG file/],
    [readImage(good), /picture 2: it is a Promise, .*await it$/],
    [{ height: 1 }, /picture 2: it is an object, expected a decoded picture \{ data, height/],
    [new Float32Array(3), /picture 2: it is a Float32Array, expected a decoded picture/],
    [new Blob(["GIF89a"]), /^Cannot read picture 2: it is a GIF picture/],
    [new File(["GIF89a"], "a.gif"), /^Cannot read picture 2 \(a\.gif\): it is a GIF picture/],
    ["http://:", /^Cannot read "http:\/\/:": it is no valid address/],
  ];
  for (const [value, message] of cases) {
    const reading = async () => {
      for await (const _ of readPictureBatches([good, value as ImageSource]));
    };
    await assert.rejects(reading(), (error) => {
      assert.ok(error instanceof UserError, `${error}`);
      assert.match(error.message, message);
      return true;
    });
  }
});
