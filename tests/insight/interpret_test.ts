import assert from "node:assert/strict";
import { createClassifier } from "../../src/classifier/create.ts";
import { UserError } from "../../src/core/errors.ts";
import { ImageDataset } from "../../src/data/dataset.ts";
import { drawSample } from "../../src/data/sample.ts";
import { held } from "../held.ts";
import { interpret, type InterpretOptions } from "../../src/insight/interpret.ts";

// The backend's threads outlive the test that happened to start them.
const outlives = { sanitizeOps: false, sanitizeResources: false };

async function trained(method: "probe" | "finetune" = "probe") {
  const { train, test } = drawSample({ rows: 150 }).split({ testSize: 30, stratify: true });
  const model = await createClassifier({ weights: "random", imageSize: 28, stages: [3] });
  await model.fit(train, {
    method,
    ...method === "finetune" && { epochs: 1, fineTune: { freezeTo: "features.3" } },
  });
  return { model, train, test };
}

Deno.test({
  name: "an interpretation has all parts, and they agree with one another",
  ...outlives,
  async fn() {
    const { model, train, test } = await trained();
    using _ = model;
    const before = held();
    const stages = new Set<string>();
    const found = await interpret(model, test, {
      train,
      top: 6,
      neighbours: 3,
      onProgress: ({ stage }) => stages.add(stage),
    });
    assert.equal(held(), before);
    assert.deepEqual(found.evaluation, await model.evaluate(test));
    const answers = found.reliability.bins.reduce((sum, { count }) => sum + count, 0);
    assert.equal(answers, 30);
    const mistakes = Math.round(30 * (1 - found.evaluation.accuracy.value));
    assert.equal(found.mostConfused.reduce((sum, { count }) => sum + count, 0), mistakes);

    assert.deepEqual([found.topLosses.length, found.random.length], [6, 6]);
    const wrong = found.topLosses.filter(({ label, predicted }) => label !== predicted);
    assert.ok(wrong.length > 0, "nothing to look at: make the task harder");
    for (const { row, label, name } of [...found.topLosses, ...found.random]) {
      assert.deepEqual([label, name], [test.labels[row], test.name(row)]);
      const map = found.heatmaps.find((map) => map.row === row);
      assert.ok(map !== undefined && map.values.length === map.height * map.width);
    }
    const answer = (row: number) =>
      [...found.topLosses, ...found.random].find((loss) => loss.row === row)!.predicted;
    assert.ok(found.heatmaps.every(({ row, target }) => target === answer(row)));
    assert.equal(new Set(found.heatmaps.map(({ row }) => row)).size, found.heatmaps.length);

    assert.deepEqual(found.neighbours.map(({ row }) => row), wrong.map(({ row }) => row));
    for (const { nearest } of found.neighbours) {
      assert.equal(nearest.length, 3);
      assert.ok(nearest.every(({ row }) => row < train.length));
    }
    assert.deepEqual([found.map!.x.length, found.map!.part.at(0), found.map!.part.at(-1)], [
      150,
      "train",
      "test",
    ]);
    assert.ok(found.learningCurve!.length > 2 && found.moreData!.rows === train.length);
    assert.ok(found.suspects.every(({ row, given }) => train.labels[row] === given));
    assert.deepEqual(found.notes, []);
    assert.deepEqual([...stages].sort(), [
      "features",
      "heatmaps",
      "held-out probes",
      "learning curve",
      "map",
      "neighbours",
    ]);
  },
});

Deno.test({
  name:
    "features that are given are used, parts that are not wanted are left out, and the same again is the same",
  ...outlives,
  async fn() {
    const { model, train, test } = await trained();
    using _ = model;
    const given = {
      features: await model.features(test),
      trainFeatures: await model.features(train),
    };
    const lean: InterpretOptions = {
      train,
      heatmaps: false,
      neighbours: 0,
      map: false,
      learningCurve: false,
      suspects: false,
    };
    const stages: string[] = [];
    const found = await interpret(model, test, {
      ...given,
      ...lean,
      onProgress: ({ stage }) => stages.push(stage),
    });
    assert.deepEqual(stages, []);
    const { heatmaps, neighbours, map, learningCurve, moreData, suspects, notes } = found;
    assert.deepEqual([heatmaps, neighbours, suspects, notes], [[], [], [], []]);
    assert.deepEqual([map, learningCurve, moreData], [undefined, undefined, undefined]);
    const whole = { ...given, train, heatmaps: false, suspects: false };
    assert.deepEqual(await interpret(model, test, whole), await interpret(model, test, whole));
    const alone = await interpret(model, test, { heatmaps: false });
    assert.deepEqual([alone.neighbours, alone.learningCurve, alone.suspects], [[], undefined, []]);
    assert.equal(alone.map!.x.length, 30);
  },
});

Deno.test({
  name: "of a fine-tuned trunk, what it cannot tell is left out with a note",
  ...outlives,
  async fn() {
    const { model, train, test } = await trained("finetune");
    using _ = model;
    const found = await interpret(model, test, { train });
    assert.deepEqual([found.learningCurve, found.suspects], [undefined, []]);
    assert.equal(found.notes.length, 1);
    assert.match(
      found.notes[0],
      /learning curve and the search for wrong labels; the trunk was fine-tuned/,
    );
    assert.ok(found.heatmaps.length > 0 && found.map!.x.length === 150);
  },
});

Deno.test({
  name: "what cannot be interpreted is refused in a line",
  ...outlives,
  async fn() {
    const { model, train, test } = await trained();
    using _ = model;
    const features = await model.features(test);
    const refused = (data: ImageDataset, options: InterpretOptions, message: RegExp) =>
      assert.rejects(
        interpret(model, data, options),
        (error) => error instanceof UserError && message.test(error.message),
      );
    const unlabelled = ImageDataset.fromImages(await test.images([0, 1]));
    await refused(unlabelled, {}, /pictures without a label/);
    await refused(test.subset([]), {}, /has no pictures/);
    await refused(test, { trainFeatures: features }, /give train, too/);
    await refused(test, { randomState: -1 }, /seed is -1/);
    await assert.rejects(
      interpret(model, test, { train, features, trainFeatures: features }),
      /the features: they have 30 rows/,
    );
    await assert.rejects(interpret(model, test, { signal: AbortSignal.abort() }), /abort/i);
    using untrained = await createClassifier({ weights: "random", imageSize: 28 });
    await assert.rejects(interpret(untrained, test), /not trained; call fit/);
  },
});
