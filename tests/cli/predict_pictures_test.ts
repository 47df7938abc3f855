// graft predict on JPEG and PNG files, which are known by their content, not by their name.
import assert from "node:assert/strict";
import { decodeBase64 } from "../../src/core/base64.ts";
import fixture from "../fixtures/images.json" with { type: "json" };
import { emptyFolder, FAST, graft, graftJson, sampleLines } from "./graft.ts";

function picture(name: string): Uint8Array<ArrayBuffer> {
  return decodeBase64(fixture.images.find((image) => image.name === name)!.file);
}

Deno.test("predict names the class of picture files, also among CSVs", async () => {
  await using folder = await emptyFolder();
  const [data, model] = [folder.file("data.csv"), folder.file("model.safetensors")];
  const [png, jpeg, gif, cut] = ["a.png", "b.csv", "c.jpg", "d.jpg"].map(folder.file);
  await Deno.writeTextFile(data, sampleLines(60));
  const trained = await graft(
    ["train", data, ...FAST, "--out", model],
    [`--allow-read=${data}`, `--allow-write=${model}`],
  );
  assert.equal(trained.code, 0, trained.stderr);
  await Deno.writeFile(png, picture("alpha.png"));
  await Deno.writeFile(jpeg, picture("exif_6.jpg"));
  await Deno.writeFile(gif, decodeBase64(fixture.gif));
  await Deno.writeFile(cut, picture("rgb.jpg").subarray(0, 300));

  const alone = await graft(
    ["predict", model, png, "--top", "1"],
    [`--allow-read=${model},${png}`],
  );
  assert.equal(alone.code, 0, alone.stderr);
  assert.match(alone.stdout, /^file +row +class +probability\n\S+a\.png +1 +\d+ +[01]\.\d{4}\n$/);

  const mixed = await graftJson(
    ["predict", model, png, jpeg, data, png],
    [`--allow-read=${model},${png},${jpeg},${data}`],
  );
  const answers = mixed.predictions as { file: string; row: number; label: string }[];
  const expected = [[png, 1], [jpeg, 1], ...Array.from({ length: 60 }, (_, i) => [data, i + 1])];
  assert.deepEqual(answers.map(({ file, row }) => [file, row]), [...expected, [png, 1]]);
  assert.deepEqual(answers[0], answers[62], "the same picture, the same answer");

  for (const [path, why] of [[gif, /a GIF picture; convert it/], [cut, /cut off or damaged/]]) {
    const { code, stdout, stderr } = await graft(
      ["predict", model, png, path as string],
      [`--allow-read=${folder.path}`],
    );
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /^[^\n]+\n$/);
    assert.ok(stderr.startsWith(`graft: Cannot read ${path}: `), stderr);
    assert.match(stderr, why as RegExp);
  }
});
