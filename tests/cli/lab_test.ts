// `graft lab` as a user runs it, on a random trunk and a few pictures.
import assert from "node:assert/strict";
import { emptyFolder, graft, graftJson, sampleLines } from "./graft.ts";

/** The shortest lab: 200 pictures are two batches to train on and one apart. */
const SHORT = ["--weights", "random", "--epochs", "2"];

interface Phase {
  readonly costs: number[];
  readonly validationCosts: number[] | null;
  readonly trainMode: Record<"train" | "test", { value: number; n: number }>;
  readonly evalMode: Record<"train" | "test", { value: number; n: number }>;
}

interface LabJson {
  readonly lab: Record<"frozen" | "fineTuned", Phase> & Record<string, unknown>;
  readonly graft: { readonly evaluation: { readonly accuracy: { value: number; n: number } } };
  readonly reasons: { name: string; text: string }[];
  readonly weights: Record<string, string>;
  readonly out: string[];
}

Deno.test("lab reads the data, writes three files into its folder, and needs no more", async () => {
  await using folder = await emptyFolder();
  const [data, out] = [folder.file("data.csv"), folder.file("out")];
  await Deno.writeTextFile(data, sampleLines(200));
  const found = await graftJson(["lab", data, ...SHORT, "--out", out, "--quiet"], [
    `--allow-read=${data}`,
    `--allow-write=${out}`,
  ]) as unknown as LabJson;
  const { lab, graft: byDefault, reasons, weights } = found;
  assert.deepEqual(lab.pictures, { train: 180, test: 20 });
  assert.deepEqual([lab.epochs, lab.seed, lab.batches, lab.batchSize], [2, 7, 2, 100]);
  assert.equal(lab.validationScale, 2);
  const { frozen, fineTuned } = lab;
  for (const { costs, trainMode, evalMode } of [frozen, fineTuned]) {
    assert.equal(costs.length, 2);
    // Two batches, each between a wholly right answer and one that is surely wrong: log(1 + 9 / e) and 1 more.
    assert.ok(costs.every((cost) => cost > 2 * 1.46 && cost < 2 * 2.47), costs.join());
    for (const { train, test } of [trainMode, evalMode]) {
      assert.deepEqual([train.n, test.n], [180, 20]);
    }
  }
  assert.equal(frozen.validationCosts?.length, 2);
  assert.equal(fineTuned.validationCosts, null);
  assert.equal(byDefault.evaluation.accuracy.n, 20);
  assert.ok(reasons.length > 0 && weights.sha256.length === 64);

  assert.deepEqual(
    found.out,
    ["lab.html", "frozen_cost.svg", "fine_tuned_cost.svg"].map((name) => `${out}/${name}`),
  );
  assert.deepEqual(folder.names(), ["data.csv", "out"]);
  assert.equal([...Deno.readDirSync(out)].length, 3);
  assert.match(await Deno.readTextFile(found.out[0]), /^<!doctype html>[^]*<\/html>\n$/);
});

Deno.test("lab prints a report for people, the same for the same seed", async () => {
  await using folder = await emptyFolder();
  const data = folder.file("data.csv");
  await Deno.writeTextFile(data, sampleLines(120));
  const run = async (seed: string) => {
    const args = ["lab", data, "--weights", "random", "--epochs", "1", "--seed", seed, "--quiet"];
    const { code, stdout, stderr } = await graft(args, [`--allow-read=${data}`]);
    assert.equal(code, 0, stderr);
    assert.equal(stderr, "");
    // Times differ.
    return stdout.replace(/ +\d+\.\d$/gm, "").replace(/, \d+\.\d s$/m, "");
  };
  const first = await run("7");
  const flat = first.replace(/\s+/g, " ");
  assert.match(
    flat,
    /^The lab as written, on data\.csv: 108 pictures to train on, 12 kept apart\. /,
  );
  assert.match(first, /\nfine-tuned +eval +0\.\d{3} +0\.\d{3}\n/);
  assert.match(first, /\nWhy they differ:\n- softmax twice: /);
  assert.equal(await run("7"), first);
  assert.notEqual(await run("8"), first);
});

const CASES: [name: string, content: string | null, args: string[], message: RegExp][] = [
  [
    "no file",
    null,
    [],
    /data\.csv: there is no such file; the lab wants .* cli\.ts lab DATA --weights/,
  ],
  [
    "no labels",
    sampleLines(40, (lines) => lines[0] = lines[0].replace(/,"?y"?$/, ",kind")),
    [],
    /none of its columns is called "y"/,
  ],
  [
    "pictures too small for the assignment",
    "p1,p2,p3,p4,y\n" + Array.from({ length: 40 }, (_, i) => `1,2,3,${i},${i % 2}\n`).join(""),
    [],
    /row 1 has 2 x 2 pixels, expected at least 3 x 3, which a blur of 5 x 5 needs/,
  ],
  [
    "one class",
    sampleLines(40, (lines) => {
      for (let i = 1; i < lines.length; i++) lines[i] = lines[i].replace(/,[^,]*$/, ",3");
    }),
    [],
    /all 40 pictures are of class "3"/,
  ],
  [
    "one picture in the last batch",
    sampleLines(113),
    [],
    /of its 101 train pictures the last batch/,
  ],
  ["unknown weights", sampleLines(40), ["--weights", "imagenett"], /"imagenett".*known are/],
];

for (const [name, content, args, message] of CASES) {
  Deno.test(`lab: ${name} is one clear line and exit code 1, and leaves nothing behind`, async () => {
    await using folder = await emptyFolder();
    const data = folder.file("data.csv");
    if (content !== null) await Deno.writeTextFile(data, content);
    const before = folder.names();
    const real = args.map((arg) => arg.replace("OUT", folder.file("OUT")));
    const usual = { "--weights": "random", "--out": folder.file("new") };
    const flags = Object.entries(usual).filter(([name]) => !args.includes(name)).flat();
    const { code, stdout, stderr } = await graft(
      ["lab", data, ...flags, ...real],
      [`--allow-read=${folder.path}`, `--allow-write=${folder.path}`],
    );
    assert.equal(code, 1, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, /^graft: [^\n]+\n$/);
    assert.match(stderr, message);
    assert.deepEqual(folder.names(), before);
  });
}

Deno.test("lab replaces an older report where it may look at it, and nothing else", async () => {
  await using folder = await emptyFolder();
  const [data, page] = [folder.file("data.csv"), folder.file("lab.html")];
  await Deno.writeTextFile(data, sampleLines(40));
  await Deno.writeTextFile(page, "<!doctype html>\n<p>mine</p>\n");
  const args = ["lab", data, ...SHORT, "--out", folder.path];
  const write = `--allow-write=${folder.path}`;
  const blind = await graft(args, [`--allow-read=${data}`, write]);
  assert.equal(blind.code, 1);
  assert.match(
    blind.stderr,
    /^graft: .*lab\.html is written in place.*\ngraft: Cannot read .*lab\.html: Deno may not; run with --allow-read=.*lab\.html\n$/,
  );
  const seeing = await graft(args, [`--allow-read=${folder.path}`, write]);
  assert.equal(seeing.code, 1);
  assert.match(
    seeing.stderr,
    /^graft: Cannot write .*lab\.html: there is a file that graft did not write/,
  );
  assert.equal(await Deno.readTextFile(page), "<!doctype html>\n<p>mine</p>\n");
});

Deno.test("lab's flags are checked", async () => {
  const cases: [args: string[], message: RegExp][] = [
    [["lab"], /^graft: lab needs <data>\nusage: graft lab <data> \[flags\]\n$/],
    [["lab", "a.csv", "--epochs", "0"], /--epochs is "0", expected a whole number of at least 1/],
    [["lab", "a.csv", "--seed", "0.5"], /--seed is "0\.5", expected a whole number from 0/],
    [["lab", "a.csv", "--image-size", "8"], /--image-size is "8", expected a whole number from 28/],
    [["lab", "a.csv", "--variant", "keras"], /expected "torchvision" or "google"/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await graft(args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
  }
});

Deno.test("Ctrl-C stops the lab with 130 and leaves no folder behind", async () => {
  await using folder = await emptyFolder();
  const data = folder.file("data.csv");
  await Deno.writeTextFile(data, sampleLines(400));
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", `--allow-read=${folder.path}`, `--allow-write=${folder.path}`],
      ...["cli.ts", "lab", data, "--weights", "random", "--out", folder.file("out"), "--verbose"],
    ],
    cwd: new URL("../../", import.meta.url),
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let said = "";
  for await (const chunk of process.stderr.pipeThrough(new TextDecoderStream())) {
    const before = said.includes("backend:");
    said += chunk;
    if (!before && said.includes("backend:")) process.kill("SIGINT"); // training comes next
  }
  assert.equal((await process.status).code, 130);
  assert.equal(await new Response(process.stdout).text(), "");
  assert.match(said, /graft: stopped by Ctrl-C\n$/);
  assert.deepEqual(folder.names(), ["data.csv"]);
});
