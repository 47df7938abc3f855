import assert from "node:assert/strict";
import { createClassifier } from "../../src/classifier/create.ts";
import type { FitOptions } from "../../src/classifier/options.ts";
import { roughTuningTime } from "../../src/classifier/tuning_time.ts";
import { runningBackend } from "../../src/backend/start.ts";
import { createNetwork } from "../../src/model/create_network.ts";
import { UserError } from "../../src/core/errors.ts";
import { drawSample } from "../../src/data/sample.ts";
import { hflip } from "../../src/data/transforms/flip.ts";
import { held } from "../held.ts";
import { checkpointFolder } from "../../src/store/checkpoint.ts";

const { train, test } = drawSample({ rows: 90 }).split({ testSize: 30, stratify: true });
/** Fast settings: the smallest input, the first stages, a trunk without a download. */
const FAST = { weights: "random", imageSize: 28, stages: [3] } as const;
const BRIEF = { method: "auto", epochs: 1, batchSize: 20 } as const;

Deno.test("without time for fine-tuning the probe is kept, the same as without the question", async () => {
  using model = await createClassifier(FAST);
  await model.fit(train);
  const { head } = model;
  const notes: string[] = [];
  await model.fit(train, {
    method: "auto",
    budgetSeconds: 0.2,
    onNote: (line) => notes.push(line),
  });
  assert.deepEqual(model.head, head);
  const { method, choice, epochs } = model.training!;
  assert.deepEqual([method, epochs, choice!.budgetSeconds], ["probe", [], 0.2]);
  assert.equal(choice!.fineTuned, undefined);
  assert.match(choice!.reason, /^the probe is saved: .*(the budget is 1 s|budget of 1 s was over)/);
  assert.deepEqual(notes, [choice!.reason]);
});

Deno.test("what is declined for its time reserves no memory of training", async () => {
  using model = await createClassifier({ ...FAST, imageSize: 128, stages: [8] });
  const { memory } = runningBackend().runtime;
  const features = await model.features(train);
  await model.fit(train, { features });
  const recipe = model.recipeFor(train);
  roughTuningTime({ weights: model.checkpoint, data: train, recipe }, { epochs: 12 }); // its batch of pictures, once
  const before = memory.buffer.byteLength;
  await model.fit(train, { features, method: "auto", epochs: 10_000 });
  assert.match(model.training!.choice!.reason, /to fine-tune and see whether it pays takes about/);
  const declined = memory.buffer.byteLength - before;
  assert.equal(declined, 0);
  using network = createNetwork(model.checkpoint, { classes: 10, imageSize: 128, batchSize: 32 });
  assert.ok(network.bytes > 2e8, `${network.bytes}`); // what a single timed step would have taken
});

Deno.test("a rough time is proportional to epochs, and a frozen part leaves it open", async () => {
  using model = await createClassifier(FAST);
  const inputs = { weights: model.checkpoint, data: train, recipe: model.recipeFor(train) };
  const tensors = held();
  const full = roughTuningTime(inputs, { epochs: 1000 });
  const frozen = roughTuningTime(inputs, { epochs: 1000, freezeTo: "features.3" });
  assert.equal(held(), tensors);
  assert.ok(full.seconds > 0 && full.least < full.seconds);
  assert.ok(frozen.least / frozen.seconds < full.least / full.seconds);
});

Deno.test("with time LP-FT is trained and compared as by its own name", async () => {
  using model = await createClassifier(FAST);
  const lines: string[] = [];
  const tensors = held();
  await model.fit(train, {
    ...BRIEF,
    budgetSeconds: 600,
    onNote: (line, about) => lines.push(`${about}: ${line}`),
  });
  assert.equal(held(), tensors);
  const auto = await model.probabilities(test);
  const { method, choice, tuning } = model.training!;
  assert.match(
    lines[0],
    /^comparing: comparing the probe with fine-tuning: about \d.*, 10 min at most$/,
  );
  assert.deepEqual(lines.slice(1), [`chosen: ${choice!.reason}`]);
  assert.deepEqual([choice!.reason, method], [tuning!.reason, tuning!.kept]);
  await model.fit(train, { ...BRIEF, method: "lpft" });
  assert.deepEqual(model.training!.tuning, tuning);
  assert.deepEqual(await model.probabilities(test), auto);
});

Deno.test("a stop while the methods are compared keeps the probe", async () => {
  using model = await createClassifier(FAST);
  await model.fit(train);
  const { head } = model;
  const stop = new AbortController();
  await model.fit(train, {
    ...BRIEF,
    epochs: 50,
    budgetSeconds: 6000,
    stop: stop.signal,
    onProgress: ({ stage }) => stage.endsWith("train") && stop.abort(new Error("enough")),
  });
  assert.deepEqual(model.head, head);
  assert.match(model.training!.choice!.reason, /stopped before fine-tuning could be compared/);
  const signal = new AbortController();
  const reason = new Error("at once");
  await assert.rejects(
    model.fit(train, {
      ...BRIEF,
      signal: signal.signal,
      budgetSeconds: 6000,
      onNote: () => signal.abort(reason),
    }),
    reason,
  );
});

Deno.test("views are for the probe, and the pictures themselves for the score", async () => {
  using model = await createClassifier(FAST);
  const transform = { name: "turn", apply: hflip };
  await model.fit(train, { ...BRIEF, budgetSeconds: 600, augment: { transform, views: 2 } });
  assert.equal(model.training!.tuning!.images, 12);
  assert.equal((await model.evaluate(test)).accuracy.n, 30);
});

Deno.test("options that auto has no use for are refused", async () => {
  using model = await createClassifier(FAST);
  const cases: [FitOptions, RegExp][] = [
    [{ method: "probe", budgetSeconds: 5 }, /budgetSeconds belongs to "auto"/],
    [{ method: "finetune", onNote: () => {} }, /onNote belongs to "lpft" and "auto"/],
    [{ method: "auto", budgetSeconds: -1 }, /budgetSeconds is -1, expected 0 or more/],
    [{ method: "auto", budgetSeconds: NaN }, /budgetSeconds is NaN/],
    [
      { method: "auto", fineTune: { checkpoint: { store: checkpointFolder("run") } } },
      /a checkpoint belongs to a single run/,
    ],
  ];
  for (const [options, message] of cases) {
    await assert.rejects(
      model.fit(train, options),
      (error) => error instanceof UserError && message.test(error.message),
      `${message}`,
    );
  }
});
