// graft predict on JPEG and PNG files, which are known by their content, not by their name.
import assert from "node:assert/strict";
import { decodeBase64 } from "../../src/core/base64.ts";
import fixture from "../fixtures/images.json" with { type: "json" };
import { modelBytes } from "../serve/server.ts";
import { emptyFolder, FAST, graft, graftJson, sampleLines } from "./graft.ts";

function picture(name: string): Uint8Array<ArrayBuffer> {
  return decodeBase64(fixture.images.find((image) => image.name === name)!.file);
}

Deno.test("predict names the class of picture files, also among CSVs", async () => {
  await using folder = await emptyFolder();
  const [data, model] = [folder.file("data.csv"), folder.file("model.safetensors")];
  const [png, jpeg] = ["a.png", "b.csv"].map(folder.file);
  await Deno.writeTextFile(data, sampleLines(60));
  const trained = await graft(
    ["train", data, ...FAST, "--out", model],
    [`--allow-read=${data}`, `--allow-write=${model}`],
  );
  assert.equal(trained.code, 0, trained.stderr);
  await Deno.writeFile(png, picture("alpha.png"));
  await Deno.writeFile(jpeg, picture("exif_6.jpg"));

  const alone = await graft(
    ["predict", model, png, "--top", "1"],
    [`--allow-read=${model},${png}`],
  );
  assert.equal(alone.code, 0, alone.stderr);
  assert.match(alone.stdout, /^file +class +probability\n\S+a\.png +[a-z -]+? +[01]\.\d{4}\n$/);

  const swapped = await graft(["predict", png, model], [`--allow-read=${model},${png}`]);
  assert.equal(swapped.code, 1);
  assert.equal(
    swapped.stderr,
    `graft: Cannot predict: ${png} is a picture; give the model first, then the pictures: graft predict ${model} ${png}\n`,
  );

  const mixed = await graftJson(
    ["predict", model, png, jpeg, data, png],
    [`--allow-read=${model},${png},${jpeg},${data}`],
  );
  const answers = mixed.predictions as { file: string; row: number; label: string }[];
  const expected = [[png, 1], [jpeg, 1], ...Array.from({ length: 60 }, (_, i) => [data, i + 1])];
  assert.deepEqual(answers.map(({ file, row }) => [file, row]), [...expected, [png, 1]]);
  assert.deepEqual(answers[0], answers[62], "the same picture, the same answer");
});

Deno.test("of several pictures those that cannot be read are told and left out; one alone is an error", async () => {
  await using folder = await emptyFolder();
  const model = folder.file("model.safetensors");
  await Deno.writeFile(model, await modelBytes());
  const [png, gif, cut, text, empty] = ["a.png", "c.jpg", "d.jpg", "e.jpg", "f.png"]
    .map(folder.file);
  const missing = folder.file("no_such.jpg");
  await Deno.writeFile(png, picture("alpha.png"));
  await Deno.writeFile(gif, decodeBase64(fixture.gif));
  await Deno.writeFile(cut, picture("rgb.jpg").subarray(0, 300));
  await Deno.writeTextFile(text, "no picture\n");
  await Deno.writeFile(empty, new Uint8Array(0));
  const permissions = [`--allow-read=${folder.path}`];
  const predict = (...args: string[]) => graft(["predict", model, ...args], permissions);

  const reasons: [path: string, reason: string][] = [
    [gif, "it is a GIF picture; convert it to JPEG or PNG"],
    [cut, "the JPEG is cut off or damaged; get it again"],
    [text, "it is text, expected a JPEG or PNG picture"],
    [empty, "the file is empty, expected a JPEG or PNG picture"],
    [missing, "there is no such file; check the path"],
  ];
  for (const [path, reason] of reasons) {
    const { code, stdout, stderr } = await predict(path);
    assert.deepEqual([code, stdout, stderr], [1, "", `graft: Cannot read ${path}: ${reason}\n`]);
  }

  const bad = reasons.map(([path]) => path);
  const some = await predict(gif, png, cut, text, png, empty, missing, "--top", "1");
  assert.equal(some.code, 0, some.stderr);
  assert.match(some.stdout, /^file +class +probability\n(\S+a\.png +[a-z -]+? +[01]\.\d{4}\n){2}$/);
  const told = reasons.map(([path, reason]) => `graft: left out ${path}: ${reason}\n`).join("");
  const count = "5 files left out, 2 pictures remain; --on-error stop stops instead";
  assert.equal(some.stderr, `${told}graft: ${count}\n`);

  const json = await graftJson(["predict", model, png, ...bad], permissions);
  assert.equal((json.predictions as unknown[]).length, 1);
  assert.deepEqual(json.skipped, reasons.map(([file, reason]) => ({ file, reason })));
  const [alone, among] = [json, await graftJson(["predict", model, png], permissions)]
    .map(({ predictions }) => (predictions as unknown[])[0]);
  assert.deepEqual(among, alone, "the same answer beside others and alone");

  const none = await predict(...bad, "--quiet");
  assert.deepEqual([none.code, none.stdout], [1, ""]);
  const first =
    `graft: Cannot predict: none of the 5 pictures can be read: the first one, ${gif}: `;
  assert.ok(none.stderr.startsWith(first), none.stderr);

  const stopped = await predict(png, cut, text, "--on-error", "stop");
  assert.deepEqual([stopped.code, stopped.stdout], [1, ""]);
  assert.match(stopped.stderr, /^graft: Cannot read \S+d\.jpg: the JPEG is cut off[^\n]+\n$/);
});

Deno.test("what is left out of a folder is in the JSON, too, and its table has no rows", async () => {
  await using folder = await emptyFolder();
  const [model, pets] = ["model.safetensors", "pets"].map(folder.file);
  await Deno.writeFile(model, await modelBytes());
  await Deno.mkdir(pets);
  await Deno.writeFile(`${pets}/a.png`, picture("alpha.png"));
  await Deno.writeTextFile(`${pets}/b.png`, "no picture\n");
  const permissions = [`--allow-read=${folder.path}`];
  const { predictions, skipped } = await graftJson(["predict", model, pets], permissions);
  assert.equal((predictions as unknown[]).length, 1);
  const reason = "it is text, expected a JPEG or PNG picture";
  assert.deepEqual(skipped, [{ file: `${pets}/b.png`, reason }]);
  const { stdout } = await graft(["predict", model, pets, "--top", "1"], permissions);
  assert.match(stdout, /^file +class +probability\n\S+a\.png +[a-z -]+? +[01]\.\d{4}\n$/);
});
