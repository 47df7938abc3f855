// The same bytes from a file, a pipe, a FIFO and a shell's substitution give the same answer.
import assert from "node:assert/strict";
import { encodePng } from "../../src/data/encode_png.ts";
import { zipFile } from "../data/sources/zip_file.ts";
import { emptyFolder, FAST, type Folder, graft } from "./graft.ts";

const ROOT = new URL("../../", import.meta.url);

/** Runs a line of bash in which `graft` is the command line, with all permissions: devices need them. */
async function bash(line: string, folder: Folder): Promise<{ stdout: string; stderr: string }> {
  const prelude = `graft() { "$DENO" run -A --no-prompt --quiet "$ROOT/cli.ts" "$@"; }`;
  const { code, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-c", `${prelude}\n${line}`],
    cwd: folder.path,
    env: { NO_COLOR: "1", DENO: Deno.execPath(), ROOT: ROOT.pathname },
    stdin: "null",
    signal: AbortSignal.timeout(120_000), // a FIFO that is opened twice would wait for ever
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.equal(code, 0, `${line}: ${err}`);
  return { stdout: out, stderr: err };
}

/** What is said of data, but for their name. */
const unnamed = (text: string, name: string) => text.replaceAll(name, "DATA");

/** Ways to bring the bytes of a file: the command's source, and what has to be around it. */
const WAYS: readonly (readonly [name: string, line: (verb: string, file: string) => string])[] = [
  ["/dev/stdin", (verb, file) => `cat ${file} | graft ${verb} /dev/stdin`],
  ["fifo", (verb, file) => `mkfifo fifo; cat ${file} > fifo & graft ${verb} fifo; rm fifo`],
  ["/dev/fd/63", (verb, file) => `graft ${verb} <(cat ${file})`],
  ["/dev/stdin", (verb, file) => `graft ${verb} /dev/stdin < ${file}`],
];

Deno.test({
  name: "inspect gives the same answer for a file, a pipe, a FIFO and <(…)",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using folder = await emptyFolder();
    const row = (i: number) =>
      Array.from({ length: 64 }, (_, k) => (7 * i + 3 * k) % 256).join(",") + `,${i % 2}`;
    const header = Array.from({ length: 64 }, (_, k) => `p${k}`).join(",") + ",label";
    const lines = [header, ...Array.from({ length: 12 }, (_, i) => row(i))];
    await Deno.writeTextFile(folder.file("pixels.csv"), lines.join("\n") + "\n");
    const picture = await encodePng({ data: new Uint8Array(64), height: 8, width: 8, channels: 1 });
    const members = ["cat/1.png", "cat/2.png", "dog/1.png"];
    await Deno.writeFile(
      folder.file("pets.zip"),
      zipFile(members.map((name) => ({ name, content: picture }))),
    );
    await Deno.mkdir(folder.file("images"));
    await Deno.writeFile(folder.file("images/1.png"), picture);
    await Deno.writeTextFile(folder.file("list.csv"), "path,label\nimages/1.png,cat\n");
    for (const [file, counted] of [["pixels.csv", "12"], ["pets.zip", "3"], ["list.csv", "1"]]) {
      const plain = (await bash(`graft inspect ${file}`, folder)).stdout;
      assert.match(plain, new RegExp(`\\b${counted} pictures?\\b`), plain);
      for (const [name, line] of WAYS) {
        const { stdout } = await bash(line("inspect", file), folder);
        assert.equal(unnamed(stdout, name), unnamed(plain, file), `${file} as ${name}`);
      }
    }
  },
});

Deno.test({
  name: "a model and data come through pipes to train, eval, predict and inspect",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using folder = await emptyFolder();
    const allowed = [`--allow-read=${folder.path}`, `--allow-write=${folder.path}`];
    const sampled = await graft(
      ["sample", "--rows", "60", "--out", folder.file("s.csv")],
      allowed,
    );
    assert.equal(sampled.code, 0, sampled.stderr);
    const { stdout: trained } = await bash(
      `cat s.csv | graft train /dev/stdin --out m.safetensors ${FAST.join(" ")}`,
      folder,
    );
    assert.match(trained, /^accuracy/);
    for (const verb of ["eval m.safetensors", "predict m.safetensors --quiet"]) {
      const plain = (await bash(`graft ${verb} s.csv`, folder)).stdout;
      const [name, line] = WAYS[1];
      assert.equal(
        unnamed((await bash(line(verb, "s.csv"), folder)).stdout, name),
        unnamed(plain, "s.csv"),
      );
    }
    const both = await bash("graft eval <(cat m.safetensors) <(cat s.csv)", folder);
    assert.match(both.stdout, /60 pictures/);
    const { stdout } = await bash("cat m.safetensors | graft inspect /dev/stdin --json", folder);
    const plain = (await bash("graft inspect m.safetensors --json", folder)).stdout;
    const { source: _, ...piped } = JSON.parse(stdout);
    const { source: __, ...read } = JSON.parse(plain);
    assert.equal(piped.kind, "model");
    assert.deepEqual(piped, read);
  },
});
