import assert from "node:assert/strict";
import { reportPage } from "../../../src/insight/report/page.ts";
import type { ReportData } from "../../../src/insight/report/report_data.ts";
import { isReport } from "../../../src/report/html_page.ts";
import { parseXml } from "../../report/well_formed.ts";
import { EXAMPLE_MODEL, exampleReport } from "./example_report.ts";

/** The page as XML, its tags that are not closed closed. */
function parsed(data: ReportData) {
  const page = reportPage(data);
  const xml = page.replace("<!doctype html>\n", "").replace(/<(meta|img) ([^>]*)>/g, "<$1 $2/>");
  return {
    page,
    ...parseXml(xml),
    headings: [...page.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, h]) => h),
  };
}

Deno.test("the page of a model and its data has every section, in order, and stands alone", async () => {
  const { page, elements, text, headings } = parsed(await exampleReport());
  assert.deepEqual(headings, [
    "How the training went",
    "Which class is taken for which",
    "Class by class",
    "The worst mistakes",
    "Where it looks otherwise",
    "Can its probabilities be believed?",
    "Would more data help?",
    "A map of the pictures",
    "Labels that may be wrong",
    "How it was made",
  ]);
  assert.ok(isReport(page.slice(0, 512)));
  assert.ok(page.indexOf("it names 48 rightly") < page.indexOf("<h2>"), "the sentence comes first");
  for (const { tag, attributes } of elements) {
    assert.ok(!["script", "link", "iframe", "object"].includes(tag), tag);
    if (tag === "img") assert.match(attributes.src, /^data:image\/png;base64,/);
    if (tag === "a") assert.match(attributes.href, /^#part-\d+$/);
    for (const name of Object.keys(attributes)) assert.doesNotMatch(name, /^on/);
  }
  for (
    const words of [
      "best epoch: 9",
      "sandal, taken for shirt",
      "most alike in training",
      "some 84 % are to be expected",
      "or rather",
      "&#39;my clothes.csv&#39; --method finetune",
      "ab".repeat(32),
      "ef".repeat(32),
      "temperature of 1.310",
    ]
  ) assert.ok(text.includes(words), words);
});

Deno.test("every link within the page leads somewhere", async () => {
  const { elements } = parsed(await exampleReport());
  const ids = elements.map(({ attributes }) => attributes.id).filter((id) => id !== undefined);
  assert.equal(new Set(ids).size, ids.length);
  const links = elements.filter(({ tag }) => tag === "a");
  assert.ok(links.length >= 10);
  for (const { attributes } of links) assert.ok(ids.includes(attributes.href.slice(1)));
});

Deno.test("from a model alone there is what its manifest tells, and why the rest is not there", () => {
  const { headings, text } = parsed({ name: "m.safetensors", model: EXAMPLE_MODEL });
  assert.deepEqual(headings, [
    "How the training went",
    "Can its probabilities be believed?",
    "How it was made",
    "What is not here",
  ]);
  assert.match(text, /The worst mistakes ·[^]*no labelled pictures were given/);
});

Deno.test("an older model says that it does not tell its training", () => {
  const { text } = parsed({ name: "m", model: { ...EXAMPLE_MODEL, training: null } });
  assert.match(text, /How the training went: the model was saved without telling/);
  assert.match(text, /does not tell the command that made it/);
});

Deno.test("a run has its curves and its settings, and nothing of a model", () => {
  const { epochs } = EXAMPLE_MODEL.training!;
  const run = { epochs, bestEpoch: 9, finished: false, steps: 99, settings: { "<b>": "3" } };
  const { headings, text, elements } = parsed({ name: "run", run: { ...run, graft: "0.1.0" } });
  assert.deepEqual(headings, ["How the training went", "How it was made"]);
  assert.match(text, /not over: 14 epochs so far[^]*99 steps[^]*best epoch: 9[^]*&lt;b&gt;/);
  assert.equal(elements.filter(({ tag }) => tag === "svg").length, 2);
});

Deno.test("without training data the page says what cannot be shown, and shows the rest", async () => {
  const whole = await exampleReport();
  const { headings, text } = parsed({
    ...whole,
    data: { ...whole.data!, trained: 0 },
    interpretation: {
      ...whole.interpretation!,
      ...{ neighbours: [], suspects: [], learningCurve: undefined, moreData: undefined },
    },
  });
  assert.ok(headings.includes("The worst mistakes") && !headings.includes("Would more data help?"));
  assert.match(text, /Would more data help\? · Labels that may be wrong: the pictures that it was/);
});

Deno.test("a validation on the test part is called optimistic beside the curves, too", () => {
  const validation = { rows: 60, part: "test" } as const;
  const training = { ...EXAMPLE_MODEL.training!, validation };
  const { text } = parsed({ name: "m", model: { ...EXAMPLE_MODEL, training } });
  assert.match(text, /The test pictures chose the epoch: the score on them is optimistic/);
});

Deno.test("names from outside cannot become markup", async () => {
  const evil = `<img src=x onerror="1">&`;
  const whole = await exampleReport();
  const { elements } = parsed({
    ...whole,
    name: evil,
    notes: [evil],
    interpretation: {
      ...whole.interpretation!,
      classes: whole.interpretation!.classes.map((name) => name + evil),
      topLosses: whole.interpretation!.topLosses.map((row) => ({ ...row, name: evil })),
    },
    model: { ...whole.model!, weightsSource: evil },
  });
  assert.ok(elements.every(({ attributes }) => !("onerror" in attributes)));
});

Deno.test("of very many classes the matrix is left out, and the page stays small", async () => {
  const whole = await exampleReport();
  const classes = Array.from({ length: 150 }, (_, k) => `class ${k}`);
  const confusion = classes.map((_, i) => classes.map((_, j) => i === j ? 3 : 1));
  const { text, page } = parsed({
    ...whole,
    interpretation: {
      ...{ ...whole.interpretation!, classes },
      evaluation: { ...whole.interpretation!.evaluation, classes, confusion },
    },
  });
  assert.match(text, /The matrix of 150 classes is left out/);
  assert.ok(page.length < 2_000_000);
});
