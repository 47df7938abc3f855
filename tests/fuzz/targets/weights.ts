/** PyTorch's files in both forms, and safetensors files. @module */
import { sizeOf } from "../../../src/core/host_tensor.ts";
import { dequantise } from "../../../src/weights/quantise.ts";
import { readTensorFile } from "../../../src/weights/tensor_file.ts";
import type { TensorFile } from "../../../src/weights/safetensors.ts";
import type { Dice } from "../dice.ts";
import { joined, little, mutate, mutateJson } from "../mutate.ts";
import { legacyFile, stateDict, type TensorPickle } from "../pickle_files.ts";
import { growingPickle, randomPickle } from "../pickle_programs.ts";
import { check, checkEqual, orRefused, type Outcome, type Target } from "../target.ts";
import { zipOf } from "../zip_files.ts";

/** Files of PyTorch. */
export function pthTarget(form: "zip" | "legacy"): Target {
  return {
    make(dice) {
      const made = tensorPickle(dice);
      const pickle = dice.chance(0.1) ? mutate(made.pickle, dice) : made.pickle;
      const file = form === "legacy"
        ? legacyFile({ ...made, pickle }, dice)
        : zipOf(archiveMembers({ ...made, pickle }, dice), dice, dice.chance(0.2) ? 0.02 : 0);
      return dice.chance(0.2) ? mutate(file, dice) : file;
    },
    run: readTwice,
  };
}

function tensorPickle(dice: Dice): TensorPickle {
  if (dice.chance(0.6)) return stateDict(dice);
  if (dice.chance(0.03)) return { pickle: growingPickle(dice), storages: [] };
  return { pickle: randomPickle(dice), storages: [] };
}

function archiveMembers({ pickle, storages }: TensorPickle, dice: Dice) {
  const folder = dice.pick(["archive", "model", "a b", "é"]);
  const member = (name: string, content: Uint8Array) => ({
    name: `${folder}/${name}`,
    content,
    deflated: dice.chance(0.005),
  });
  const members = [
    member("data.pkl", pickle),
    ...storages.map(({ key, bytes }) => member(`data/${key}`, bytes)),
    member("version", new TextEncoder().encode("3\n")),
  ];
  if (dice.chance(0.1)) {
    members.push(member("byteorder", new TextEncoder().encode(dice.pick(["little", "big", ""]))));
  }
  if (dice.chance(0.02)) {
    members.push(member(dice.pick(["constants.pkl", "data.pkl", "data/0"]), pickle));
  }
  return members;
}

/** Safetensors files. */
export function safetensorsTarget(): Target {
  return { make: safetensorsFile, run: readTwice };
}

const WORDS = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  I16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
} as const;

/** A header, often changed as JSON, before data that have the length that it once said. */
export function safetensorsFile(dice: Dice): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = {};
  if (dice.chance(0.4)) header.__metadata__ = { format: "pt", note: "x".repeat(dice.size(100)) };
  let at = 0;
  for (let i = dice.size(10); i > 0; i--) {
    const word = dice.pick(Object.keys(WORDS)) as keyof typeof WORDS;
    const shape = Array.from({ length: dice.below(4) }, () => dice.below(7));
    const end = at + sizeOf(shape) * WORDS[word];
    header[
      dice.chance(0.1) ? dice.pick(["a", "a_scale", "__proto__", "é", ""]) : `features.${i}.weight`
    ] = {
      dtype: word,
      shape,
      data_offsets: [at, end],
    };
    at = end;
  }
  const data = dice.bytes(at);
  const changed = dice.chance(0.6) ? mutateJson(header, dice) : header;
  const json = new TextEncoder().encode(JSON.stringify(changed) ?? "");
  const text = dice.chance(0.15) ? mutate(json, dice) : json;
  const length = dice.chance(0.98) ? text.length : dice.interesting();
  const file = joined(little(length, 8), text, data);
  return dice.chance(0.1) ? mutate(file, dice) : file;
}

/** Copies that reading may make beside the file itself, in bytes: see `CopyBudget`. */
const mostBytes = (file: number) => 8 * file + 70e6;

async function readTwice(bytes: Uint8Array, dice: Dice): Promise<Outcome> {
  const file = await orRefused(() => readTensorFile(bytes, "the file"));
  if (file === undefined) return "refused";
  let total = 0;
  for (const [name, { dtype, shape, data }] of file.tensors) {
    check(
      data.length === sizeOf(shape),
      "elements do not have the tensor's size",
      `${name} [${shape}] ${data.length}`,
    );
    check(shape.every((side) => Number.isInteger(side) && side >= 0), "no shape", shape);
    check(
      dtype.replace("bool", "uint8").startsWith(
        /^(Big)?(Int|Float|Uint)/.exec(data.constructor.name)![2].toLowerCase(),
      ),
      "another type",
      `${dtype} ${data.constructor.name}`,
    );
    total += data.byteLength;
  }
  check(
    total <= mostBytes(bytes.length),
    "far more bytes than the file has",
    `${total} of ${bytes.length}`,
  );
  if (dice.chance(0.5)) checkSame(file, await readTensorFile(bytes, "the file"));
  const tensors = await orRefused(() => dequantise(file.tensors));
  for (const [name, { shape, data }] of tensors ?? []) {
    check(data.length === sizeOf(shape), "elements do not have the tensor's size", name);
  }
  return "accepted";
}

function checkSame(a: TensorFile, b: TensorFile): void {
  checkEqual([...a.tensors.keys()], [...b.tensors.keys()], "names differ when read twice");
  for (const [name, { data }] of a.tensors) {
    checkEqual(data, b.tensors.get(name)!.data, `${name} differs when read twice`);
  }
}
