import assert from "node:assert/strict";
import type { ReportData, Standing } from "../../../src/insight/report/report_data.ts";
import {
  calibrationText,
  cautions,
  commandText,
  duration,
  leadText,
  trainingText,
} from "../../../src/insight/report/words.ts";
import { EXAMPLE_MODEL, exampleInterpretation } from "./example_report.ts";

const plain = (text: string) => text.replaceAll("\u00a0", " ");
const METRICS = {
  accuracy: { value: 0.86, low: 0.779, high: 0.915, n: 100 },
  logLoss: 0.4,
  macroF1: 0.85,
  majority: 0.13,
};
const seen = (standing: Standing, more: Partial<ReportData> = {}): ReportData => ({
  ...{ name: "m", model: EXAMPLE_MODEL, interpretation: exampleInterpretation() },
  data: { name: "d", pictures: 180, scored: 60, trained: 0, standing },
  ...more,
});

Deno.test("a report opens with accuracy, interval, number of pictures and what guessing gives", () => {
  const told = { name: "m", model: { ...EXAMPLE_MODEL, metrics: METRICS } };
  assert.equal(
    plain(leadText(told)),
    "Of 100 pictures that it was not trained on, it names 86 rightly: 86.0 %, with a 95 % interval " +
      "from 77.9 % to 91.5 %. Always guessing the commonest class would name 13.0 % rightly.",
  );
  assert.match(leadText({ name: "m", model: EXAMPLE_MODEL }), /not known: no pictures were kept/);
  // What was seen now goes before what the file tells.
  assert.match(leadText({ ...told, ...seen("test") }), /^Of 60 pictures that it was not/);
});

Deno.test("pictures that may have been trained on are never said to be new", () => {
  assert.doesNotMatch(leadText(seen("other")), /not trained on/);
  assert.doesNotMatch(leadText(seen("unknown")), /not trained on/);
  assert.match(cautions(seen("other")).join(), /other data[^]*cannot be known/);
  assert.match(cautions(seen("unknown")).join(), /does not tell which data/);
  assert.deepEqual(cautions(seen("test")), []);
});

Deno.test("a score on pictures that chose the epoch is called optimistic, on others not", () => {
  const validation = { rows: 60, part: "test" } as const;
  const model = { ...EXAMPLE_MODEL, training: { ...EXAMPLE_MODEL.training!, validation } };
  assert.match(cautions(seen("test", { model })).join(), /optimistic/);
  assert.match(cautions({ name: "m", model }).join(), /optimistic/);
  assert.doesNotMatch(cautions(seen("other", { model })).join(), /optimistic/);
});

Deno.test("a score that is not the one in the file is pointed out", () => {
  const told = (value: number) => ({
    ...EXAMPLE_MODEL,
    metrics: { ...METRICS, accuracy: { ...METRICS.accuracy, value, n: 60 } },
  });
  assert.match(cautions(seen("test", { model: told(0.9) })).join(), /When it was saved/);
  assert.deepEqual(cautions(seen("test", { model: told(0.8) })), []);
});

Deno.test("training is told with its stopping point and what judged it", () => {
  const training = EXAMPLE_MODEL.training!;
  const text = plain(trainingText(training).join(" "));
  assert.match(text, /fine-tuned, in 1 min 23 s\. Stopped early after 14 epochs; the best was/);
  assert.match(text, /epoch 9, judged by 20 pictures that were neither trained nor tested on\./);
  const probe = { ...training, method: "probe", epochs: [], bestEpoch: undefined } as const;
  assert.doesNotMatch(trainingText(probe).join(" "), /epoch/);
  const choice = { budgetSeconds: 60, reason: "the probe is kept: a budget of 0 leaves no time" };
  assert.equal(
    trainingText({ ...probe, choice })[1],
    "The probe is kept: a budget of 0 leaves no time.",
  );
  const unjudged = { ...training, validation: null, bestEpoch: undefined, stoppedEarly: false };
  assert.match(trainingText(unjudged).join(" "), /Trained for 14 epochs\. No pictures judged/);
});

Deno.test("calibration is told with where it was fitted, and its absence, too", () => {
  assert.match(calibrationText(EXAMPLE_MODEL.calibration).join(" "), /1\.310 \(less sure.*20 vali/);
  assert.match(calibrationText(null).join(), /without calibration/);
});

Deno.test("a command comes back from a shell as it was", async () => {
  const command = ["train", "it's a $file.csv", "--label-from", "(.*)/\\d+", "", "--lr", "1e-3"];
  const text = commandText(command);
  assert.match(text, /^graft train 'it'\\''s a \$file\.csv' /);
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", `for word in ${text.slice("graft ".length)}; do printf '%s\\n' "$word"; done`],
  }).output();
  assert.deepEqual(new TextDecoder().decode(stdout).split("\n").slice(0, -1), command);
});

Deno.test("durations carry over to minutes", () => {
  assert.deepEqual([3.14159, 59.94, 60, 119.7].map(duration), [
    "3.1 s",
    "59.9 s",
    "1 min 0 s",
    "2 min 0 s",
  ]);
});
