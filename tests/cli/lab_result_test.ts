import assert from "node:assert/strict";
import { LAB_FILES, labFiles, labJson, type LabResult, labText } from "../../src/cli/lab_result.ts";
import { SAMPLE_DEFAULT, sampleLabReport } from "../classifier/lab/lab_report_sample.ts";
import { parseXml } from "../report/well_formed.ts";

const result = (epochs: number): LabResult => ({
  source: "clothes.csv",
  lab: sampleLabReport(epochs),
  graft: SAMPLE_DEFAULT,
  weights: { source: "/home/me/b0.pth", sha256: "ab".repeat(32), variant: "torchvision" },
});

Deno.test("the text tells both phases in both modes, the cost, the default and the reasons", () => {
  const text = labText(result(100));
  const words = [
    "900 pictures to train on, 100 kept apart",
    "seed 7",
    "frozen features  train (the lab's)  0.756  0.510",
    "frozen features  eval               0.762  0.480",
    "fine-tuned       train (the lab's)  0.813  0.520",
    "fine-tuned       eval               0.818  0.490",
    "cost at epoch  frozen  validation x 9  fine-tuned",
    "            1   17.50           18.00       15.40",
    "           10 ",
    "           50 ",
    "          100   15.45",
    "probe on stages 3,4,5,6,8 at 84 px",
    "accuracy on the test pictures  0.500 (95 % interval 0.095 to 0.905, 2 pictures)",
    "- softmax twice: ",
    "b0.pth",
  ];
  for (const one of words) assert.ok(text.includes(one), `${one} is not in\n${text}`);
  assert.ok(!text.includes("/home/me"), "where the weights lay is nobody's business");
  assert.deepEqual(text.split("\n").filter((line) => line.length > 80), []);
});

Deno.test("a run of one or two epochs is told, too", () => {
  for (const epochs of [1, 2]) {
    const text = labText(result(epochs));
    const rows = text.match(/^ +\d+ +\d\d\.\d\d +\d\d\.\d\d +\d\d\.\d\d$/gm);
    assert.equal(rows?.length, epochs, text);
    labFiles(result(epochs));
  }
});

Deno.test("the files are two charts and a page that holds them and stands alone", () => {
  const files = labFiles(result(100));
  assert.deepEqual(Object.keys(files), LAB_FILES);
  const { elements: [frozen], text } = parseXml(files["frozen_cost.svg"]);
  assert.match(frozen.attributes["aria-label"], /training, validation x 9/);
  assert.match(text, /cost, summed over 9 batches/);
  parseXml(files["fine_tuned_cost.svg"]);

  const page = files["lab.html"];
  const { elements, text: shown } = parseXml(
    page.replace("<!doctype html>\n", "").replace(/<meta ([^>]*)>/g, "<meta $1/>"),
  );
  assert.equal(elements.filter(({ tag }) => tag === "svg").length, 2);
  for (const tag of ["script", "link", "img", "iframe"]) {
    assert.ok(elements.every((element) => element.tag !== tag), tag);
  }
  for (const words of ["0.756", "Why they differ", "softmax twice", "abababab", "0.500"]) {
    assert.ok(shown.includes(words), words);
  }
  assert.ok(!page.includes("/home/me"));
});

Deno.test("JSON holds every figure, and the reasons", () => {
  const json = JSON.parse(JSON.stringify(labJson(result(3))));
  assert.deepEqual(Object.keys(json), ["source", "lab", "graft", "weights", "reasons"]);
  assert.equal(json.lab.frozen.costs.length, 3);
  assert.equal(json.lab.frozen.trainMode.test.value, 0.51);
  assert.equal(json.lab.fineTuned.validationCosts, null);
  assert.equal(json.graft.evaluation.accuracy.n, 2);
  assert.ok(json.reasons.length >= 4);
});
