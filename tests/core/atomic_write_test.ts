import assert from "node:assert/strict";
import {
  isReplaceable,
  removeLeftovers,
  writeAllAtomically,
  writeAtomically,
} from "../../src/core/atomic_write.ts";
import { UserError } from "../../src/core/errors.ts";

const bytes = Uint8Array.of(1, 2, 3);

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name);

Deno.test("a file is written under its name and nothing else is left", async () => {
  await inFolder(async (folder) => {
    assert.equal(await writeAtomically(`${folder}/a b%.bin`, bytes), "renamed");
    assert.deepEqual(names(folder), ["a b%.bin"]);
    assert.deepEqual(await Deno.readFile(`${folder}/a b%.bin`), bytes);
  });
});

Deno.test("pieces are written in order as they come", async () => {
  await inFolder(async (folder) => {
    async function* pieces() {
      yield bytes;
      // Nothing stands under the file's name before it is whole.
      assert.ok(!names(folder).includes("x"));
      await Promise.resolve();
      yield Uint8Array.of(4);
    }
    await writeAtomically(`${folder}/x`, pieces());
    assert.deepEqual(await Deno.readFile(`${folder}/x`), Uint8Array.of(1, 2, 3, 4));
    await writeAtomically(`${folder}/y`, [bytes, bytes]);
    assert.equal((await Deno.readFile(`${folder}/y`)).length, 6);
  });
});

Deno.test("an error among the pieces passes as it is, and the old file stays", async () => {
  await inFolder(async (folder) => {
    await writeAtomically(`${folder}/x`, bytes);
    function* pieces() {
      yield Uint8Array.of(9);
      throw new DOMException("stopped", "AbortError");
    }
    await assert.rejects(writeAtomically(`${folder}/x`, pieces()), { name: "AbortError" });
    assert.deepEqual(await Deno.readFile(`${folder}/x`), bytes);
    assert.deepEqual(names(folder), ["x"]);
  });
});

Deno.test("a file is replaced, also by its URL", async () => {
  await inFolder(async (folder) => {
    await writeAtomically(`${folder}/x`, Uint8Array.of(9, 9, 9, 9, 9));
    await writeAtomically(new URL(`file://${folder}/x`), bytes);
    assert.deepEqual(await Deno.readFile(`${folder}/x`), bytes);
    assert.deepEqual(names(folder), ["x"]);
  });
});

Deno.test("a name that is a folder is refused and nothing is left behind", async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/taken`);
    await assert.rejects(
      writeAtomically(`${folder}/taken`, bytes),
      (error) => error instanceof UserError && /it is a folder/.test(error.message),
    );
    assert.deepEqual(names(folder), ["taken"]);
  });
});

Deno.test("a folder that does not exist is named", async () => {
  await inFolder(async (folder) => {
    await assert.rejects(
      writeAtomically(`${folder}/none/x`, bytes),
      (error) =>
        error instanceof UserError && /none\/x: its folder does not exist/.test(error.message),
    );
  });
});

/** Writes in a process of its own with these permissions; gives what it printed. */
async function writeWith(folder: string, permissions: string[]): Promise<string> {
  const source = new URL("../../src/core/atomic_write.ts", import.meta.url).href;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const code = `import { writeAtomically } from ${JSON.stringify(source)};
    try { console.log(await writeAtomically(${
    JSON.stringify(`${folder}/x`)
  }, Uint8Array.of(1, 2, 3))); }
    catch (error) { console.log(error.name, error.message); }`;
  await Deno.writeTextFile(`${folder}/program.ts`, code);
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--config", config, ...permissions, `${folder}/program.ts`],
  }).output();
  return new TextDecoder().decode(stdout).trim();
}

Deno.test("leave to write the file alone is enough; then it is written in place", async () => {
  await inFolder(async (folder) => {
    assert.ok(await isReplaceable(`${folder}/x`));
    await Deno.writeFile(`${folder}/x`, new Uint8Array(10));
    assert.equal(await writeWith(folder, [`--allow-write=${folder}/x`]), "in place");
    assert.deepEqual(await Deno.readFile(`${folder}/x`), bytes);
  });
});

Deno.test("without leave to write the error says which flag to give", async () => {
  await inFolder(async (folder) => {
    const said = await writeWith(folder, []);
    assert.match(said, /^UserError Cannot write .*\/x: .*--allow-write/);
    assert.deepEqual(names(folder), ["program.ts"]);
  });
});

Deno.test({
  name: "a file that is replaced keeps its mode, and a link stays a link",
  ignore: Deno.build.os === "windows",
  async fn() {
    await inFolder(async (folder) => {
      await Deno.writeFile(`${folder}/real`, Uint8Array.of(9), { mode: 0o600 });
      await Deno.symlink("real", `${folder}/link`);
      assert.equal(await writeAtomically(`${folder}/link`, bytes), "renamed");
      assert.ok((await Deno.lstat(`${folder}/link`)).isSymlink);
      assert.deepEqual(await Deno.readFile(`${folder}/real`), bytes);
      assert.equal((await Deno.stat(`${folder}/real`)).mode! & 0o777, 0o600);
    });
  },
});

Deno.test({
  name: "a device or a pipe is refused, and stays what it is",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await inFolder(async (folder) => {
      const pipe = `${folder}/pipe`;
      assert.ok((await new Deno.Command("mkfifo", { args: [pipe] }).output()).success);
      await Deno.symlink("/dev/null", `${folder}/null`);
      for (const path of [pipe, `${folder}/null`]) {
        await assert.rejects(
          writeAtomically(path, bytes),
          (error) => error instanceof UserError && /it is a device or a pipe/.test(error.message),
        );
      }
      assert.ok((await Deno.stat(pipe)).isFifo && !(await Deno.stat("/dev/null")).isFile);
      assert.deepEqual(names(folder).sort(), ["null", "pipe"]);
    });
  },
});

Deno.test("of several files none is written when one of them fails, and old ones stay", async () => {
  await inFolder(async (folder) => {
    await writeAtomically(`${folder}/model.json`, bytes);
    function* fullDisk() {
      yield bytes;
      throw new Error("No space left on device (os error 28)");
    }
    await assert.rejects(
      writeAllAtomically([
        [`${folder}/shard1.bin`, bytes],
        [`${folder}/shard2.bin`, fullDisk()],
        [`${folder}/model.json`, Uint8Array.of(9)],
      ]),
      /No space left/,
    );
    assert.deepEqual(names(folder), ["model.json"]);
    assert.deepEqual(await Deno.readFile(`${folder}/model.json`), bytes);
    const files = ["a", "b"].map((name) => [`${folder}/${name}`, bytes] as const);
    assert.equal(await writeAllAtomically(files), "renamed");
    assert.deepEqual(names(folder).sort(), ["a", "b", "model.json"]);
  });
});

Deno.test("a leftover that cannot be opened keeps none of the others", async () => {
  await inFolder(async (folder) => {
    for (let i = 0; i < 3; i++) {
      await Deno.writeTextFile(`${folder}/x.${crypto.randomUUID()}.tmp`, "");
    }
    const [first] = names(folder); // in the order of the folder
    const { open } = Deno;
    Deno.open = (path, options) =>
      path === `${folder}/${first}`
        ? Promise.reject(new Deno.errors.PermissionDenied("Permission denied (os error 13)"))
        : open(path, options);
    try {
      await removeLeftovers(`${folder}/x`);
    } finally {
      Deno.open = open;
    }
    assert.deepEqual(names(folder), [first]);
  });
});

Deno.test("what killed runs left is removed by the next good one: never a file that is being written, nor another's", async () => {
  await inFolder(async (folder) => {
    const temporary = (base: string) => `${base}.${crypto.randomUUID()}.tmp`;
    const left = temporary("x");
    const others = [temporary("y"), "x.tmp", "x.1234.tmp", `${left}.old`, temporary("xx")].sort();
    for (const name of [left, ...others]) await Deno.writeTextFile(`${folder}/${name}`, "");
    // A part of a file that a living process is still writing.
    const source = new URL("../../src/core/atomic_write.ts", import.meta.url).href;
    const slow = new Deno.Command(Deno.execPath(), {
      args: [
        "eval",
        "--no-lock",
        `import { writeAtomically } from ${JSON.stringify(source)};
        await writeAtomically(${JSON.stringify(`${folder}/x`)}, (async function* () {
          yield new Uint8Array(1000);
          console.log("begun");
          for await (const _ of Deno.stdin.readable);
          yield Uint8Array.of(7);
        })());`,
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const output = slow.stdout.getReader();
    await output.read();
    await assert.rejects(writeAtomically(`${folder}/x`, [bytes, null as unknown as Uint8Array]));
    assert.ok(names(folder).includes(left), "a run that fails cleans nothing up");
    await writeAtomically(`${folder}/x`, bytes);
    const living = names(folder).filter((name) => name.startsWith("x.") && name.length === 42);
    assert.equal(living.length, 1);
    assert.notEqual(living[0], left);
    assert.deepEqual(names(folder).sort(), ["x", ...living, ...others].sort());
    await slow.stdin.close();
    while (!(await output.read()).done);
    assert.ok((await slow.status).success);
    assert.equal((await Deno.readFile(`${folder}/x`)).length, 1001);
    assert.deepEqual(names(folder).sort(), ["x", ...others].sort());
  });
});
