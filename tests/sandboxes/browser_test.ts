// A page in Chromium as a sandbox: no files, no threads without the headers for them.
import { findChromium, withPage } from "../report/browser.ts";
import { bundle } from "./bundle.ts";
import { assertSame, type ProgramResult, runProbe } from "./runs.ts";
import assert from "node:assert/strict";

Deno.test("a page in Chromium trains a probe: the same features, the same answers", async () => {
  const chromium = findChromium();
  if (chromium === undefined) {
    console.error("%cskipped: there is no Chromium on this machine", "color: yellow");
    return;
  }
  const folder = await Deno.makeTempDir({ prefix: "graft_page_" });
  try {
    const program = new URL("programs/in_page.ts", import.meta.url).pathname;
    if (!await bundle(program, `${folder}/page.js`, { format: "iife" })) return;
    const page = `<!doctype html><meta charset="utf-8"><script src="page.js"></script>`;
    await Deno.writeTextFile(`${folder}/page.html`, page);
    const there = await withPage(
      chromium,
      `${folder}/page.html`,
      (page) => page.evaluate<ProgramResult>("result"),
    );
    assert.equal(there.backend.kind, "single");
    assertSame(there, await runProbe());
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
