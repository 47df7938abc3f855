// Threads that cannot be had or ended, and images that find no memory: each request has its answer, and the server goes on.
import assert from "node:assert/strict";

const HERE = new URL("./programs/", import.meta.url).href;
const MAKER = {
  views: ["itself"],
  size: 8,
  preprocessing: {
    ...{ mean: [0, 0, 0], std: [1, 1, 1], resizeSize: 8, cropSize: 8, interpolation: "bilinear" },
  },
};

/** Output lines of a program that gets `threads` for `node:worker_threads`. */
async function run(program: string, threads: string, ...args: string[]): Promise<string[]> {
  const map = await Deno.makeTempFile({ suffix: ".json" });
  try {
    const imports = { "node:worker_threads": `${HERE}${threads}` };
    await Deno.writeTextFile(map, JSON.stringify({ imports }));
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-prompt", "--no-lock", "--no-check", `--import-map=${map}`],
        ...[`${HERE}${program}`, ...args],
      ],
      env: { NO_COLOR: "1" },
    }).output();
    const [out, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assert.equal(code, 0, errors);
    return out.trimEnd().split("\n");
  } finally {
    await Deno.remove(map);
  }
}

Deno.test("without threads, an image that finds no memory is answered, and so is the next one", async () => {
  const size = 1e6; // 12 TB of pixels
  const answers = await run("decode.ts", "no_worker.ts", JSON.stringify({ ...MAKER, size }));
  assert.equal(answers.length, 4, answers.join("\n"));
  for (const answer of answers.slice(0, 3)) assert.match(answer, /^RangeError: /);
  assert.equal(answers[3], "closed");
});

Deno.test("without threads, images are decoded, and refused if the way to prepare them is wrong", async () => {
  const values = String(3 * 8 * 8);
  assert.deepEqual(await run("decode.ts", "no_worker.ts", JSON.stringify(MAKER)), [
    ...[values, values, values, "closed"],
  ]);
  const { mean: _, ...preprocessing } = MAKER.preprocessing;
  const wrong = JSON.stringify({ ...MAKER, preprocessing });
  const answers = await run("decode.ts", "no_worker.ts", wrong);
  assert.equal(answers.length, 4, answers.join("\n"));
  for (const answer of answers.slice(0, 3)) assert.match(answer, /^TypeError: /);
});

Deno.test("threads that cannot be ended when they are given up leave no error that nobody catches", async () => {
  const answers = await run("decode.ts", "stuck_worker.ts", JSON.stringify(MAKER));
  assert.equal(answers.length, 4, answers.join("\n"));
  for (const answer of answers.slice(0, 3)) {
    assert.match(answer, /^UserError: Cannot read the image: it took more than 30 ms to decode/);
  }
  assert.equal(answers[3], "closed");
});

Deno.test("a listener that throws at the news that there are no threads keeps no request waiting", async () => {
  const [answer, errors] = await run("complaining.ts", "no_worker.ts");
  assert.equal(answer, "200 1");
  assert.match(errors, /^Error: told: images are decoded on the event loop, .*threads could not/);
});
