// Files that the system does not open, whatever its reason: told in one line, under a name that can be shown.
import assert from "node:assert/strict";
import { UserError } from "../../../src/core/errors.ts";
import { openBytes } from "../../../src/data/byte_input.ts";
import { encodePng } from "../../../src/data/encode_png.ts";
import { ImageDataset } from "../../../src/data/dataset.ts";
import { readLocalFile } from "../../../src/data/sources/local_file.ts";

const DOT = { height: 1, width: 2, channels: 1, data: Uint8Array.of(0, 255) } as const;

const NAMES: readonly (readonly [name: string, reason: RegExp])[] = [
  ["a\0b.png", /: its name holds a zero byte/],
  ["x".repeat(5000), /: File name too long; check the path$/],
  ["no\nsuch\u202efile", /: there is no such file; check the path$/],
  ["loop", /: Too many levels of symbolic links; check the path$/],
  ["file/file.png", /: Not a directory; check the path$/],
  ["folder", /: it is a folder/],
];

Deno.test("what cannot be opened is a user's error of one line, whatever the system says", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.symlink(`${folder}/loop`, `${folder}/loop`);
    await Deno.writeTextFile(`${folder}/file`, "");
    await Deno.mkdir(`${folder}/folder`);
    for (const [name, reason] of NAMES) {
      const path = `${folder}/${name}`;
      for (
        const read of [
          () => readLocalFile(path),
          () => readLocalFile(path, 16),
          () => openBytes(path),
        ]
      ) {
        await assert.rejects(read, (error) => {
          assert.ok(error instanceof UserError, `${name.slice(0, 20)}: ${error}`);
          assert.match(error.message, reason);
          assert.ok(!/[\p{Cc}\p{Bidi_Control}]/u.test(error.message), error.message);
          assert.ok(error.message.length < 1200, `${error.message.length} characters`);
          return true;
        });
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({
  name:
    "a pipe or a device in a table of images is left out without being opened, which would wait for ever",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      const { success } = await new Deno.Command("mkfifo", { args: [`${folder}/fifo.png`] })
        .output();
      assert.ok(success);
      await Deno.symlink("fifo.png", `${folder}/link.png`);
      await Deno.writeFile(`${folder}/a.png`, await encodePng(DOT));
      const rows = ["path,label", "a.png,cat", "fifo.png,dog", "link.png,dog", "/dev/zero,dog"];
      await Deno.writeTextFile(`${folder}/table.csv`, rows.join("\n"));
      const late = AbortSignal.timeout(20_000);
      const data = await Promise.race([
        ImageDataset.open(`${folder}/table.csv`),
        new Promise<never>((_, reject) => {
          late.onabort = () => {
            // Whoever waits for a writer is let go, or the test would not end either.
            Deno.openSync(`${folder}/fifo.png`, { read: true, write: true }).close();
            reject(new Error("still waiting for a writer"));
          };
        }),
      ]);
      late.onabort = null;
      assert.deepEqual(data.skipped.slice(0, 2).map(({ reason }) => reason), [
        "it is a pipe or a device, expected a file",
        "it is a pipe or a device, expected a file",
      ]);
      assert.match(data.skipped[2].reason, /it is a (pipe or a )?device/);
      assert.equal(data.length, 1);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("names that would break a line or steer a terminal are shown without what does so", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const name of ["cat\nrm", "dog\u202e"]) {
      await Deno.mkdir(`${folder}/${name}`);
      await Deno.writeFile(`${folder}/${name}/whole\u001b[31m.png`, await encodePng(DOT));
      await Deno.writeTextFile(`${folder}/${name}/damaged\u001b[31m.png`, "no image");
    }
    const data = await ImageDataset.open(folder);
    assert.equal(data.length, 2);
    const shown = [data.name(0), data.name(1), ...data.skipped.flatMap(Object.values)];
    for (const text of shown) assert.ok(!/[\p{Cc}\p{Bidi_Control}]/u.test(text), text);
    assert.equal((await data.image(1)).width, 2);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("paths of a table that break the line, or hold a zero byte, are left out by a name on one line", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${folder}/a.png`, await encodePng(DOT));
    const rows = [
      "path,label",
      "a.png,cat",
      '"a\nb.png",dog',
      "pat\0h.png,dog",
      `${"x".repeat(5000)}.png,dog`,
    ];
    await Deno.writeTextFile(`${folder}/table.csv`, rows.join("\n"));
    const data = await ImageDataset.open(`${folder}/table.csv`);
    assert.equal(data.length, 1);
    assert.equal(data.skipped.length, 3);
    for (const { name, reason } of data.skipped) {
      assert.ok(!/\p{Cc}/u.test(name + reason), `${name}: ${reason}`);
      assert.ok(name.length < 1200 && !reason.includes("Cannot read"), `${name}: ${reason}`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a table in /dev/shm, which holds files and no devices, has its images beside it", async () => {
  const shared = await Deno.stat("/dev/shm").then(({ isDirectory }) => isDirectory, () => false);
  if (!shared) return console.warn("SKIPPED: there is no /dev/shm");
  const folder = await Deno.makeTempDir({ dir: "/dev/shm" });
  try {
    await Deno.writeFile(`${folder}/a.png`, await encodePng(DOT));
    await Deno.writeTextFile(`${folder}/table.csv`, "path,label\na.png,cat\n");
    assert.equal((await ImageDataset.open(`${folder}/table.csv`)).length, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
