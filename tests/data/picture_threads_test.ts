// Threads that make pictures: how they start and end, and that their program is what its sources make.
import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { decodeBase64 } from "../../src/core/base64.ts";
import { IMAGENET_PREPROCESSING } from "../../src/core/preprocessing.ts";
import { RandomState } from "../../src/core/random.ts";
import {
  pictureThreads,
  portableOptions,
  stopPictureThreads,
} from "../../src/data/picture_threads.ts";
import { transformFrom } from "../../src/data/transforms/from_recipe.ts";
import { parseTransform, TRANSFORM_FORMS } from "../../src/data/transforms/parse.ts";
import { randomResizedCrop } from "../../src/data/transforms/crop.ts";
import { randomErasing } from "../../src/data/transforms/erasing.ts";
import { randomRotation } from "../../src/data/transforms/rotation.ts";
import { compose, recipeOf, type Transform } from "../../src/data/transforms/transform.ts";
import jpegs from "../fixtures/jpegs.json" with { type: "json" };

const ROOT = new URL("../../", import.meta.url);
const file = decodeBase64(jpegs[0].file);
const options = portableOptions({
  size: 28,
  preprocessing: IMAGENET_PREPROCESSING,
  views: ["itself"],
})!;

/** A test with threads of its own. */
function threadTest(name: string, body: () => Promise<void>): void {
  Deno.test({
    name,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      stopPictureThreads();
      try {
        await body();
      } finally {
        stopPictureThreads();
      }
    },
  });
}

Deno.test("bundling the threads' program again gives the committed text", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    // --no-lock: the bundler is no dependency of the project and stays out of its lock file.
    args: ["run", "-A", "--no-lock", "src/data/_worker/build.ts", "--check"],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const said = new TextDecoder().decode(stderr);
  if (code !== 0 && /sending request|registry\.npmjs\.org.*(dns|connect|offline)/is.test(said)) {
    console.warn("SKIPPED: npm cannot be reached, the threads' program was not bundled again");
    return;
  }
  assert.equal(code, 0, said);
});

Deno.test("a transform of graft's own is made again from plain data, and does the same", () => {
  const image = {
    data: Uint8Array.from({ length: 24 * 31 * 3 }, (_, i) => (i * 37) % 256),
    height: 24,
    width: 31,
    channels: 3,
  } as const;
  const transforms = [
    ...TRANSFORM_FORMS.map(({ shorthand }) => parseTransform(shorthand)),
    randomRotation(30, {
      expand: true,
      center: [3, 4],
      fill: [1, 2, 3],
      interpolation: "bilinear",
    }),
    randomResizedCrop({ size: { height: 9, width: 7 }, scale: [0.1, 0.2] }),
    randomErasing({ p: 1, value: "random" }),
    randomErasing({ p: 1, value: [9, 8, 7] }),
    compose([parseTransform("flip,blur"), parseTransform("jitter")]),
  ];
  for (const transform of transforms) {
    const again = transformFrom(JSON.parse(JSON.stringify(recipeOf(transform))));
    assert.equal(again.name, transform.name);
    for (let seed = 0; seed < 20; seed++) {
      assert.deepEqual(
        again.apply(image, new RandomState(seed)),
        transform.apply(image, new RandomState(seed)),
        transform.name,
      );
    }
  }
  assert.throws(() => transformFrom({ kind: "toString", parameters: {} }), UserError);
});

Deno.test("a transform of someone else's has no recipe, whatever its name, nor has a row with one in it", () => {
  const flip = parseTransform("flip");
  const other: Transform = { ...flip, apply: (image) => image };
  assert.equal(recipeOf(other), undefined);
  assert.equal(recipeOf(compose([flip, other])), undefined);
  const views = ["itself", compose([flip, other])] as const;
  assert.equal(
    portableOptions({ size: 28, preprocessing: IMAGENET_PREPROCESSING, views }),
    undefined,
  );
});

threadTest("threads start when they are asked for, stay, and answer each for itself", async () => {
  const { threads, fellBack } = await pictureThreads(2);
  assert.deepEqual([threads.length, fellBack], [2, false]);
  const answers = await Promise.all(threads.map((thread) => {
    const answer = thread.make(options, { file, name: "a.jpg" }, [0]);
    assert.equal(thread.waiting, 1);
    return answer;
  }));
  assert.deepEqual(answers[0], answers[1]);
  assert.equal(answers[0].length, 28 * 28 * 3);
  assert.deepEqual(threads.map(({ waiting }) => waiting), [0, 0]);
  assert.ok(file.length > 0, "the file is still there");
  const more = await pictureThreads(3);
  assert.deepEqual(more.threads.slice(0, 2), threads);
  assert.deepEqual((await pictureThreads(0)).threads, []);
  assert.equal((await pictureThreads(1)).threads[0], threads[0]);
});

threadTest(
  "what a thread has not answered when it ends is refused, and others take its place",
  async () => {
    const { threads: [thread] } = await pictureThreads(1);
    const answer = assert.rejects(
      thread.make(options, { file, name: "a.jpg" }, [0]),
      /Cannot make pictures on a thread of their own: it has ended/,
    );
    stopPictureThreads();
    await answer;
    await assert.rejects(thread.make(options, { file, name: "a.jpg" }, [0]), /it has ended/);
    const { threads: [next] } = await pictureThreads(1);
    assert.ok(await next.make(options, { file, name: "a.jpg" }, [0]));
  },
);

/** A program that makes a picture on a thread, says so, and leaves another one to it. */
const PROGRAM = `
import { pictureThreads } from ${JSON.stringify(new URL("src/data/picture_threads.ts", ROOT).href)};
const { threads, fellBack, why } = await pictureThreads(2);
const picture = () => ({ file: new Uint8Array(${JSON.stringify([...file])}), name: "a.jpg" });
for (const thread of threads) {
  console.log((await thread.make(${JSON.stringify(options)}, picture(), [0])).length);
}
console.log(fellBack, why);
threads[0]?.make(${JSON.stringify(options)}, picture(), [0]);
`;

async function run(...flags: string[]) {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/program.ts`, PROGRAM);
    await Deno.writeTextFile(`${folder}/none.ts`, "export {};");
    const map = { imports: { "node:worker_threads": `file://${folder}/none.ts` } };
    await Deno.writeTextFile(`${folder}/none.json`, JSON.stringify(map));
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--no-lock", ...flags, `${folder}/program.ts`].map((arg) =>
        arg.replace("FOLDER", folder)
      ),
      env: { NO_COLOR: "1" },
    }).output();
    const [out, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    return { code, out, errors };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("threads need no permission and keep no process alive that has nothing to wait for", async () => {
  const { code, out, errors } = await run();
  assert.equal(code, 0, errors);
  assert.equal(out, "2352\n2352\nfalse 2 beside the calling one\n");
});

Deno.test("where there are no threads it is said why", async () => {
  const { code, out, errors } = await run("--import-map=FOLDER/none.json");
  assert.equal(code, 0, errors);
  assert.match(out, /^true threads could not start: /);
});
