// How far a model can be trusted, on the command line: eval, predict --reject, compare, inspect.
import assert from "node:assert/strict";
import { comparisonText, verdict } from "../../src/cli/comparison_result.ts";
import type { ReliabilityBin } from "../../src/evaluate/reliability.ts";
import { compareAnswers, type Comparison } from "../../src/evaluate/comparison.ts";
import { emptyFolder, FAST, FAST_FEATURES, graft, graftJson, sampleLines } from "./graft.ts";

/** A CSV of drawn clothes of a few kinds: 20 of each for 200 rows. Few kinds are quick to learn. */
const garments = (rows: number, kinds: readonly string[]) =>
  sampleLines(rows, (lines) => {
    const kept = lines.filter((line, i) =>
      i === 0 || kinds.includes(line.slice(line.lastIndexOf(",") + 1))
    );
    lines.splice(0, lines.length, ...kept);
  });

Deno.test("what is trained is calibrated, turns strange pictures away, and is compared", async () => {
  await using folder = await emptyFolder();
  const [data, other] = [folder.file("data.csv"), folder.file("other.csv")];
  const [a, b, plain] = ["a", "b", "plain"].map((name) => folder.file(`${name}.safetensors`));
  await Deno.writeTextFile(data, garments(200, ["t-shirt", "trouser", "pullover"]));
  // Stripes, as no garment is drawn.
  const stripes = Array.from({ length: 784 }, (_, i) => (i % 2) * 255).join();
  await Deno.writeTextFile(other, sampleLines(2, (lines) => lines[1] = `${stripes},t-shirt`));
  const access = [`--allow-read=${folder.path}`, `--allow-write=${folder.path}`];
  const train = (out: string, ...more: string[]) =>
    graft(["train", data, ...FAST_FEATURES, "--test-size", "10", "--out", out, ...more], access);
  for (
    const run of [
      train(a, "--method", "probe"),
      train(b, "--method", "probe", "--random-state", "6"),
      train(plain, "--method", "linear", "--epochs", "1"),
    ]
  ) {
    const { code, stderr } = await run;
    assert.equal(code, 0, stderr);
  }

  const scored = await graftJson(["eval", a, data], access);
  const bins = scored.reliability as ReliabilityBin[];
  assert.equal(bins.length, 15);
  assert.equal(bins.reduce((sum, { count }) => sum + count, 0), 60);
  const ece =
    bins.reduce((sum, bin) => sum + bin.count * Math.abs(bin.accuracy - bin.confidence), 0) / 60;
  assert.ok(Math.abs(ece - (scored.ece as number)) < 1e-9);
  assert.equal((scored.calibration as { fittedOn: string }).fittedOn, "out-of-fold");
  assert.match((await graft(["eval", a, data], access)).stdout, /^ECE {7}0\.\d{3}: how far/m);
  assert.match(
    (await graft(["inspect", a], access)).stdout,
    /^trust .*by 50 out-of-fold answers: ECE 0/m,
  );

  const { predictions } = await graftJson(["predict", a, other, "--reject", "0.05"], access) as {
    predictions: { label: string; unknown: boolean; strangeness: number; probability: number }[];
  };
  const [strange, usual] = predictions;
  assert.deepEqual([strange.label, strange.unknown, usual.unknown], ["unknown", true, false]);
  assert.ok(strange.strangeness > usual.strangeness && strange.probability > 0);
  const table = await graft(["predict", a, other, "--reject", "0.05", "--top", "1"], access);
  assert.match(table.stdout, /^row +answer +strangeness +class +probability\n +1 +unknown +\d/);
  assert.match(table.stderr, /1 of 2 pictures is unknown/);
  const refused = await graft(["predict", plain, other, "--reject", "0.05"], access);
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    /^graft: Cannot turn pictures away: the model was not calibrated; [^\n]*\n$/,
  );

  const compared = await graftJson(["compare", a, b, data], access) as unknown as Comparison & {
    verdict: string;
  };
  const { both, onlyA, onlyB, neither } = compared.agreement;
  assert.equal(both + onlyA + onlyB + neither, 60);
  assert.equal(compared.verdict, verdict(compared));
  const itself = await graft(["compare", a, a, data], access);
  assert.match(
    itself.stdout,
    /No difference can be told: both are right on the same \d+ of 60 pictures\.\n$/,
  );
  const few = folder.file("few.csv");
  await Deno.writeTextFile(few, garments(200, ["t-shirt", "trouser"]));
  const narrow = folder.file("narrow.safetensors");
  await graftJson(["train", few, ...FAST, "--test-size", "0", "--out", narrow], access);
  const different = await graft(["compare", a, narrow, data, "--quiet"], access);
  assert.equal(different.code, 1);
  assert.match(
    different.stderr,
    /^graft: Cannot compare: the models have different classes \(3 and 2; only the first knows "pullover"\), expected the same\n$/,
  );
});

Deno.test("a comparison ends with what it means", () => {
  const labels = new Array(100).fill(0);
  const wrong = (rows: number, from = 0) =>
    labels.map((_, i) => Number(i >= from && i < from + rows));
  const clear = compareAnswers({ a: wrong(20), b: wrong(4) }, labels);
  assert.match(
    verdict(clear),
    /^B is better, by 16\.0 points \([\d.]+ to [\d.]+\): 0\.960 against 0\.800; of 16 /,
  );
  const turned = compareAnswers({ a: wrong(4), b: wrong(20) }, labels);
  assert.equal(
    verdict(turned).replace("A has 16 and B 0", "A has 0 and B 16").slice(1),
    verdict(clear).slice(1),
  );
  const open = compareAnswers({ a: wrong(5), b: wrong(4, 50) }, labels);
  assert.equal(
    verdict(open),
    "No difference can be told: of 9 pictures that only one of them gets right, A has 4 and B 5, which is what chance makes of two equally good models (p = 1.000); more pictures may tell.",
  );
  const text = comparisonText({ a: "one", b: "two" }, clear);
  assert.match(text, /^A {9}one\nB {9}two\n\naccuracy {2}A 0\.800 \(95 % interval/);
  assert.match(
    text,
    /^A right +80 +0\nA wrong +16 +4\nof 4 where both are wrong, 4 by the same class$/m,
  );
  assert.match(text, /^p-value {3}3\.1e-5 /m);
});
