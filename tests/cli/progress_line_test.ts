import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import type { Progress } from "../../src/core/progress.ts";
import { durationText, progressLine } from "../../src/cli/progress_line.ts";
import { followStage, type RunningStage } from "../../src/cli/running_stage.ts";
import { textWidth } from "../../src/cli/text_width.ts";

/** A stage after these reports, one a second. */
function stageOf(...reports: Progress[]): RunningStage {
  return reports.reduce<RunningStage | undefined>(
    (stage, report, i) => followStage(stage, report, 1000 * i),
    undefined,
  )!;
}

/** Training of 4 epochs of 5 steps, up to some step. */
function training(steps: number, losses: (step: number) => number): RunningStage {
  return stageOf(...Array.from({ length: steps }, (_, i) => ({
    stage: "train",
    done: i + 1,
    total: 20,
    unit: "steps",
    detail: { epoch: Math.floor(i / 5) + 1, loss: losses(i + 1) },
  })));
}

Deno.test("the line tells stage, bar, count, share, rate and the time left", () => {
  const at = (done: number) => ({ stage: "features", done, total: 900, unit: "images" });
  const stage = stageOf(at(0), at(100), at(200));
  assert.equal(
    progressLine(stage, 2000, { width: 80 }),
    "features  ━━────────  200/900 images  22 %  100/s  7 s left",
  );
  assert.equal(
    progressLine(stage, 2000, { width: 80, unicode: false }),
    "features  [##........]  200/900 images  22 %  100/s  7 s left",
  );
});

Deno.test("training tells its loss and the curve of it, an epoch a block", () => {
  const line = progressLine(training(18, (step) => 2 - step / 20), 17_000, { width: 100 });
  assert.equal(
    line,
    "train  ━━━━━━━━━─  18/20 steps  90 %  epoch 4  loss 1.100  █▅▂▁  1.0/s  2 s left",
  );
  const ascii = progressLine(training(18, (step) => 2 - step / 20), 17_000, {
    width: 100,
    unicode: false,
  });
  assert.ok(/^[ -~]+$/.test(ascii), ascii);
});

Deno.test("in a narrow terminal what is missed least goes first", () => {
  const stage = training(18, (step) => 2 - step / 20);
  const at = (width: number) => progressLine(stage, 17_000, { width });
  assert.equal(at(70), "train  18/20 steps  90 %  epoch 4  loss 1.100  █▅▂▁  1.0/s  2 s left");
  assert.equal(at(63), "train  18/20 steps  90 %  epoch 4  loss 1.100  1.0/s  2 s left");
  assert.equal(at(55), "train  18/20 steps  90 %  loss 1.100  1.0/s  2 s left");
  assert.equal(at(46), "train  18/20 steps  90 %  loss 1.100  2 s left");
  assert.equal(at(40), "train  18/20 steps  90 %  loss 1.100");
  assert.equal(at(30), "train  18/20 steps  90 %");
  assert.equal(at(12), "train  90 %");
  assert.equal(at(4), "tra…");
  for (let width = 1; width < 100; width++) assert.ok(textWidth(at(width)) <= width, `${width}`);
});

Deno.test("colours change no letter", () => {
  const stage = training(18, (step) => 2 - step / 20);
  const coloured = progressLine(stage, 17_000, { width: 80, color: true });
  assert.ok(coloured.includes("\x1b[36m█▅▂▁\x1b[39m"), JSON.stringify(coloured));
  assert.equal(
    stripVTControlCharacters(coloured),
    progressLine(stage, 17_000, { width: 80 }),
  );
});

Deno.test("bytes are told in megabytes, and what has no total without a share", () => {
  const at = (done: number, total?: number) => ({ stage: "download", done, total, unit: "bytes" });
  assert.equal(
    progressLine(stageOf(at(0, 20e6), at(2e6, 20e6), at(5e6, 20e6)), 2000, { width: 80 }),
    "download  ━━╸───────  5.0/20.0 MB  25 %  2.5 MB/s  6 s left",
  );
  assert.equal(
    progressLine(stageOf(at(0), at(2e6), at(5e6)), 2000, { width: 80 }),
    "download  5.0 MB  2.5 MB/s",
  );
});

Deno.test("figures are in words and keep their width", () => {
  const detail = { epoch: 2, loss: 0.5, validationLoss: 0.12345678 };
  const line = progressLine(
    stageOf({ stage: "train", done: 1, total: 2, detail }),
    0,
    { width: 100 },
  );
  assert.equal(line, "train  ━━━━━─────  1/2  50 %  epoch 2  validation loss 0.1235  loss 0.5000");
});

Deno.test("waits are no finer than an estimate is", () => {
  assert.deepEqual(
    [0, 0.2, 59.5, 99, 99.5, 348, 5900, 7230].map(durationText),
    ["0 s", "1 s", "60 s", "99 s", "2 min", "6 min", "98 min", "2 h 1 min"],
  );
});
