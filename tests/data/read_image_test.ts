import assert from "node:assert/strict";
import { decodeBase64 } from "../../src/core/base64.ts";
import { isPicture } from "../../src/data/read_image.ts";
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
