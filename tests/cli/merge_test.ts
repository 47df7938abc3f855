import assert from "node:assert/strict";
import { emptyFolder, graft, graftJson } from "./graft.ts";

Deno.test("shards are extracted and merged with permission for their files alone", async () => {
  await using folder = await emptyFolder();
  const [data, out, one, two] = [
    "s.csv",
    "f.safetensors",
    "f.1-of-2.safetensors",
    "f.2-of-2.safetensors",
  ]
    .map(folder.file);
  await graftJson(["sample", "--rows", "1100", "--out", data], [`--allow-write=${data}`]);
  const settings = ["--weights", "random", "--image-size", "28", "--stages", "2"];
  let extracted: Record<string, unknown> = {};
  for (const [shard, path] of [["1/2", one], ["2/2", two], ["2/2", two]]) {
    const told = await graftJson(["extract", data, ...settings, "--out", out, "--shard", shard], [
      `--allow-read=${data},${path}`,
      `--allow-write=${path}`,
    ]);
    assert.equal(told.out, path);
    extracted = told;
  }
  const told = await graftJson(["merge", one, two, "--out", out], [
    `--allow-read=${one},${two}`,
    `--allow-write=${out}`,
  ]);
  assert.deepEqual([told.rows, told.shards], [1100, 2]);
  const inspected = await graftJson(["inspect", out], [`--allow-read=${out}`]);
  const part = await graftJson(["inspect", two], [`--allow-read=${two}`]);
  for (const name of ["weightsSha256", "variant", "preprocessing", "stages", "classes"]) {
    for (const json of [told, inspected, part]) assert.deepEqual(json[name], extracted[name], name);
  }
  assert.deepEqual(told.stages, [2]);
  const { number, of } = part.shard as Record<string, unknown>;
  assert.deepEqual({ number, of }, extracted.shard);
  // A head can be trained on the merged file: its key is that of the data.
  const trained = await graftJson(
    ["train", data, ...settings, "--method", "probe", "--features", out],
    [`--allow-read=${data},${out}`, `--allow-write=${out}`],
  );
  assert.ok(trained.accuracy);
  const lacking = await graft(["merge", one, "--out", out], [
    `--allow-read=${folder.path}`,
    `--allow-write=${folder.path}`,
  ]);
  assert.equal(lacking.code, 1);
  assert.match(lacking.stderr, /^graft: Cannot merge: of 2 shards 1 are missing: 2\n$/);
});

Deno.test("pictures are divided evenly, and merged shards equal a single run byte for byte", async () => {
  await using folder = await emptyFolder();
  const [data, whole, merged] = ["s.csv", "whole.safetensors", "f.safetensors"].map(folder.file);
  const permissions = [`--allow-read=${folder.path}`, `--allow-write=${folder.path}`];
  await graftJson(["sample", "--rows", "153", "--out", data], permissions);
  const extract = (out: string, more: string[]) =>
    graftJson([
      ...["extract", data, "--weights", "random", "--image-size", "28", "--stages", "2,3"],
      ...["--out", out, ...more],
    ], permissions);
  await extract(whole, []);
  const shards: string[] = [];
  const rows: unknown[] = [];
  for (const number of [1, 2, 3, 4]) {
    const told = await extract(merged, ["--shard", `${number}/4`]);
    shards.push(told.out as string);
    rows.push(told.rows);
  }
  assert.deepEqual(rows, [38, 38, 38, 39]);
  await graftJson(["merge", ...shards, "--out", merged], permissions);
  assert.deepEqual(await Deno.readFile(merged), await Deno.readFile(whole));
});

Deno.test("a shard without pictures says why, and that it is fine", async () => {
  await using folder = await emptyFolder();
  const data = folder.file("s.csv");
  const permissions = [`--allow-read=${folder.path}`, `--allow-write=${folder.path}`];
  await graftJson(["sample", "--rows", "2", "--out", data], permissions);
  const shards: string[] = [];
  for (const number of [1, 2, 3]) {
    const { stdout, stderr } = await graft([
      ...["extract", data, "--weights", "random", "--image-size", "28", "--stages", "2"],
      ...["--out", folder.file("f.safetensors"), "--shard", `${number}/3`],
    ], permissions);
    const [path, pictures] = /^(.*): (\d+) picture/.exec(stdout)!.slice(1);
    shards.push(path);
    assert.equal(
      /shard \d of 3 has no pictures: there are 2 pictures, fewer than shards/.test(stderr),
      pictures === "0",
      stderr,
    );
  }
  const merged = [...shards, "--out", folder.file("f.safetensors")];
  assert.equal((await graftJson(["merge", ...merged], permissions)).rows, 2);
});

Deno.test("a shard that is not there is named, with the name that extract gives it", async () => {
  await using folder = await emptyFolder();
  const [plain, shard, out] = ["s1.safetensors", "s.2-of-2.safetensors", "o"].map(folder.file);
  const permissions = [`--allow-read=${folder.path}`, `--allow-write=${folder.path}`];
  const cases: [path: string, advice: string][] = [
    [
      plain,
      `extract --shard 1/2 --out ${plain} writes ${folder.path}/s1.1-of-2.safetensors`,
    ],
    [shard, "check the path"],
  ];
  for (const [path, advice] of cases) {
    const { code, stderr } = await graft(["merge", path, "--out", out], permissions);
    assert.equal(code, 1);
    assert.equal(stderr, `graft: Cannot merge ${path}: there is no such file; ${advice}\n`);
  }
});
