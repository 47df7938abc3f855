import assert from "node:assert/strict";
import type { PictureViews } from "../../src/classifier/assignment/views.ts";
import { assignmentPage } from "../../src/cli/assignment_page.ts";
import {
  assignmentJson,
  type AssignmentResult,
  assignmentText,
  PARTS,
} from "../../src/cli/assignment_result.ts";
import { sampleAssignment } from "../classifier/assignment/assignment_sample.ts";
import { parseXml } from "../report/well_formed.ts";

const result: AssignmentResult = {
  source: "/home/me/cats_dogs.zip",
  assignment: sampleAssignment(),
  weights: { source: "/home/me/b0.pth", sha256: "ab".repeat(32), variant: "google" },
};

/** A picture of one colour. */
const plain = (value: number) => ({
  data: new Uint8Array(4 * 4 * 3).fill(value),
  height: 4,
  width: 4,
  channels: 3 as const,
});
const samples: PictureViews[] = ["cat", "chihuahua"].map((label, k) => ({
  name: `pets/<${label}>.jpg`,
  label,
  original: plain(k),
  views: [plain(10 + k), plain(20 + k), plain(30 + k)],
}));

const headings = Object.entries(PARTS).map(([letter, words]) => `${letter}. ${words}`);

Deno.test("the text has all parts from A to G with their figures", () => {
  const text = assignmentText(result);
  const places = headings.map((heading) => text.indexOf(heading));
  assert.ok(places.every((place, i) => place >= 0 && (i === 0 || place > places[i - 1])));
  const words = [
    "cats_dogs.zip: 135 pictures to train on and 15 kept apart",
    "chihuahua     90    10",
    "Learning rate 0.002, found in 80 mini-batches (30.0 s)",
    "the cost falls fastest at 0.002",
    "2562 numbers learn. 40 epochs in 60.0 s; the cost of an epoch goes from 0.700 to 0.170",
    "epoch   cost  validation cost  validation accuracy",
    "   40  0.170            0.210                0.933",
    "test   0.933 (95 % interval 0.702 to 0.988, 15 pictures)",
    "Learning rate 1.5e-5, found",
    "test   1.000 (95 % interval 0.796 to 1.000, 15 pictures)",
    "Fine-tuning names 1 test picture of 15 more",
    "Feature extraction: validation cost is least at the end",
    "- normalisation: ",
  ];
  const flat = text.replace(/ *\n */g, " ");
  for (const one of words) {
    assert.ok(text.includes(one) || flat.includes(one), `${one} is not in\n${text}`);
  }
  assert.ok(!text.includes("/home/me"), "where the files lay is nobody's business");
  assert.deepEqual(text.split("\n").filter((line) => line.length > 80), []);
});

Deno.test("a rate that was given, and a run of one epoch are told, too", async () => {
  const { extraction } = sampleAssignment();
  const short = {
    ...extraction,
    rates: null,
    costs: [0.7],
    validationCosts: [0.6],
    validationAccuracies: [0.5],
  };
  const given = { ...result, assignment: sampleAssignment({ extraction: short }) };
  const text = assignmentText(given);
  assert.match(text, /Learning rate 0\.002, as given\./);
  assert.match(text, /1 epoch in 60\.0 s/);
  assert.equal(text.match(/^ +1 +0\.700 +0\.600 +0\.500$/gm)?.length, 1);
  const page = await assignmentPage(given, samples);
  assert.equal(page.match(/<svg /g)?.length, 5);
});

Deno.test("the page has a section with chart and figures for each part, and stands alone", async () => {
  const page = await assignmentPage(result, samples);
  const xml = page.replace("<!doctype html>\n", "").replace(/<(meta|img) ([^>]*)>/g, "<$1 $2/>");
  const { elements, text } = parseXml(xml);
  for (const heading of headings) assert.ok(text.includes(heading), heading);
  const sections = page.split(/<section[^>]*>/).slice(1);
  const drawn = sections.slice(0, 7).map((html) => [
    html.match(/<svg /g)?.length ?? 0,
    html.match(/<img /g)?.length ?? 0,
    html.match(/<table>/g)?.length ?? 0,
  ]);
  // Charts, pictures and tables of A to G; B shows both pictures as they are and in three views.
  assert.deepEqual(drawn, [
    [0, 0, 1],
    [0, 8, 0],
    [2, 0, 0],
    [0, 0, 1],
    [2, 0, 0],
    [0, 0, 1],
    [2, 0, 0],
  ]);
  for (const tag of ["script", "link", "iframe"]) {
    assert.ok(elements.every((element) => element.tag !== tag), tag);
  }
  for (const { tag, attributes } of elements) {
    if (tag === "img") assert.match(attributes.src, /^data:image\/png;base64,/);
  }
  for (const words of ["0.933", "1.000", "falls fastest", "taken", "abababab", "(cat)"]) {
    assert.ok(text.includes(words), words);
  }
  assert.ok(!page.includes("/home/me") && !page.includes("<cat>"));
});

Deno.test("JSON holds every figure, the curves and the sentences", () => {
  const json = JSON.parse(JSON.stringify(assignmentJson(result)));
  assert.deepEqual(
    Object.keys(json),
    ["source", "assignment", "weights", "comparison", "validation", "decisions"],
  );
  const { extraction, fineTuning } = json.assignment;
  assert.deepEqual([extraction.costs.length, fineTuning.validationCosts.length], [40, 20]);
  assert.equal(extraction.rates.rates.length, 80);
  assert.equal(fineTuning.test.accuracy.value, 1);
  assert.match(json.comparison, /^Fine-tuning names 1 test picture/);
  assert.equal(json.validation.length, 2);
  assert.ok(json.decisions.length >= 6);
});
