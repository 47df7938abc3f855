import assert from "node:assert/strict";
import { readFile } from "../../src/core/read_file.ts";

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a file is read whole, by path and by URL, and an empty one is empty", async () => {
  await inFolder(async (folder) => {
    const bytes = Uint8Array.from({ length: 300_001 }, (_, i) => i % 251);
    await Deno.writeFile(`${folder}/a file`, bytes);
    await Deno.writeFile(`${folder}/empty`, new Uint8Array());
    assert.deepEqual(await readFile(`${folder}/a file`), bytes);
    assert.deepEqual(await readFile(new URL(`file://${folder}/a%20file`)), bytes);
    assert.equal((await readFile(`${folder}/empty`)).length, 0);
  });
});

Deno.test({
  name: "a pipe, which has no size, is read to its end",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await inFolder(async (folder) => {
      const pipe = `${folder}/pipe`;
      await new Deno.Command("mkfifo", { args: [pipe] }).output();
      const [bytes] = await Promise.all([readFile(pipe), Deno.writeTextFile(pipe, "through it")]);
      assert.equal(new TextDecoder().decode(bytes), "through it");
    });
  },
});

Deno.test("a file that is not there, a folder and a signal reject", async () => {
  await inFolder(async (folder) => {
    await assert.rejects(readFile(`${folder}/none`), Deno.errors.NotFound);
    await assert.rejects(readFile(folder));
    await Deno.writeTextFile(`${folder}/a`, "a");
    const signal = AbortSignal.abort(new Error("enough"));
    await assert.rejects(readFile(`${folder}/a`, { signal }), /enough/);
  });
});
