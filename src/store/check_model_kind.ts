/** Files that are given for a model by mistake. @module */

import { UserError } from "../core/errors.ts";
import { whatItIs } from "../data/file_kind.ts";

/** Whose place is elsewhere, by what `fileKind` calls it. */
const ADVICE: readonly (readonly [kind: RegExp, advice: string])[] = [
  [/ONNX/, "graft exports ONNX and does not read it; give the model that it was exported from"],
  [/PyTorch|pickle/, "give a checkpoint as the weights (--weights)"],
  [/features/, "give them as features (--features)"],
];

/**
 * Refuses what is no model by its first bytes, before anything is made of them; weights are told by their lack of a manifest.
 *
 * @param name What messages call the file.
 * @throws {UserError} With what it is, and what was expected.
 */
export function checkModelKind(bytes: Uint8Array, name: string): void {
  const kind = whatItIs(bytes.subarray(0, 4096));
  if (/graft keeps|safetensors/.test(kind)) return;
  const advice = ADVICE.find(([pattern]) => pattern.test(kind))?.[1];
  throw new UserError(
    `Cannot load model ${name}: ${kind}, expected a model that graft train kept${
      advice === undefined ? "" : `; ${advice}`
    }`,
  );
}

/**
 * Refuses the state of a training run, which holds a network, too.
 *
 * @param metadata That of a file without a manifest.
 * @param name What messages call the file.
 * @throws {UserError} With what makes a model of it.
 */
export function refuseRun(metadata: Readonly<Record<string, string>>, name: string): void {
  if (metadata.graftTraining === undefined) return;
  const folder = /^(.+)[/\\][^/\\]+$/.exec(name)?.[1] ?? "FOLDER";
  throw new UserError(
    `Cannot load model ${name}: it is a training run, which is no model yet; resume it: ` +
      `graft train … --checkpoint ${folder} --resume --out model.safetensors`,
  );
}
