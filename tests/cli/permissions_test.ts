// What Deno is asked for: read off Deno's own log of every permission that a process used or wanted.
import assert from "node:assert/strict";
import { encodePng } from "../../src/data/encode_png.ts";
import { exportSafetensors } from "../../src/store/export/export_safetensors.ts";
import { zipFile } from "../data/sources/zip_file.ts";
import { drawModel } from "../store/export/models.ts";
import { emptyFolder, FAST, graft, sampleLines } from "./graft.ts";

const ROOT = new URL("../../", import.meta.url);

/** Runs Deno and returns each permission that was looked for, as `"read data.csv"`, once. */
async function asked(args: readonly string[]): Promise<string[]> {
  await using folder = await emptyFolder();
  const log = folder.file("audit.jsonl");
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--quiet", ...args],
    cwd: ROOT,
    env: { DENO_AUDIT_PERMISSIONS: log },
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  const lines = (await Deno.readTextFile(log)).split("\n").filter((line) => line !== "");
  return [
    ...new Set(lines.map((line) => {
      const { permission, value } = JSON.parse(line);
      return `${permission} ${value}`;
    })),
  ].sort();
}

Deno.test("importing graft asks for nothing", async () => {
  assert.deepEqual(await asked(["mod.ts"]), []);
  assert.deepEqual(await asked(["cli.ts", "--help"]), []);
});

Deno.test("training asks for the files it was given and for nothing else", async () => {
  await using folder = await emptyFolder();
  const [data, model] = [folder.file("data.csv"), folder.file("model.safetensors")];
  await Deno.writeTextFile(data, sampleLines(60));
  const found = await asked([
    ...[`--allow-read=${data}`, `--allow-write=${model}`],
    ...["cli.ts", "train", data, "--out", model, ...FAST],
  ]);
  assert.deepEqual(found, [`read ${data}`, `write ${model}`]);
});

Deno.test("exporting asks for the model and for what it writes and for nothing else", async () => {
  await using folder = await emptyFolder();
  const model = folder.file("model.safetensors");
  const { saved } = await drawModel({
    variant: "google",
    size: 28,
    stages: [1],
    kind: "probe",
  });
  await Deno.writeFile(model, await exportSafetensors(saved));
  const run = (out: string, flags: string[]) =>
    asked([
      ...[`--allow-read=${model}`, `--allow-write=${out}`],
      ...["cli.ts", "export", model, "--out", out, ...flags],
    ]);
  const [small, web] = [folder.file("small.safetensors"), folder.file("web")];
  assert.deepEqual(await run(small, ["--dtype", "int8"]), [`read ${model}`, `write ${small}`]);
  const files = ["", "/group1-shard1of1.bin", "/model.json"];
  assert.deepEqual(await run(web, ["--format", "tfjs", "--dtype", "f16"]), [
    `read ${model}`,
    ...files.map((name) => `write ${web}${name}`),
  ]);
});

Deno.test("the lab asks for its data and its folder and for nothing else", async () => {
  await using folder = await emptyFolder();
  const [data, out] = [folder.file("data.csv"), folder.file("out")];
  await Deno.writeTextFile(data, sampleLines(60));
  const found = await asked([
    ...[`--allow-read=${data}`, `--allow-write=${out}`],
    ...["cli.ts", "lab", data, "--out", out, "--weights", "random", "--epochs", "1"],
  ]);
  const files = ["", "/fine_tuned_cost.svg", "/frozen_cost.svg", "/lab.html"];
  assert.deepEqual(found, [`read ${data}`, ...files.map((name) => `write ${out}${name}`)]);
});

Deno.test("looking at data asks for it and for the page's folder and for nothing else", async () => {
  await using folder = await emptyFolder();
  const [data, out] = [folder.file("data.csv"), folder.file("out")];
  await Deno.writeTextFile(data, sampleLines(30));
  const found = await asked([
    ...[`--allow-read=${data}`, `--allow-write=${out}`],
    ...["cli.ts", "inspect", data, "--weights", "random", "--image-size", "28", "--out", out],
  ]);
  assert.deepEqual(found, [`read ${data}`, `write ${out}`, `write ${out}/audit.html`]);
});

Deno.test("training on an archive or a folder asks for it and for nothing else", async () => {
  await using folder = await emptyFolder();
  const picture = await encodePng({ data: new Uint8Array(64), height: 8, width: 8, channels: 1 });
  const paths = Array.from({ length: 40 }, (_, i) => `${i % 2 === 0 ? "cat" : "dog"}/${i}.png`);
  const [zip, pets] = [folder.file("pets.zip"), folder.file("pets")];
  await Deno.writeFile(zip, zipFile(paths.map((name) => ({ name, content: picture }))));
  for (const path of paths) {
    await Deno.mkdir(`${pets}/${path.slice(0, 3)}`, { recursive: true });
    await Deno.writeFile(`${pets}/${path}`, picture);
  }
  const train = (data: string) =>
    asked([`--allow-read=${data}`, "cli.ts", "train", data, ...FAST, "--verbose"]);
  assert.deepEqual(await train(zip), [`read ${zip}`]);
  const inside = [pets, `${pets}/cat`, `${pets}/dog`, ...paths.map((path) => `${pets}/${path}`)];
  assert.deepEqual(await train(pets), inside.map((path) => `read ${path}`).sort());
});

Deno.test("the log that these tests read does show what is asked for", async () => {
  const found = await asked(["--allow-env=HOME", "data:text/javascript,Deno.env.get('HOME')"]);
  assert.deepEqual(found, ["env HOME"]);
});

Deno.test("a permission that is missing is named with the flag that grants it", async () => {
  const cases: [args: string[], permissions: string[], flag: string][] = [
    [["train", "LICENSE"], [], "--allow-read=LICENSE"],
    [["eval", "a.safetensors", "LICENSE"], [], "--allow-read=LICENSE"],
    [["inspect", "LICENSE"], [], "--allow-read=LICENSE"],
    [["export", "LICENSE", "--out", "x"], [], "--allow-read=LICENSE"],
    [["export", "LICENSE", "--out", "x"], ["--allow-read=LICENSE"], "--allow-write=x"],
    [
      ["export", "LICENSE", "--format", "tfjs", "--out", "x"],
      ["--allow-read=LICENSE"],
      "--allow-write=x",
    ],
    [["sample", "--out", "x.csv"], [], "--allow-write=x.csv"],
    [["train", "LICENSE", "--out", "x"], ["--allow-read=LICENSE"], "--allow-write=x"],
  ];
  for (const [args, permissions, flag] of cases) {
    const { code, stderr } = await graft(args, permissions);
    assert.equal(code, 1);
    assert.match(stderr, /^graft: [^\n]+\n$/);
    assert.ok(stderr.endsWith(`; run with ${flag}\n`), stderr);
  }
});

Deno.test("GRAFT_THREADS is heard where it may be read, and not asked for where not", async () => {
  await using folder = await emptyFolder();
  const data = folder.file("data.csv");
  await Deno.writeTextFile(data, sampleLines(60));
  const loud = FAST.map((flag) => flag === "--quiet" ? "--verbose" : flag);
  const run = (permissions: string[]) =>
    graft(["train", data, ...loud], [`--allow-read=${data}`, ...permissions], {
      GRAFT_THREADS: "1",
    });
  assert.match((await run(["--allow-env=GRAFT_THREADS"])).stderr, /GRAFT_THREADS = 1/);
  assert.match((await run([])).stderr, /backend: .*\d+ cores?\)/);
});
