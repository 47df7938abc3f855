import assert from "node:assert/strict";
import {
  LR_FIND_FILES,
  lrFindFiles,
  lrFindJson,
  type LrFindResult,
  lrFindText,
} from "../../src/cli/lr_find_result.ts";
import { parseXml } from "../report/well_formed.ts";

const rates = Array.from({ length: 80 }, (_, i) => 10 ** (8 * i / 99 - 7));
const result: LrFindResult = {
  source: "/home/me/<pets>.zip",
  method: "lpft",
  pictures: 135,
  steps: 100,
  found: {
    rates,
    losses: rates.map((rate, i) => 1 - rate / (rate + 1e-3) + rate ** 2 + i % 3 / 50),
    before: rates.map(() => 1),
    smoothed: rates.map((rate) => 1 - rate / (rate + 1e-3) + rate ** 2),
    diverged: true,
    steps: 100,
    timedOut: false,
    suggestion: { steepest: 1.0123e-3, tenthOfLeast: 0.00432 },
  },
};

Deno.test("the text tells how far the test came, a few figures, and what to try", () => {
  const text = lrFindText(result);
  const words = [
    "Range test for lpft on 135 pictures of <pets>.zip: 100 mini-batches",
    "ended after 80, since the loss ran away",
    "learning rate   loss  smoothed",
    "the loss falls fastest at                 0.001",
    "a tenth of the rate where it is least is  0.0043",
    "try --method lpft --lr 0.0043",
  ];
  const flat = text.replace(/\n/g, " ");
  for (const one of words) {
    assert.ok(text.includes(one) || flat.includes(one), `${one} is not in\n${text}`);
  }
  assert.equal(text.match(/^[\de.-]+ +\d\.\d{3} +\d\.\d{3}$/gm)?.length, 12, text);
  assert.ok(!text.includes("/home/me"));
});

Deno.test("a loss that never fell suggests nothing", () => {
  const found = { ...result.found, suggestion: null, diverged: false };
  const none = { ...result, found };
  assert.match(lrFindText(none), /all made, up to 0\.24/);
  assert.match(lrFindText(none), /\nno suggestion: the loss never fell$/);
  assert.equal(lrFindJson(none).suggested, null);
  assert.match(lrFindFiles(none)["lr_find.html"], /no suggestion/);
});

Deno.test("a test that ended at once is told, too", () => {
  const found = {
    rates: [1e-7],
    losses: [9],
    before: [9],
    smoothed: [9],
    diverged: true,
    steps: 100,
    timedOut: false,
    suggestion: null,
  };
  for (const one of [found, { ...found, rates: [], losses: [], before: [], smoothed: [] }]) {
    assert.match(lrFindText({ ...result, found: one }), /no suggestion/);
    assert.match(lrFindFiles({ ...result, found: one })["lr_find.html"], /no suggestion/);
  }
});

Deno.test("the files are the curve and a page that holds it and stands alone", () => {
  const files = lrFindFiles(result);
  assert.deepEqual(Object.keys(files), LR_FIND_FILES);
  const { text } = parseXml(files["lr_find.svg"]);
  for (const words of ["falls fastest", "a tenth of the least", "learning rate", "1e-5"]) {
    assert.ok(text.includes(words), words);
  }
  const page = files["lr_find.html"].replace("<!doctype html>\n", "")
    .replace(/<meta ([^>]*)>/g, "<meta $1/>");
  const { elements } = parseXml(page);
  assert.equal(elements.filter(({ tag }) => tag === "svg").length, 1);
  assert.ok(elements.every(({ tag }) => tag !== "script" && tag !== "pets"));
});

Deno.test("JSON holds the whole curve", () => {
  const json = JSON.parse(JSON.stringify(lrFindJson(result)));
  assert.deepEqual(
    [json.method, json.pictures, json.steps, json.diverged, json.suggested],
    ["lpft", 135, 100, true, 0.00432],
  );
  for (const curve of [json.rates, json.losses, json.smoothed]) assert.equal(curve.length, 80);
  assert.equal(json.suggestion.steepest, 1.0123e-3);
});
