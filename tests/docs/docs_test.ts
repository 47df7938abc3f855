// The pages of docs: what is made is as it would be made now, and no link leads nowhere.
import assert from "node:assert/strict";
import { cliPage } from "../../docs/make_cli.ts";

const ROOT = new URL("../../", import.meta.url);

Deno.test("docs/cli.md is what the command line says of itself", async () => {
  const page = await Deno.readTextFile(new URL("docs/cli.md", ROOT));
  assert.equal(page, await cliPage(), "run deno run --allow-write=docs docs/make_cli.ts");
});

Deno.test("links between pages, and to files of the checkout, lead somewhere", async () => {
  const pages = ["README.md", "CONTRIBUTING.md", "weights/README.md", ...await markdown("docs/")];
  let followed = 0;
  for (const page of pages) {
    const text = await Deno.readTextFile(new URL(page, ROOT));
    for (const [, link] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      const target = new URL(link, new URL(page, ROOT));
      assert.ok(await Deno.stat(target).catch(() => undefined), `${page}: ${link} is not there`);
      followed++;
    }
  }
  assert.ok(followed > 5, `${followed} links`);
});

async function markdown(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
    if (isDirectory) found.push(...await markdown(`${folder}${name}/`));
    else if (name.endsWith(".md")) found.push(folder + name);
  }
  return found;
}
