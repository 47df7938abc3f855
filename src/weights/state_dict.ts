/** From a checkpoint's plain data to named tensors. @module */

import { UserError } from "../core/errors.ts";
import type { HostTensor } from "../core/host_tensor.ts";
import { clip } from "../core/quoted.ts";
import {
  describeValue,
  isCall,
  isPersistent,
  type PicklePersistent,
  type PickleValue,
} from "./pickle_value.ts";
import type { TensorFile } from "./safetensors.ts";
import { type CopyBudget, type Storage, STORAGE_KINDS, tensorOfWindow } from "./storages.ts";

/** What a checkpoint may name besides the storages, with what PyTorch uses it for. */
const ALLOWED: ReadonlySet<string> = new Set([
  "collections.OrderedDict", // a state dict
  "torch._utils._rebuild_tensor", // a tensor, PyTorch 0.1 to 0.3
  "torch._utils._rebuild_tensor_v2", // a tensor
  "torch._utils._rebuild_parameter", // a tensor that is trained
  "torch.Size", // shapes beside the tensors, as optimizers keep
  "torch.device", // where the training ran
]);

/** Whether a checkpoint of tensors may name `module.name` in its pickle. */
export function allowsGlobal(module: string, name: string): boolean {
  return ALLOWED.has(`${module}.${name}`) || (module === "torch" && STORAGE_KINDS.has(name));
}

/** Keys under which training scripts keep the state dict, the more telling first. */
const NESTED_KEYS = ["state_dict", "model_state_dict", "model"] as const;

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
 * The tensors of a checkpoint: of the dict itself, or of the one under `"state_dict"`,
 * `"model_state_dict"` or `"model"`. The prefix `"module."`, which `DataParallel` puts before every
 * name, is taken off. What is no tensor is left out and listed in `skipped`.
 *
 * @throws {UserError} There is no dict of tensors, or a tensor does not fit its storage.
 */
export function readStateDict(root: PickleValue, source: StateDictSource): TensorFile {
  const { name } = source;
  if (!(root instanceof Map)) {
    throw new UserError(
      `Cannot read ${name}: it does not hold a dict; in Python save one: torch.save(model.state_dict(), path)`,
    );
  }
  const tensors = new Map<string, HostTensor>();
  const skipped: string[] = [];
  const dict = findStateDict(root);
  const unprefixed = hasPrefix(dict) ? (key: string) => key.slice(PREFIX.length) : undefined;
  for (const [key, value] of dict) {
    if (typeof key !== "string" || !isTensor(value)) skipped.push(describeValue(key));
    else tensors.set(unprefixed?.(key) ?? key, readTensor(value, key, source));
  }
  if (tensors.size === 0) {
    const keys = clip([...root.keys()].slice(0, 8).map(describeValue).join(", "));
    throw new UserError(
      `Cannot read ${name}: it holds no tensors by name (${
        keys === "" ? "its dict is empty" : `its keys: ${keys}`
      }); expected a state dict, by itself or under "state_dict" or "model"`,
    );
  }
  return skipped.length === 0 ? { tensors, metadata: {} } : { tensors, metadata: {}, skipped };
}

const PREFIX = "module.";

type Dict = ReadonlyMap<PickleValue, PickleValue>;

function findStateDict(root: Dict): Dict {
  for (const key of NESTED_KEYS) {
    const nested = root.get(key);
    if (nested instanceof Map) return nested;
  }
  return root;
}

/** Whether every tensor's name has the prefix. */
function hasPrefix(dict: Dict): boolean {
  const names = [...dict].filter(([, value]) => isTensor(value)).map(([key]) => key);
  return names.every((name) => typeof name === "string" && name.startsWith(PREFIX));
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
