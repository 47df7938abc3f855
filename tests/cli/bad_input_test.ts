// Each wrong file or flag value: exit 1, one line on stderr that says what to do, and no file left behind.
import assert from "node:assert/strict";
import { writeSafetensors } from "../../src/weights/safetensors.ts";
import { fixture } from "../weights/fixtures.ts";
import { serve } from "../weights/server.ts";
import { emptyFolder, FAST, graft, sampleLines } from "./graft.ts";

interface BadCase {
  readonly name: string;
  /** Content of the data file; a small good one if absent. */
  readonly data?: string;
  /** Content of the weights (or model) file. */
  readonly weights?: Uint8Array;
  /** Arguments; DATA, WEIGHTS and OUT stand for the files. */
  readonly args?: readonly string[];
  readonly message: RegExp;
}

const TRAIN = ["train", "DATA", ...FAST, "--out", "OUT"];
const TRAIN_ON_WEIGHTS = ["train", "DATA", "--weights", "WEIGHTS", "--out", "OUT"];

const small = sampleLines(20);
const tensors = new Map(
  [["features.0.0.weight", {
    dtype: "float32",
    shape: [2],
    data: Float32Array.of(1, 2),
  }]] as const,
);
const safetensors = writeSafetensors({ tensors, metadata: {} });

/** A safetensors file whose only tensor ends behind the file's end. */
function outOfRange(): Uint8Array {
  const header = `{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`;
  const bytes = new Uint8Array(8 + header.length + 4);
  new DataView(bytes.buffer).setUint32(0, header.length, true);
  bytes.set(new TextEncoder().encode(header), 8);
  return bytes;
}

const CASES: readonly BadCase[] = [
  {
    name: "a missing file",
    args: ["train", "OUT.csv", ...FAST, "--out", "OUT"],
    message: /OUT\.csv: there is no such file/,
  },
  { name: "an empty CSV", data: "", message: /the file is empty/ },
  {
    name: "a CSV without rows",
    data: sampleLines(1, (lines) => lines.pop()),
    message: /no rows below the header/,
  },
  {
    name: "a ragged row",
    data: sampleLines(20, (lines) => lines[7] = lines[7].replace(/^[^,]*,/, "")),
    message: /line 8 .*784.*785/,
  },
  {
    name: "a pixel that is no number",
    data: sampleLines(20, (lines) => lines[3] = lines[3].replace(/^\d+,\d+,/, "0,grey,")),
    message: /line 4.*"V2".*"grey"/,
  },
  {
    name: "a label column that is not there",
    args: [...TRAIN, "--label", "kind"],
    message: /no label column "kind"; its 785 columns are "V1", .*"y"/,
  },
  {
    name: "a single class",
    data: sampleLines(
      20,
      (lines) => lines.forEach((line, i) => lines[i] = line.replace(/,[^,"]*$/, ",3")),
    ),
    message: /all 20 pictures are of class "3", expected at least 2 classes/,
  },
  {
    name: "a class with fewer rows than the split needs",
    data: sampleLines(40, (lines) => lines[5] = lines[5].replace(/,[^,]*$/, ",99")),
    args: [...TRAIN, "--stratify", "--test-size", "0.5"],
    message: /class "99" has one row/,
  },
  {
    name: "more rows kept apart than there are",
    args: [...TRAIN, "--test-size", "20"],
    message: /test.*20/i,
  },
  {
    name: "a shape that does not fit",
    args: [...TRAIN, "--shape", "28x27x1"],
    message: /28x27x1 has 756 values, but its rows have 784 pixels/,
  },
  {
    name: "weights of an unknown name",
    args: ["train", "DATA", "--weights", "imagenett", "--out", "OUT"],
    message: /"imagenett".*known are "imagenet" or "starter"; did you mean imagenet\?/,
  },
  {
    name: "truncated safetensors",
    weights: safetensors.slice(0, safetensors.length - 4),
    args: TRAIN_ON_WEIGHTS,
    message: /Cannot read .*\.bin: /,
  },
  {
    name: "offsets out of range",
    weights: outOfRange(),
    args: TRAIN_ON_WEIGHTS,
    message: /Cannot read .*\.bin: /,
  },
  {
    name: "a truncated .pth",
    weights: fixture("zip_p2").slice(0, 400),
    args: TRAIN_ON_WEIGHTS,
    message: /Cannot read .*\.bin: /,
  },
  {
    name: "a zip bomb for a .pth",
    weights: fixture("bomb"),
    args: TRAIN_ON_WEIGHTS,
    message: /is compressed/,
  },
  {
    name: "weights of an unknown family",
    weights: safetensors,
    args: TRAIN_ON_WEIGHTS,
    message: /give the variant \(--variant\): torchvision/,
  },
  {
    name: "weights of another network",
    weights: safetensors,
    args: [...TRAIN_ON_WEIGHTS, "--variant", "google"],
    message: /features\./,
  },
  {
    name: "weights where a model is expected",
    weights: safetensors,
    args: ["eval", "WEIGHTS", "DATA"],
    message: /no graft manifest/,
  },
  {
    name: "weights to be exported where a model is expected",
    weights: safetensors,
    args: ["export", "WEIGHTS", "--out", "OUT"],
    message: /no graft manifest/,
  },
  {
    name: "data to be exported where a model is expected",
    args: ["export", "DATA", "--format", "tfjs", "--out", "OUT"],
    message: /Cannot load model .*data\.csv: it is text, expected a model that graft train kept/,
  },
  {
    name: "a model where data are expected",
    weights: writeSafetensors({ tensors, metadata: { format: "pt", graft: '{"format":1}' } }),
    args: ["train", "WEIGHTS", ...FAST, "--out", "OUT"],
    message: /it looks like a model that graft keeps, expected a folder of pictures, /,
  },
  {
    name: "an export over the model itself",
    weights: safetensors,
    args: ["export", "WEIGHTS", "--dtype", "f16", "--out", "WEIGHTS"],
    message: /is read by the same command; name another file/,
  },
  {
    name: "a folder for an export within a file",
    weights: safetensors,
    args: ["export", "WEIGHTS", "--format", "tfjs", "--out", "WEIGHTS/web"],
    message: /Cannot write to .*web: Not a directory .*choose another place/,
  },
  {
    name: "a model made by a newer version",
    weights: writeSafetensors({ tensors, metadata: { graft: '{"format":2,"graft":"9.0.0"}' } }),
    args: ["predict", "WEIGHTS", "DATA"],
    message: /newer/,
  },
  {
    name: "a folder that does not exist to write to",
    args: ["train", "DATA", ...FAST, "--out", "OUT/model.safetensors"],
    message: /the folder .* does not exist; create it/,
  },
  {
    name: "a picture where a CSV is expected",
    data: "\x89PNG\r\n\x1a\n",
    message: /looks like a PNG picture/,
  },
];

for (const { name, data, weights, args = TRAIN, message } of CASES) {
  Deno.test(`${name} is one clear line and exit code 1`, async () => {
    await using folder = await emptyFolder();
    const paths: Record<string, string> = {
      DATA: folder.file("data.csv"),
      WEIGHTS: folder.file("weights.bin"),
      OUT: folder.file("OUT"),
    };
    const bytes = Uint8Array.from(data ?? small, (character) => character.charCodeAt(0));
    await Deno.writeFile(paths.DATA, bytes);
    if (weights !== undefined) await Deno.writeFile(paths.WEIGHTS, weights);
    const before = folder.names();
    const real = args.map((arg) => arg.replace(/^(DATA|WEIGHTS|OUT)/, (key) => paths[key]));
    const outcome = await graft(real, [
      `--allow-read=${folder.path}`,
      `--allow-write=${folder.path}`,
    ]);
    assert.equal(outcome.code, 1, outcome.stderr);
    assert.equal(outcome.stdout, "");
    assert.match(outcome.stderr, /^graft: [^\n]+\n$/);
    assert.match(outcome.stderr, message);
    assert.deepEqual(folder.names(), before);
  });
}

Deno.test("a download of the wrong hash is one clear line and exit code 1", async () => {
  await using folder = await emptyFolder();
  await Deno.writeTextFile(folder.file("data.csv"), small);
  await using server = serve(new Uint8Array(safetensors));
  const weights = `${server.url}#sha256=${"0".repeat(64)}`;
  const args = ["train", folder.file("data.csv"), "--weights", weights];
  const { code, stdout, stderr } = await graft([...args, "--out", folder.file("m")], [
    "--allow-net=127.0.0.1",
    `--allow-read=${folder.path}`,
    `--allow-write=${folder.path}`,
  ]);
  assert.equal(code, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /^graft: [^\n]+SHA-256 [0-9a-f]+, expected 0{8}[^\n]+\n$/);
  assert.deepEqual(folder.names(), ["data.csv"]);
});

Deno.test("features of other data are refused", async () => {
  await using folder = await emptyFolder();
  await Deno.writeTextFile(folder.file("a.csv"), small);
  await Deno.writeTextFile(folder.file("b.csv"), sampleLines(30));
  const permissions = [`--allow-read=${folder.path}`, `--allow-write=${folder.path}`];
  const features = ["--features", folder.file("f.safetensors"), "--test-size", "4"];
  const first = await graft(["train", folder.file("a.csv"), ...FAST, ...features], permissions);
  assert.equal(first.code, 0, first.stderr);
  const second = await graft(["train", folder.file("b.csv"), ...FAST, ...features], permissions);
  assert.equal(second.code, 1);
  assert.match(second.stderr, /^graft: Cannot use features [^\n]*belong to other data[^\n]+\n$/);
});
