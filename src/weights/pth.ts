/**
 * PyTorch's checkpoints, in both forms that `torch.save` has written: a zip archive (since 1.6) and, with
 * `_use_new_zipfile_serialization=False` or older versions, pickles in a row followed by the storages.
 *
 * Read from torch/serialization.py's side of the contract (PyTorch 1.13); nothing in a file is executed.
 *
 * @module
 */

import { UserError } from "../core/errors.ts";
import { ELEMENT_BYTES } from "./elements.ts";
import { parsePickle } from "./pickle.ts";
import { describeValue, type PicklePersistent, type PickleValue } from "./pickle_value.ts";
import type { TensorFile } from "./safetensors.ts";
import { allowsGlobal, readStateDict } from "./state_dict.ts";
import {
  CopyBudget,
  makeStorage,
  readStorageReference,
  type Storage,
  type StorageReference,
} from "./storages.ts";
import { listZip, readStored } from "./zip_entries.ts";

/** The number that a legacy file opens with (torch/serialization.py, MAGIC_NUMBER). */
const MAGIC_NUMBER = 0x1950a86a20f9469cfc6cn;
/** The legacy form's version (torch/serialization.py, PROTOCOL_VERSION). */
const PROTOCOL_VERSION = 1001;

/**
 * Reads the tensors of a `.pth` file: its state dict, whether by itself or under `"state_dict"` or
 * `"model"`, without the prefix `"module."`. 16-bit floats are widened to float32; contiguous tensors
 * of the other types are views of `bytes`, so writing to one writes to the other.
 *
 * @param bytes The whole file.
 * @param name What messages call the file.
 *
 * @throws {UserError} (rejects) The file is truncated or damaged, holds no dict of tensors, names a class
 * or function or uses an opcode that tensors do not need, or would unfold to far more than its size.
 *
 * @example
 * ```ts
 * import { readPth } from "./pth.ts";
 * async function showTensors(path: string) {
 *   const { tensors } = await readPth(await Deno.readFile(path), path);
 *   for (const [name, { dtype, shape }] of tensors) console.log(name, dtype, shape);
 * }
 * ```
 */
export function readPth(bytes: Uint8Array, name = "PyTorch data"): Promise<TensorFile> {
  return new Promise((resolve) =>
    resolve(isZip(bytes) ? readZip(bytes, name) : readLegacy(bytes, name))
  );
}

function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b; // "PK"
}

function readZip(bytes: Uint8Array, name: string): TensorFile {
  const entries = listZip(bytes, name);
  const pickles = [...entries.keys()].filter((path) => /^[^/]+\/data\.pkl$/.test(path));
  if (pickles.length !== 1) {
    throw new UserError(
      `Cannot read ${name}: the zip archive holds no "<name>/data.pkl"; expected a file made by torch.save`,
    );
  }
  const folder = pickles[0].slice(0, -"data.pkl".length);
  const read = (path: string) => {
    const entry = entries.get(folder + path);
    return entry === undefined ? undefined : readStored(bytes, entry, name);
  };
  if (entries.has(`${folder}constants.pkl`)) {
    throw new UserError(
      `Cannot read ${name}: it is a TorchScript program; in Python keep only its tensors: torch.save(torch.jit.load(path).state_dict(), newPath)`,
    );
  }
  const byteOrder = read("byteorder"); // absent before PyTorch 2.1
  if (byteOrder !== undefined && new TextDecoder().decode(byteOrder) !== "little") {
    throw bigEndian(name);
  }
  const { value } = parsePickle(read("data.pkl")!, { name, allows: allowsGlobal });
  return readCheckpoint(value, name, bytes.length, ({ key }) => read(`data/${key}`));
}

function readLegacy(bytes: Uint8Array, name: string): TensorFile {
  let position = 0;
  const next = () => {
    const pickle = parsePickle(bytes, { name, start: position, allows: allowsGlobal });
    position = pickle.end;
    return pickle;
  };
  if (bytes[0] !== 0x80 || next().value !== MAGIC_NUMBER) {
    throw new UserError(
      `Cannot read ${name}: it does not begin as a file made by torch.save does; expected a state dict saved with torch.save`,
    );
  }
  const version = next().value;
  if (version !== PROTOCOL_VERSION) {
    throw new UserError(
      `Cannot read ${name}: its form has version ${
        describeValue(version)
      }, expected ${PROTOCOL_VERSION}; in Python load the file and save it again with torch.save`,
    );
  }
  const system = next().value;
  if (system instanceof Map && system.get("little_endian") === false) throw bigEndian(name);
  const { value, persistent } = next();
  const references = new Map<string, StorageReference>();
  for (const item of persistent) {
    const reference = readStorageReference(item, name);
    references.set(reference.key, reference);
  }
  const keys = next().value;
  const storages = sliceStorages(bytes, position, keys, references, name);
  return readCheckpoint(value, name, bytes.length, ({ key }) => storages.get(key));
}

/** The raw storages behind the pickles: for each key 8 bytes of length in elements, then the elements. */
function sliceStorages(
  bytes: Uint8Array,
  start: number,
  keys: PickleValue,
  references: ReadonlyMap<string, StorageReference>,
  name: string,
): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const storages = new Map<string, Uint8Array>();
  let position = start;
  for (const key of Array.isArray(keys) ? keys : []) {
    const reference = typeof key === "string" ? references.get(key) : undefined;
    if (reference === undefined) {
      throw new UserError(
        `Cannot read ${name}: it holds a storage that no tensor refers to; the file is damaged, fetch it again`,
      );
    }
    const begin = position + 8;
    const length = begin <= bytes.length ? Number(view.getBigUint64(position, true)) : Infinity;
    const end = begin + length * ELEMENT_BYTES[reference.kind];
    if (end > bytes.length) {
      throw new UserError(
        `Cannot read ${name}: it ends inside of storage ${storages.size + 1} of ${
          (keys as unknown[]).length
        }; the file is truncated, fetch it again`,
      );
    }
    storages.set(reference.key, bytes.subarray(begin, end));
    position = end;
  }
  return storages;
}

/** The state dict, with storages looked up by `find` and each made once. */
function readCheckpoint(
  value: PickleValue,
  name: string,
  fileBytes: number,
  find: (reference: StorageReference) => Uint8Array | undefined,
): TensorFile {
  const budget = new CopyBudget(name, fileBytes);
  const made = new Map<string, Storage>();
  const storage = (persistent: PicklePersistent): Storage => {
    const reference = readStorageReference(persistent, name);
    const known = made.get(reference.key);
    if (known?.kind === reference.kind) return known;
    const bytes = find(reference);
    if (bytes === undefined || known !== undefined) {
      throw new UserError(
        `Cannot read ${name}: its storages and the tensors that refer to them do not match; the file is damaged, fetch it again`,
      );
    }
    const fresh = makeStorage(bytes, reference, name, budget);
    made.set(reference.key, fresh);
    return fresh;
  };
  return readStateDict(value, { name, storage, budget });
}

function bigEndian(name: string): UserError {
  return new UserError(
    `Cannot read ${name}: it was written on a big-endian machine; in Python load the file and save it as safetensors`,
  );
}
