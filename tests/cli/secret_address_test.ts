import assert from "node:assert/strict";
import { emptyFolder, graft } from "./graft.ts";

const SECRETS = /s3cret|abc123|alice|frag456/;
const PERMISSIONS = ["--allow-net=127.0.0.1", "--allow-read", "--allow-write"];

/** An address of a server with all that may be secret in it. */
const addressOf = (port: number, path: string) =>
  `http://alice:s3cret@127.0.0.1:${port}/${path}?token=abc123#frag456`;

/** Answers by path: a CSV of pixels, a web page, bytes without end, else 404. */
function serveFiles(csv: Uint8Array<ArrayBuffer>) {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, ({ url }) => {
    const { pathname } = new URL(url);
    if (pathname === "/clothes.csv") return new Response(csv);
    if (pathname === "/page.safetensors") return new Response(`<html>${" ".repeat(4096)}</html>`);
    return new Response("no", { status: 404 });
  });
}

const VERBS: readonly (readonly string[])[] = [
  ["serve", "w.safetensors"],
  ["predict", "w.safetensors", "cat.jpg"],
  ["eval", "w.safetensors", "data.zip"],
  ["compare", "w.safetensors", "w.safetensors", "data.zip"],
  ["report", "w.safetensors"],
  ["export", "w.safetensors", "--out=/tmp/never.onnx", "--format=onnx"],
  ["inspect", "w.safetensors"],
  ["inspect", "data.zip"],
  ["train", "data.zip", "--weights=random", "--out=/tmp/never.safetensors"],
  ["train", "data.csv", "--weights=w.pth", "--out=/tmp/never.safetensors"],
  ["extract", "data.zip", "--weights=random", "--out=/tmp/never.safetensors"],
  ["lab", "data.csv", "--weights=w.pth"],
];

for (const verb of VERBS) {
  Deno.test(`graft ${verb.join(" ")} of an address tells nothing secret when it fails`, async () => {
    await using server = serveFiles(new Uint8Array(0));
    // Port 9 is where fetch refuses to go; the server answers 404.
    const runs = [[9, []], [server.addr.port, ["--json", "--debug"]]] as const;
    for (const [port, more] of runs) {
      const args = verb.map((word, i) => {
        const [, flag = "", file] = /^(--weights=)?([\w.]+\.\w+)$/.exec(word) ?? [];
        return i > 0 && file !== undefined ? flag + addressOf(port, file) : word;
      });
      const { code, stdout, stderr } = await graft([...args, ...more], PERMISSIONS);
      assert.equal(code, 1, stderr);
      assert.match(stderr, /Cannot .*http:\/\/127\.0\.0\.1:\d+\//);
      assert.doesNotMatch(stdout + stderr, SECRETS);
      if (port === 9) assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
    }
  });
}

Deno.test("a page in the place of a model is told from its first bytes, and nothing secret with it", async () => {
  await using server = serveFiles(new Uint8Array(0));
  const url = addressOf(server.addr.port, "page.safetensors");
  const { code, stderr } = await graft(["serve", url], PERMISSIONS);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /Cannot load model http:\/\/127\.0\.0\.1:\d+\/page\.safetensors: .*web page/,
  );
  assert.doesNotMatch(stderr, SECRETS);
});

Deno.test("results, reports and models that are made of an address hold nothing secret of it", async () => {
  await using folder = await emptyFolder();
  const [data, model, report] = ["d.csv", "m.safetensors", "r.html"].map((name) =>
    folder.file(name)
  );
  await graft(["sample", "--rows=60", `--out=${data}`], PERMISSIONS);
  await using server = serveFiles(await Deno.readFile(data));
  const url = addressOf(server.addr.port, "clothes.csv");
  const runs = [
    ["inspect", url, "--json"],
    [
      "train",
      url,
      "--weights=random",
      "--method=probe",
      "--image-size=28",
      "--stages=3",
      `--out=${model}`,
      `--report=${report}`,
      "--json",
    ],
    ["eval", model, url, "--json"],
    ["predict", model, url, "--verbose"],
  ];
  for (const args of runs) {
    const { code, stdout, stderr } = await graft(args, [...PERMISSIONS, "--allow-sys"]);
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stdout + stderr, SECRETS, args[0]);
  }
  for (const file of [model, report]) {
    const text = new TextDecoder("latin1").decode(await Deno.readFile(file));
    assert.match(text, /clothes\.csv/);
    assert.doesNotMatch(text, SECRETS, file);
  }
});
