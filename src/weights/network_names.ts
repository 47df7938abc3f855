/** The network's tensors by their own names, whatever a training program has put before them. @module */

import { UserError } from "../core/errors.ts";
import { clip, quotedList } from "../core/quoted.ts";
import type { TensorFile } from "./safetensors.ts";

/** A tensor that every network under torchvision's names has: what stands before it stands before all of them. */
const FIRST_KERNEL = "features.0.0.weight";

/** Prefixes that mean nothing by themselves: of `DataParallel`, `torch.compile` and a Lightning module that holds `model`. */
const WRAPPERS = ["module.", "_orig_mod.", "model."] as const;

/** Where a network's tensors are in a file. */
export interface NetworkPlace {
  /** What stands before each of their names, `""` for nothing. */
  readonly prefix: string;
  /** Whether that was told by the one place of the network's first kernel, among other tensors or by a word of the file's own. */
  readonly isGuess: boolean;
}

/**
 * Finds the prefix of a network: what stands before its first kernel, else the wrappers that all names share, as often as they do.
 *
 * @param names Of the tensors.
 * @throws {UserError} There are several networks, or one with and without a prefix.
 */
export function findNetwork(names: readonly string[], source: string): NetworkPlace {
  const prefixes = names
    .filter(isFirstKernel)
    .map((name) => name.slice(0, -FIRST_KERNEL.length));
  const hasBare = names.some((name) => name.startsWith("features."));
  const isAmbiguous = prefixes.length > 1 ||
    prefixes.length === 1 && prefixes[0] !== "" && hasBare;
  if (isAmbiguous) {
    const found = [...new Set([...prefixes, ...hasBare ? [""] : []])]
      .map((prefix) => `${prefix}features.*`)
      .sort();
    throw new UserError(
      `Cannot choose the weights of ${source}: it holds more than one network (${
        quotedList(found)
      }), expected one; in Python save the one that you want`,
    );
  }
  const [prefix = sharedWrappers(names)] = prefixes;
  const isWrapper = prefix === sharedWrappers(names);
  return { prefix, isGuess: !isWrapper };
}

/** Whether a name is that of a network's first kernel, whatever stands before it. */
export function isFirstKernel(name: string): boolean {
  return name === FIRST_KERNEL || name.endsWith(`.${FIRST_KERNEL}`);
}

/** The wrappers that all names begin with, one behind the other. */
export function sharedWrappers(names: readonly string[]): string {
  let prefix = "";
  while (names.length > 0) {
    const next = WRAPPERS.find((wrapper) =>
      names.every((name) => name.startsWith(wrapper, prefix.length))
    );
    if (next === undefined) break;
    prefix += next;
  }
  return prefix;
}

/** The file with its network's tensors under their own names; others keep theirs. @throws {UserError} As {@linkcode findNetwork}. */
export function withoutPrefix(file: TensorFile, source: string): TensorFile {
  if (file.metadata.graftTraining !== undefined) { // graft's own: its optimizer's state has prefixes, its network none
    const line = "the weights of the run's last step were taken, not those of its best epoch";
    return { ...file, notes: [...file.notes ?? [], line] };
  }
  const { prefix, isGuess } = findNetwork([...file.tensors.keys()], source);
  if (prefix === "") return file;
  const tensors = new Map(
    [...file.tensors].map(([name, tensor]) => [
      name.startsWith(prefix) ? name.slice(prefix.length) : name,
      tensor,
    ]),
  );
  if (tensors.size < file.tensors.size) {
    throw new UserError(
      `Cannot choose the weights of ${source}: it holds tensors with and without "${prefix}" before the same name; in Python save those that you want`,
    );
  }
  const line = `the names begin with ${quotedList([prefix])}, which was taken off`;
  return isGuess
    ? { ...file, tensors, notes: [...file.notes ?? [], line] }
    : { ...file, tensors, details: [...file.details ?? [], line] };
}

/** Tensors of torchvision's last layer: ImageNet's 1,000 classes, of no use for other classes. */
const CLASSIFIER_NAMES = ["classifier.1.weight", "classifier.1.bias"] as const;
/** What the file lacks, and what of it is not used. */
export function describeGaps({ tensors, skipped = [] }: TensorFile): string[] {
  const lines: string[] = [];
  const absent = CLASSIFIER_NAMES.filter((name) => !tensors.has(name));
  if (absent.length > 0) {
    const verb = absent.length === 1 ? "is" : "are";
    lines.push(
      `${absent.join(" and ")} ${verb} absent: fine for transfer, which needs only features.*`,
    );
  }
  const isCounter = (name: string) => name.endsWith(".num_batches_tracked");
  const unused = [...tensors.keys()]
    .filter((name) => isCounter(name) || !name.startsWith("features."));
  if (unused.length > 0) {
    const counters = unused.filter(isCounter).length;
    lines.push(
      `${unused.length === 1 ? "1 tensor is" : `${unused.length} tensors are`} not used: ${
        [
          ...counters > 0 ? [`${counters} of batch norm's counters`] : [],
          quotedList(unused.filter((name) => !isCounter(name))),
        ].filter((part) => part !== "").join(", ")
      }`,
    );
  }
  if (skipped.length > 0) {
    const count = skipped.length === 1 ? "1 entry is" : `${skipped.length} entries are`;
    lines.push(`${count} no tensor and left out: ${clip(skipped.join(", "))}`);
  }
  return lines;
}
