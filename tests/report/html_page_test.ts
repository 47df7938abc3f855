import assert from "node:assert/strict";
import { htmlPage, htmlTable, isReport } from "../../src/report/html_page.ts";
import { lineChart } from "../../src/report/line_chart.ts";
import { parseXml } from "./well_formed.ts";

/** HTML's tags that are not closed, closed, so that the rest can be looked at as XML. */
function asXml(page: string): string {
  return page.replace(/^<!doctype html>\n/, "").replace(/<meta ([^>]*)>/g, "<meta $1/>");
}

Deno.test("a page is sound, stands alone and forbids scripts and the network", () => {
  const chart = lineChart({
    title: "t",
    xLabel: "x",
    yLabel: "y",
    series: [{ name: "s", values: [1, 2] }],
  });
  const page = htmlPage("Report", [{ html: "<p>first</p>" }, { heading: "Curve", html: chart }]);
  assert.match(page, /^<!doctype html>\n<html lang="en">\n/);
  const { elements, text } = parseXml(asXml(page));
  const tags = elements.map(({ tag }) => tag);
  assert.ok(tags.includes("svg") && tags.includes("h2") && !tags.includes("script"));
  assert.match(text, /Report[^]*first[^]*Curve/);
  assert.match(page, /Content-Security-Policy" content="default-src 'none'/);
  assert.match(page, /prefers-color-scheme:dark/);
  assert.match(page, /color-scheme:light dark/);
});

Deno.test("title, headings and cells are text", () => {
  const evil = `<img src=x onerror="1">&`;
  const page = htmlPage(evil, [{ heading: evil, html: htmlTable([evil], [[evil]]) }]);
  const { elements } = parseXml(asXml(page));
  assert.ok(elements.every(({ tag }) => tag !== "img"));
});

Deno.test("columns of numbers stand to the right, others do not", () => {
  const html = htmlTable(["class", "pictures", "share"], [["0", "a", 0.5], ["1", "", 0.25]]);
  const { elements } = parseXml(html);
  const cells = elements.filter(({ tag }) => tag === "td").map(({ attributes }) =>
    attributes.class ?? ""
  );
  assert.deepEqual(cells, ["number", "", "number", "number", "", "number"]);
});

Deno.test("graft's own pages and charts are told from other files by how they begin", () => {
  const series = [{ name: "s", values: [1, 2] }];
  const chart = lineChart({ title: "t", xLabel: "x", yLabel: "y", series });
  assert.ok(isReport(htmlPage("t", []).slice(0, 300)));
  assert.ok(isReport(chart.slice(0, 300)));
  for (const other of ["", "<!doctype html>\n<html>", '<svg xmlns="x">', "a,b\n1,2"]) {
    assert.ok(!isReport(other), other);
  }
});

Deno.test("names that are digits are no numbers, and a row can be named by its first cell", () => {
  const rows = [["3", "5", 2], ["1", "0", 1]];
  const { elements } = parseXml(htmlTable(["a", "b", "n"], rows, { names: 2, rowNames: true }));
  const body = elements.filter(({ tag, attributes }) => tag === "td" || attributes.scope === "row");
  assert.deepEqual(body.map(({ tag, attributes }) => `${tag} ${attributes.class ?? ""}`), [
    "th ",
    "td ",
    "td number",
    "th ",
    "td ",
    "td number",
  ]);
});
