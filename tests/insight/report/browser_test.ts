// A report opened from a file as people do, in a real browser: nothing complained of, nothing fetched, nothing that only some can read.
import assert from "node:assert/strict";
import { reportPage } from "../../../src/insight/report/page.ts";
import { importAxe } from "../../deps.ts";
import { type BrowserPage, findChromium, type View, withPage } from "../../report/browser.ts";
import { EXAMPLE_MODEL, exampleReport } from "./example_report.ts";

const CHROMIUM = findChromium();
if (CHROMIUM === undefined) {
  console.warn("SKIPPED: a report in a browser: there is no Chromium at /usr/bin/chromium");
}

/** Both colours and both widths; what one view has wrong by its colour, the other has by its width. */
const VIEWS: readonly View[] = [
  { colours: "light", width: 1100 },
  { colours: "dark", width: 375 },
];

/** What axe-core holds against the page: its rules of WCAG 2, A and AA, and its best practices. */
async function faults(page: BrowserPage): Promise<string[]> {
  const options = { resultTypes: ["violations"] };
  const run = `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) =>
    violations.map(({ id, impact, nodes }) =>
      impact + " " + id + ": " + nodes.slice(0, 3).map(({ html, any }) =>
        html.slice(0, 120) + " " + (any[0]?.message ?? "")).join(" | ")))`;
  return await page.evaluate<string[]>(run);
}

Deno.test({
  name:
    "a report in Chromium complains of nothing, fetches nothing and has no fault of accessibility",
  ignore: CHROMIUM === undefined,
  async fn() {
    const file = await Deno.makeTempFile({ suffix: ".html" });
    try {
      await Deno.writeTextFile(file, reportPage(await exampleReport()));
      const axe = await importAxe();
      await withPage(CHROMIUM!, file, async (page) => {
        await page.evaluate(axe);
        for (const view of VIEWS) {
          await page.look(view);
          const name = `${view.colours}, ${view.width} pixels`;
          const wide = await page.evaluate<number>("document.documentElement.scrollWidth");
          assert.ok(wide <= view.width, `${name}: the page is ${wide} pixels wide`);
          assert.deepEqual(await faults(page), [], name);
        }
        const pdf = new TextDecoder("latin1").decode(await page.pdf());
        const pages = pdf.match(/\/Type \/Page\b/g)!.length;
        assert.ok(pages >= 3 && pages <= 15, `printed on ${pages} pages`);
        const images = await page.evaluate<boolean>(
          "[...document.images].every(({ complete, naturalWidth }) => complete && naturalWidth > 0)",
        );
        assert.ok(images, "a picture that is not shown");
        assert.deepEqual(page.complaints, []);
      });
    } finally {
      await Deno.remove(file);
    }
  },
});

Deno.test({
  name:
    "the look into the browser does see a script that is refused, an address that is asked for and a fault",
  ignore: CHROMIUM === undefined,
  async fn() {
    const file = await Deno.makeTempFile({ suffix: ".html" });
    try {
      const page = reportPage({ name: "m", model: EXAMPLE_MODEL }).replace(
        "</main>",
        '<script>console.log(1)</script><img src="http://127.0.0.1:9/a.png"></main>',
      );
      await Deno.writeTextFile(file, page);
      const axe = await importAxe();
      await withPage(CHROMIUM!, file, async (page) => {
        assert.match(page.complaints.join("\n"), /Content Security Policy/);
        await page.evaluate(axe);
        assert.match((await faults(page)).join("\n"), /critical image-alt/);
      });
      await Deno.writeTextFile(file, page.replace(/<meta http-equiv="Content-Security[^>]*>/, ""));
      await withPage(CHROMIUM!, file, async (page) => {
        // They come when the browser tells of them, in no fixed order.
        for (const wanted of [/console\.log/, /asks for http:\/\/127\.0\.0\.1:9/]) {
          const seen = () => wanted.test(page.complaints.join("\n"));
          for (let tries = 0; tries < 100 && !seen(); tries++) await page.evaluate("0");
          assert.match(page.complaints.join("\n"), wanted);
        }
      });
    } finally {
      await Deno.remove(file);
    }
  },
});
