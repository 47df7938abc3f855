import assert from "node:assert/strict";
import { loadWeights } from "../../src/weights/load.ts";
import { checkpointOfHash, CHECKPOINTS, findCheckpoint } from "../../src/weights/checkpoints.ts";
import { readSafetensors, writeSafetensors } from "../../src/weights/safetensors.ts";
import { sha256Hex } from "../../src/core/sha256.ts";
import { assertTensors, assertUserError, fixture, realWeights } from "./fixtures.ts";
import { serve } from "./server.ts";

const variant = "google";

Deno.test("bytes of every form load by their content", async () => {
  for (const name of ["zip_p2", "legacy_p2"]) {
    assertTensors((await loadWeights(fixture(name), { variant })).tensors, "everything");
  }
  const loaded = await loadWeights(fixture("safetensors"), { variant });
  assertTensors(loaded.tensors, "plain");
  assert.equal(loaded.variant, "google");
  assert.equal(loaded.sha256, await sha256Hex(fixture("safetensors")));
  assert.equal(loaded.source, "weights (914 bytes in memory)");
});

Deno.test("a path and a file: address load, whatever the file is called", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/weights.safetensors`;
    await Deno.writeFile(path, fixture("zip_p2"));
    const loaded = await loadWeights(path, { variant });
    assertTensors(loaded.tensors, "everything");
    assert.equal(loaded.source, path);
    assertTensors(
      (await loadWeights(new URL(`file://${path}`), { variant })).tensors,
      "everything",
    );
    assertTensors((await loadWeights(`file://${path}`, { variant })).tensors, "everything");
    await assertUserError(() => loadWeights(folder), /it is a folder; give the path of the file/);
    await assertUserError(
      () => loadWeights(`${path}x`),
      /weights\.safetensorsx: there is no such f/,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("an address loads, and its pin is checked and offered", async () => {
  await using server = serve(fixture("zip_p2"));
  const unpinned = await loadWeights(`${server.url}?token=secret`, { variant, cache: null });
  assertTensors(unpinned.tensors, "everything");
  assert.equal(unpinned.source, server.url);
  assert.match(unpinned.notes.join("\n"), new RegExp(`append #sha256=${unpinned.sha256}`));

  const pinned = new URL(`${server.url}#sha256=${unpinned.sha256.toUpperCase()}`);
  const { tensors, notes } = await loadWeights(pinned, { variant, cache: null });
  assertTensors(tensors, "everything");
  assert.doesNotMatch(notes.join("\n"), /append/);

  const wrong = `${server.url}#sha256=${"0".repeat(64)}`;
  await assertUserError(() => loadWeights(wrong, { variant, cache: null }), /has SHA-256/);
  await assertUserError(() => loadWeights(`${server.url}#sha256=12`), /#sha256=12 is not 8 to 64/);
  await assertUserError(() => loadWeights("https://"), /it is not a valid address/);
});

Deno.test("a known name is fetched from its addresses and refused if it is something else", async () => {
  const asked: string[] = [];
  const fake: typeof fetch = (url) => {
    asked.push(String(url));
    return Promise.resolve(new Response(new Uint8Array(CHECKPOINTS[0].size)));
  };
  await assertUserError(
    () => loadWeights("ImageNet", { fetch: fake, cache: null }),
    /has SHA-256 [0-9a-f]{64}, expected 7f5810bc.*--weights <path>/,
  );
  assert.deepEqual(asked, CHECKPOINTS[0].urls);
});

Deno.test("a checkpoint without an address asks for its path", () =>
  assertUserError(
    () => loadWeights("google"),
    /"google-reconstructed": no address .* give the path/,
  ));

Deno.test("an unknown name lists the known ones", () =>
  assertUserError(
    () => loadWeights("imagnet"),
    /"imagnet": neither a file nor a known name; known are "imagenet" or "starter", and a path or an address.*; did you mean imagenet\?$/,
  ));

Deno.test("the family must be said where it is not known", () =>
  assertUserError(
    () => loadWeights(fixture("zip_p2")),
    /Cannot tell which family .*the variant \(--variant\): torchvision .* or google/,
  ));

Deno.test("a family that does not exist is refused, and the families listed", () =>
  assertUserError(
    () => loadWeights(fixture("zip_p2"), { variant: "keras" as "google" }),
    /variant is "keras", expected "torchvision" or "google"/,
  ));

Deno.test("the family of a model saved by graft comes from its manifest", async () => {
  const { tensors } = readSafetensors(fixture("safetensors"));
  const manifest = JSON.stringify({ format: 1, variant: "google" });
  const bytes = writeSafetensors({ tensors, metadata: { graft: manifest } });
  assert.equal((await loadWeights(bytes)).variant, "google");
  await assertUserError(
    () => loadWeights(bytes, { variant: "torchvision" }),
    /as "torchvision": these weights are known to be of the "google" family; leave out the variant \(--variant\)/,
  );
  // Who only assumes gives way.
  assert.equal((await loadWeights(bytes, { assumedVariant: "torchvision" })).variant, "google");
  for (const graft of ["null", "no json", '{"variant":"toString"}']) {
    const foreign = writeSafetensors({ tensors, metadata: { graft } });
    await assertUserError(() => loadWeights(foreign), /Cannot tell which family/);
  }
});

Deno.test("what the file lacks or was left out of it is said in a line each", async () => {
  const { notes, details } = await loadWeights(fixture("mixed"), { variant });
  assert.deepEqual(notes, []);
  assert.deepEqual(details, [
    "classifier.1.weight and classifier.1.bias are absent: fine for transfer, which needs only features.*",
    '1 tensor is not used: "weight"',
    "2 entries are no tensor and left out: epoch, note",
  ]);
});

const MISTAKES: readonly (readonly [string, string, RegExp])[] = [
  ["nothing", "", /it is empty/],
  ["a web page", "\n<!DOCTYPE html><html>", /it is a web page/],
  ["a Git LFS pointer", "version https://git-lfs.github.com/spec/v1\noid", /Git LFS pointer/],
  ["an HDF5 file", "\x89HDF\r\n\x1a\n", /it is an HDF5 file/],
  ["a gzip file", "\x1f\x8b\x08", /compressed with gzip/],
  ["a picture", "\x89PNG\r\n\x1a\n", /neither safetensors nor a PyTorch file/],
];

for (const [what, text, message] of MISTAKES) {
  Deno.test(`${what} given for weights is named as such`, () =>
    assertUserError(
      () => loadWeights(Uint8Array.from(text, (character) => character.charCodeAt(0))),
      message,
    ));
}

Deno.test("every name and hash in the table is well formed and stands there once", () => {
  const names = CHECKPOINTS.flatMap(({ name, aliases }) => [name, ...aliases]);
  assert.equal(new Set(names.map((name) => name.toLowerCase())).size, names.length);
  const hashes = CHECKPOINTS.flatMap((info) => [info, ...info.otherFiles]).map((f) => f.sha256);
  assert.equal(new Set(hashes).size, hashes.length);
  for (const hash of hashes) assert.match(hash, /^[0-9a-f]{64}$/);
  for (const info of CHECKPOINTS) {
    for (const name of [info.name, ...info.aliases]) assert.equal(findCheckpoint(name), info);
    assert.equal(checkpointOfHash(info.sha256), info);
    // torchvision puts the first digits of the hash into the name.
    if (info.urls.length > 0) assert.ok(info.urls[0].includes(info.sha256.slice(0, 8)));
  }
});

const [pth, safetensors] = [realWeights("pth"), realWeights("safetensors")];

Deno.test({
  name: "the real weights are known by their hash in both forms, and say what they lack",
  ignore: pth === undefined || safetensors === undefined,
  fn: async () => {
    for (const path of [pth!, safetensors!]) {
      const { variant, tensors, notes, details = [] } = await loadWeights(path);
      assert.equal(variant, "google");
      assert.equal(tensors.size, 359);
      assert.deepEqual(notes, []);
      assert.deepEqual(details, [
        "classifier.1.weight is absent: fine for transfer, which needs only features.*",
        `50 tensors are not used: 49 of batch norm's counters, "classifier.1.bias"`,
      ]);
    }
  },
});
