/** From a checkpoint's plain data to named tensors. @module */

import { UserError } from "../core/errors.ts";
import type { HostTensor } from "../core/host_tensor.ts";
import { clip, quotedList } from "../core/quoted.ts";
import { isFirstKernel, sharedWrappers } from "./network_names.ts";
import {
  describeValue,
  isCall,
  isPersistent,
  type PicklePersistent,
  type PickleValue,
} from "./pickle_value.ts";
import type { TensorFile } from "./safetensors.ts";
import { type CopyBudget, type Storage, STORAGE_KINDS, tensorOfWindow } from "./storages.ts";

/**
 * What a checkpoint may name besides the storages, and what for. Nothing is ever called: a name that is not listed is refused so that
 * nobody who reads the same file elsewhere comes to harm.
 */
const ALLOWED: ReadonlySet<string> = new Set([
  "collections.OrderedDict", // a state dict
  "torch._utils._rebuild_tensor", // a tensor, PyTorch 0.1 to 0.3
  "torch._utils._rebuild_tensor_v2", // a tensor
  "torch._utils._rebuild_parameter", // a tensor that is trained
  "torch.Size", // shapes beside the tensors, as optimizers keep
  "torch.device", // where the training ran
  ...["float16", "bfloat16", "float32", "float64", "int64", "int32", "uint8", "bool"]
    .map((dtype) => `torch.${dtype}`), // options of a training
  // Hyper-parameters and the state of callbacks, as training scripts and Lightning keep them.
  "argparse.Namespace",
  "collections.defaultdict",
  "collections.Counter",
  ...["PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath"]
    .map((path) => `pathlib.${path}`),
  ...["builtins", "__builtin__"].flatMap((module) =>
    ["set", "frozenset", "complex", "bytearray", "slice", "range", "list", "dict", "int", "float"]
      .map((name) => `${module}.${name}`)
  ),
  "_codecs.encode", // bytes in protocol 2
  ...["numpy.core", "numpy._core"].flatMap((module) =>
    ["scalar", "_reconstruct"].map((name) => `${module}.multiarray.${name}`)
  ),
  "numpy.dtype",
  "numpy.ndarray",
  ...["pytorch_lightning.utilities", "lightning.pytorch.utilities"]
    .map((module) => `${module}.parsing.AttributeDict`),
  ...["lightning_fabric.utilities", "lightning.fabric.utilities"]
    .map((module) => `${module}.data.AttributeDict`),
]);

/** Whether a checkpoint of tensors may name `module.name` in its pickle. */
export function allowsGlobal(module: string, name: string): boolean {
  return ALLOWED.has(`${module}.${name}`) || (module === "torch" && STORAGE_KINDS.has(name));
}

/** Keys under which training scripts keep the state dict, the more telling first; `""` is the checkpoint itself. */
const KNOWN_KEYS = ["state_dict", "model_state_dict", "model", ""] as const;

/** What a state dict is made from. */
export interface StateDictSource {
  /** What messages call the file. */
  readonly name: string;
  /** Finds the storage that the pickle refers to. */
  readonly storage: (reference: PicklePersistent) => Storage;
  /** What may yet be copied. */
  readonly budget: CopyBudget;
}

/**
 * The tensors of a checkpoint: of the dict itself, or of the one in it that holds the network, under `"state_dict"`,
 * `"model_state_dict"` or `"model"` where several do, which is said in `notes`. Wrappers before every name (`sharedWrappers`) are
 * taken off. What is no tensor is left out and listed in `skipped`.
 *
 * @throws {UserError} There is no dict of tensors, there are several and none of them under a known key, or a tensor does not fit its
 * storage.
 */
export function readStateDict(root: PickleValue, source: StateDictSource): TensorFile {
  const { name } = source;
  if (!(root instanceof Map)) {
    throw new UserError(
      `Cannot read ${name}: it does not hold a dict; in Python save one: torch.save(model.state_dict(), path)`,
    );
  }
  const { dict, notes } = findStateDict(root, name);
  const prefix = sharedWrappers(tensorNames(dict));
  const tensors = new Map<string, HostTensor>();
  const skipped: string[] = [];
  for (const [key, value] of dict) {
    if (typeof key !== "string" || !isTensor(value)) skipped.push(describeValue(key));
    else tensors.set(key.slice(prefix.length), readTensor(value, key, source));
  }
  if (tensors.size === 0) {
    const keys = clip([...root.keys()].slice(0, 8).map(describeValue).join(", "));
    throw new UserError(
      `Cannot read ${name}: it holds no tensors by name (${
        keys === "" ? "its dict is empty" : `its keys: ${keys}`
      }); expected a state dict, by itself or under "state_dict" or "model"`,
    );
  }
  const details = prefix === "" ? [] : [`"${prefix}" was taken off the names, which all have it`];
  return {
    tensors,
    metadata: {},
    ...skipped.length > 0 && { skipped },
    ...notes.length > 0 && { notes },
    ...details.length > 0 && { details },
  };
}

type Dict = ReadonlyMap<PickleValue, PickleValue>;

/** The dict that holds the network, of all in the checkpoint that hold tensors by name. */
function findStateDict(root: Dict, name: string): { dict: Dict; notes: readonly string[] } {
  // A dict may stand under thousands of keys: it is looked through once.
  const looked = new Map<Dict, readonly string[]>();
  const namesIn = (dict: Dict) => {
    const names = looked.get(dict) ?? tensorNames(dict);
    looked.set(dict, names);
    return names;
  };
  const candidates = [["", root] as const, ...root].filter((entry): entry is [string, Dict] =>
    typeof entry[0] === "string" && entry[1] instanceof Map && namesIn(entry[1]).length > 0
  );
  const hasNetwork = new Set(
    [...looked].filter(([, names]) => names.some(isFirstKernel)).map(([dict]) => dict),
  );
  const networks = candidates.filter(([, dict]) => hasNetwork.has(dict));
  const pool = networks.length > 0 ? networks : candidates;
  const known = KNOWN_KEYS.flatMap((key) => pool.filter(([own]) => own === key));
  const chosen = known[0] ?? pool[0];
  if (chosen === undefined) return { dict: root, notes: [] };
  const where = (key: string) => key === "" ? "at its top" : `under ${quotedList([key])}`;
  const others = pool.filter((other) => other !== chosen).map(([key]) => where(key));
  if (known.length === 0 && others.length > 0) {
    throw new UserError(
      `Cannot read ${name}: it holds tensors ${where(chosen[0])} and ${
        clip(others.join(", "))
      }, expected one state dict; in Python save the one that you want: torch.save(torch.load(path)["…"], newPath)`,
    );
  }
  const not = others.length === 0 ? "" : `, not those ${clip(others.join(", "))}`;
  const isUsual = known.length > 0 && others.length === 0;
  return {
    dict: chosen[1],
    notes: isUsual ? [] : [`the weights ${where(chosen[0])} were taken${not}`],
  };
}

function tensorNames(dict: Dict): string[] {
  return [...dict].filter(([key, value]) => typeof key === "string" && isTensor(value))
    .map(([key]) => key as string);
}

/** Whether a value is a recorded call to what makes a tensor. */
function isTensor(value: PickleValue): boolean {
  return isCall(value) && value.callee.module === "torch._utils";
}

function readTensor(value: PickleValue, key: string, source: StateDictSource): HostTensor {
  const what = `tensor "${clip(key)}"`;
  const malformed = () =>
    new UserError(
      `Cannot read ${source.name}: ${what} is not described as PyTorch does it; the file is damaged`,
    );
  if (!isCall(value)) throw malformed();
  const [first, offset, shape, strides] = value.args;
  // _rebuild_parameter(tensor, requires_grad, hooks); no parameter wraps another.
  if (value.callee.name === "_rebuild_parameter") {
    if (!isCall(first) || !isTensor(first) || first.callee.name === "_rebuild_parameter") {
      throw malformed();
    }
    return readTensor(first, key, source);
  }
  // _rebuild_tensor[_v2](storage, offset, shape, strides, …)
  if (
    !isPersistent(first) || typeof offset !== "number" || !isNumbers(shape) || !isNumbers(strides)
  ) {
    throw malformed();
  }
  const window = { offset, shape, strides };
  return tensorOfWindow(source.storage(first), window, source.name, what, source.budget);
}

function isNumbers(value: PickleValue | undefined): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => typeof item === "number");
}
