import assert from "node:assert/strict";
import { openReportFolder } from "../../src/cli/report_folder.ts";
import { UserError } from "../../src/core/errors.ts";
import { htmlPage } from "../../src/report/html_page.ts";
import { emptyFolder } from "./graft.ts";

const NAMES = ["a.html", "b.svg"] as const;
const page = (title: string) => htmlPage(title, []);

function refused(work: Promise<unknown>, message: RegExp): Promise<void> {
  return assert.rejects(work, (error) => {
    assert.ok(error instanceof UserError, `${error}`);
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("a folder that is not there is made, written into and kept", async () => {
  await using folder = await emptyFolder();
  const out = folder.file("out");
  {
    await using report = await openReportFolder(`${out}/`, NAMES, { inputs: [], note: () => {} });
    assert.equal(await report.write("a.html", page("A")), `${out}/a.html`);
  }
  assert.deepEqual([...Deno.readDirSync(out)].map(({ name }) => name), ["a.html"]);
  assert.equal(await Deno.readTextFile(`${out}/a.html`), page("A"));
});

Deno.test("a folder into which nothing was written goes away again, one that was there stays", async () => {
  await using folder = await emptyFolder();
  {
    await using _ = await openReportFolder(folder.file("new"), NAMES, {
      inputs: [],
      note: () => {},
    });
    assert.deepEqual(folder.names(), ["new"]);
  }
  assert.deepEqual(folder.names(), []);
  await Deno.mkdir(folder.file("old"));
  {
    await using _ = await openReportFolder(folder.file("old"), NAMES, {
      inputs: [],
      note: () => {},
    });
  }
  assert.deepEqual(folder.names(), ["old"]);
});

Deno.test("an older report is replaced, what else is there is not", async () => {
  await using folder = await emptyFolder();
  await Deno.writeTextFile(folder.file("notes.txt"), "mine");
  for (const title of ["first", "second"]) {
    await using report = await openReportFolder(folder.path, NAMES, { inputs: [], note: () => {} });
    await report.write("a.html", page(title));
  }
  assert.equal(await Deno.readTextFile(folder.file("a.html")), page("second"));
  await Deno.writeTextFile(folder.file("b.svg"), "<svg>drawn by hand</svg>");
  await refused(
    openReportFolder(folder.path, NAMES, { inputs: [], note: () => {} }),
    /Cannot write .*\/b\.svg: there is a file that graft did not write; choose another folder/,
  );
  assert.equal(await Deno.readTextFile(folder.file("b.svg")), "<svg>drawn by hand</svg>");
  assert.equal(await Deno.readTextFile(folder.file("notes.txt")), "mine");
});

Deno.test("a folder is made with those that it lies in", async () => {
  await using folder = await emptyFolder();
  await using report = await openReportFolder(folder.file("new/deep"), NAMES, {
    inputs: [],
    note: () => {},
  });
  await report.write(NAMES[0], "<!doctype html>");
  assert.deepEqual([...Deno.readDirSync(folder.file("new/deep"))].map(({ name }) => name), [
    NAMES[0],
  ]);
});

Deno.test("folders that were made around a report go away again with it, but for what holds more", async () => {
  await using folder = await emptyFolder();
  {
    await using _ = await openReportFolder(folder.file("new/deep/er"), NAMES, {
      inputs: [],
      note: () => {},
    });
    await Deno.writeTextFile(folder.file("new/notes.txt"), "mine");
  }
  const left = [...Deno.readDirSync(folder.file("new"))].map(({ name }) => name);
  assert.deepEqual(left, ["notes.txt"]);
  await Deno.remove(folder.file("new"), { recursive: true });
  {
    await using _ = await openReportFolder(folder.file("new/deep//"), NAMES, {
      inputs: [],
      note: () => {},
    });
  }
  assert.deepEqual(folder.names(), []);
});

Deno.test("a place that cannot be written to is refused before the work", async () => {
  await using folder = await emptyFolder();
  await Deno.writeTextFile(folder.file("file"), "");
  await refused(
    openReportFolder(folder.file("file"), NAMES, { inputs: [], note: () => {} }),
    /Cannot write .*file\/a\.html: /,
  );
  await refused(
    openReportFolder(folder.path, NAMES, { inputs: [folder.file("b.svg")], note: () => {} }),
    /is read by the same command/,
  );
  assert.deepEqual(folder.names(), ["file"]);
});
