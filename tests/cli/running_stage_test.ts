import assert from "node:assert/strict";
import { followStage, goesOn, paceOf } from "../../src/cli/running_stage.ts";

const REPORT = { stage: "download", done: 50, total: 100 };

Deno.test("the rate counts from where the stage was first heard of", () => {
  const begun = followStage(undefined, REPORT, 1000); // half was there already
  assert.deepEqual(paceOf(begun, 1500), { seconds: 0.5 });
  const later = followStage(begun, { ...REPORT, done: 75 }, 6000);
  assert.deepEqual(paceOf(later, 6000), { seconds: 5, perSecond: 5, secondsLeft: 5 });
});

Deno.test("a rate of less than a second is no rate", () => {
  const stage = followStage(followStage(undefined, REPORT, 0), { ...REPORT, done: 60 }, 999);
  assert.deepEqual(paceOf(stage, 5000), { seconds: 5 });
});

Deno.test("without a total there is a rate and no end, and an end that is late is now", () => {
  const { total: _, ...open } = REPORT;
  const stage = followStage(followStage(undefined, open, 0), { ...open, done: 60 }, 2000);
  assert.deepEqual(paceOf(stage, 2000), { seconds: 2, perSecond: 5 });
  const late = followStage(followStage(undefined, REPORT, 0), { ...REPORT, done: 90 }, 2000);
  assert.equal(paceOf(late, 60_000).secondsLeft, 0);
});

Deno.test("another name, or fewer units, are another stage", () => {
  const stage = followStage(undefined, REPORT, 0);
  assert.equal(goesOn(stage, { ...REPORT, done: 51 }), true);
  assert.equal(goesOn(stage, { ...REPORT, done: 49 }), false);
  assert.equal(goesOn(stage, { ...REPORT, stage: "features" }), false);
  assert.equal(goesOn(undefined, REPORT), false);
  assert.equal(followStage(stage, { ...REPORT, done: 49 }, 7).since, 7);
});

Deno.test("costs are one an epoch, its newest, or one a report", () => {
  const costsOf = (details: Record<string, number>[]) =>
    details.reduce(
      (stage, detail, done) => followStage(stage, { stage: "train", done, detail }, done),
      followStage(undefined, { stage: "train", done: 0 }, 0),
    ).costs;
  assert.deepEqual(
    costsOf([
      { epoch: 1, loss: 3 },
      { epoch: 1, loss: 2 },
      { epoch: 2, loss: 1.5 },
      { epoch: 2, loss: 1 },
      { epoch: 3, loss: 0.5 },
    ]),
    [2, 1, 0.5],
  );
  assert.deepEqual(costsOf([{ cost: 3 }, { cost: 2 }, { gap: 9 }]), [3, 2]);
});
