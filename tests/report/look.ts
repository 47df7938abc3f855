/**
 * Pictures of a page as people see it, to be looked at: light, dark, on a phone and printed.
 *
 *     deno run -A tests/report/look.ts report.html folder
 *
 * @module
 */

import { findChromium, withPage } from "./browser.ts";

const VIEWS = {
  light: { colours: "light", width: 1100 },
  dark: { colours: "dark", width: 1100 },
  phone: { colours: "light", width: 375 },
  "phone-dark": { colours: "dark", width: 375 },
} as const;

if (import.meta.main) {
  const [path, folder] = Deno.args;
  const chromium = findChromium();
  if (path === undefined || folder === undefined || chromium === undefined) {
    console.error("needs a page, a folder, and Chromium at /usr/bin/chromium");
    Deno.exit(2);
  }
  await Deno.mkdir(folder, { recursive: true });
  await withPage(chromium, await Deno.realPath(path), async (page) => {
    for (const [name, view] of Object.entries(VIEWS)) {
      await page.look(view);
      await Deno.writeFile(`${folder}/${name}.png`, await page.screenshot());
    }
    await Deno.writeFile(`${folder}/print.pdf`, await page.pdf());
    console.log(page.complaints.join("\n") || "nothing to complain of");
  });
}
