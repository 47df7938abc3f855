/** Folders of picture files for tests. @module */

import assert from "node:assert/strict";
import { decodeBase64 } from "../../../src/core/base64.ts";
import { UserError } from "../../../src/core/errors.ts";
import type { ImageDataset } from "../../../src/data/dataset.ts";
import fixture from "../../fixtures/images.json" with { type: "json" };

/** A picture file of `fixtures/make_images.py`. */
export function picture(name: string): Uint8Array<ArrayBuffer> {
  if (name === "gif") return decodeBase64(fixture.gif);
  const found = fixture.images.find((image) => image.name === name);
  assert.ok(found, `no fixture ${name}`);
  return decodeBase64(found.file);
}

/** A colour JPEG of 19 x 26. */
export const JPEG = picture("rgb.jpg");
/** A colour PNG of 19 x 26. */
export const PNG = picture("rgb.png");
/** A grey JPEG of 19 x 26. */
export const GREY = picture("grey.jpg");

/** Files by path; text is written as UTF-8. */
export type Tree = Readonly<Record<string, Uint8Array | string>>;

/** A folder with these files, which goes with the test. */
export async function pictureTree(
  files: Tree,
): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "graft pictures é " });
  for (const [name, content] of Object.entries(files)) {
    const file = `${path}/${name}`;
    await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    if (typeof content === "string") await Deno.writeTextFile(file, content);
    else await Deno.writeFile(file, content);
  }
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** The same content under each of these paths. */
export function treeOf(paths: readonly string[], content: Uint8Array = JPEG): Tree {
  return Object.fromEntries(paths.map((path) => [path, content]));
}

/** Class name of each picture, by the last part of its path. */
export function classesByName(data: ImageDataset): Record<string, string> {
  return Object.fromEntries(
    Array.from(data.labels, (label, i) => [
      data.name(i).split("/").at(-1)!,
      data.classes[label] ?? "unknown",
    ]),
  );
}

/** Asserts that `action` fails with a one-line {@linkcode UserError} that holds each of `parts`. */
export async function refuses(action: () => Promise<unknown>, ...parts: string[]): Promise<void> {
  await assert.rejects(action, (error: Error) => {
    assert.ok(error instanceof UserError, `${error.stack}`);
    assert.ok(!error.message.includes("\n"), error.message);
    for (const part of parts) assert.ok(error.message.includes(part), error.message);
    return true;
  });
}
