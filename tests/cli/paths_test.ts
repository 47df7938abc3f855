// What a verb writes never destroys what it was given, and a place that cannot be written is found before the work.
import assert from "node:assert/strict";
import { checkWritable } from "../../src/cli/paths.ts";
import { UserError } from "../../src/core/errors.ts";
import { emptyFolder, FAST, FAST_FEATURES, graft, graftJson, sampleLines } from "./graft.ts";

Deno.test("an output that is an input is refused and stays as it was", async () => {
  await using folder = await emptyFolder();
  const data = folder.file("data.csv");
  await Deno.writeTextFile(data, sampleLines(20));
  await Deno.symlink(data, folder.file("link.csv"));
  for (const out of [data, `${folder.path}/./data.csv`, folder.file("link.csv")]) {
    const { code, stderr } = await graft(["train", data, ...FAST, "--out", out], [
      "--allow-read",
      "--allow-write",
    ]);
    assert.equal(code, 1, stderr);
    assert.match(
      stderr,
      /^graft: Cannot write .* is read by the same command; name another file\n$/,
    );
  }
  assert.equal(await Deno.readTextFile(data), sampleLines(20));
});

Deno.test("a place that cannot be written is found without a permission to read", async () => {
  await using folder = await emptyFolder();
  const refuses = (path: string, message: RegExp) =>
    assert.rejects(checkWritable(path, () => {}), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, message);
      return true;
    });
  await refuses(`${folder.path}/none/x.safetensors`, /the folder .*none does not exist; create it/);
  await refuses(folder.path, /it is a folder; give the name of a file/);
});

Deno.test("looking whether a file can be written changes nothing", async () => {
  await using folder = await emptyFolder();
  await Deno.writeTextFile(folder.file("old"), "kept");
  assert.equal(
    await checkWritable(folder.file("old"), () => {}, [folder.file("other"), undefined]),
    true,
  );
  assert.equal(await checkWritable(folder.file("new"), () => {}), false);
  assert.equal(await Deno.readTextFile(folder.file("old")), "kept");
  assert.deepEqual(folder.names(), ["old"]);
});

Deno.test("one file cannot be written twice", async () => {
  await using folder = await emptyFolder();
  const [data, page] = [folder.file("data.csv"), folder.file("same.html")];
  await Deno.writeTextFile(data, sampleLines(20));
  const { code, stderr } = await graft(
    ["train", data, ...FAST, "--out", page, "--report", `${folder.path}/./same.html`],
    ["--allow-read", "--allow-write"],
  );
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^graft: Cannot write .*same\.html: --out and --report name the same file; name another .*\n$/,
  );
});

Deno.test("a demo that has no place to write to is one clear line", async () => {
  const { code, stderr } = await graft(["demo", "--out", "/proc/graft_demo"], ["--allow-all"]);
  assert.equal(code, 1);
  assert.match(stderr, /^graft: Cannot write to \/proc\/graft_demo: .*; choose another place\n$/);
});

Deno.test("a device that --allow-read does not open says which permission does", async () => {
  const { code, stderr } = await graft(["inspect", "/dev/stdin"], ["--allow-read=/dev/stdin"]);
  assert.equal(code, 1);
  assert.match(stderr, /^graft: Cannot read \/dev\/stdin: .* with --allow-all only; run with that/);
});

Deno.test("a verb with a name of its own for its file says so where it replaces one", async () => {
  await using folder = await emptyFolder();
  const permissions = [`--allow-read=${folder.path}`, `--allow-write=${folder.path}`];
  const [data, features] = [folder.file("data.csv"), folder.file("features.safetensors")];
  const sample = ["sample", "--rows", "30", "--out", data];
  const extract = ["extract", data, ...FAST_FEATURES, "--out", features];
  for (const [args, out] of [[sample, data], [extract, features]] as const) {
    const [first, again] = [await graft(args, permissions), await graft(args, permissions)];
    assert.equal(first.stdout.split(":")[0], out, first.stderr);
    assert.equal(again.stdout.split(":")[0], `${out} (replaced)`, again.stderr);
    assert.equal((await graftJson(args, permissions)).replaced, true);
  }
  const [model, card] = [folder.file("m.safetensors"), folder.file("CARD.md")];
  const train = ["train", data, ...FAST, "--out", model, "--report", card];
  const [first, again] = [await graft(train, permissions), await graft(train, permissions)];
  assert.ok(first.stdout.endsWith(`kept in   ${model}\nreport    ${card}\n`), first.stdout);
  const replaced = `kept in   ${model} (replaced)\nreport    ${card} (replaced)\n`;
  assert.ok(again.stdout.endsWith(replaced), again.stdout);
});

Deno.test("inspect says when a checkpoint is no EfficientNet-B0", async () => {
  await using folder = await emptyFolder();
  const { writeSafetensors } = await import("../../src/weights/safetensors.ts");
  const tensors = new Map(
    [["foo", { dtype: "float32", shape: [1], data: Float32Array.of(1) }]] as const,
  );
  await Deno.writeFile(folder.file("foo.safetensors"), writeSafetensors({ tensors, metadata: {} }));
  const { code, stdout, stderr } = await graft(["inspect", folder.file("foo.safetensors")], [
    "--allow-read",
  ]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /no trunk: Cannot use the weights of .*features\.0\.0\.weight is missing/);
  assert.doesNotMatch(stdout, /Total parameters/);
});
