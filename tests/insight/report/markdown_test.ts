import assert from "node:assert/strict";
import { reportJson } from "../../../src/insight/report/json.ts";
import { reportMarkdown } from "../../../src/insight/report/markdown.ts";
import { EXAMPLE_MODEL, exampleReport } from "./example_report.ts";

Deno.test("a model card has the sentence, the scores, the settings, the hashes and the command", async () => {
  const card = reportMarkdown(await exampleReport());
  assert.match(
    card,
    /^# clothes\.safetensors\n\nOf 60 pictures that it was not trained on, it names/,
  );
  assert.match(card, /\| t-shirt \| \d\.\d{3} \| \d\.\d{3} \| \d\.\d{3} \| \d+ \|/);
  assert.match(card, /## Most confused[^]*## Would more data help\?[^]*## Probabilities/);
  assert.match(card, /```sh\ngraft train 'my clothes\.csv' --method finetune/);
  assert.ok(card.includes("ab".repeat(32)));
  assert.ok(card.endsWith("\n") && !card.includes("undefined"));
});

Deno.test("names cannot break a card's tables or add headings and markup", () => {
  const classes = ["a|b", "# c\n# d", "<script>", "`e`"];
  const card = reportMarkdown({ name: "x\n# y", model: { ...EXAMPLE_MODEL, classes } });
  assert.match(card, /^# x \\# y\n/);
  assert.match(card, /a\\\|b, \\# c \\# d, \\<script\\>, \\`e\\`/);
  for (const line of card.split("\n").filter((line) => line.startsWith("|"))) {
    assert.equal(line.match(/(?<!\\)\|/g)!.length, 3, line);
  }
});

Deno.test("names and commands cannot steer the terminal that shows a card", () => {
  const training = { ...EXAMPLE_MODEL.training!, command: ["train", "a\u001b[2J.csv\n"] };
  const classes = ["\u001b[31mred", "b\u202ec"];
  const card = reportMarkdown({ name: "m", model: { ...EXAMPLE_MODEL, classes, training } });
  assert.match(card, / \\\[31mred, b c/);
  assert.match(card, /graft train 'a \[2J\.csv\n'\n/);
  assert.doesNotMatch(card, /[^\P{Cc}\n]|\p{Bidi_Control}/u);
});

Deno.test("backticks in a command do not end its block", () => {
  const command = ["train", "```.csv"];
  const training = { ...EXAMPLE_MODEL.training!, command };
  const card = reportMarkdown({ name: "m", model: { ...EXAMPLE_MODEL, training } });
  assert.match(card, /\n````sh\ngraft train '```\.csv'\n````\n/);
});

Deno.test("the report for programs is plain JSON with everything but the pictures", async () => {
  const data = await exampleReport();
  const json = reportJson(data);
  assert.deepEqual(JSON.parse(JSON.stringify(json)), json);
  const { interpretation, model, pictures } = json as Record<string, Record<string, unknown>>;
  assert.equal(pictures, undefined);
  assert.deepEqual(model.classes, EXAMPLE_MODEL.classes);
  const { bins } = interpretation.reliability as { bins: { confidence: number | null }[] };
  assert.equal(bins[0].confidence, null, "NaN is no JSON");
  const { x } = interpretation.map as { x: number[] };
  assert.ok(Array.isArray(x) && x.length === 180);
  const bare = reportJson({ name: "m", model: EXAMPLE_MODEL });
  assert.equal(bare.interpretation, null);
});
