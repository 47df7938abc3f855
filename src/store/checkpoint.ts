/** A training run as one safetensors file, from which it can be resumed. @module */
import { removeLeftovers, writeAtomically } from "../core/atomic_write.ts";
import { UserError } from "../core/errors.ts";
import { clip } from "../core/quoted.ts";
import { holdFile } from "../core/file_lock.ts";
import { readFile } from "../core/read_file.ts";
import { VERSION } from "../core/version.ts";
import type { CheckpointStore, TrainingState } from "../train/training_state.ts";
import { readSafetensors, writeSafetensors } from "../weights/safetensors.ts";
import { hashTensors } from "./hash_tensors.ts";
import { CHECKPOINT_FORMAT, type CheckpointMetadata, parseCheckpoint } from "./parse_progress.ts";

/** Name of the file in its folder. */
export const CHECKPOINT_FILE = "training.safetensors";

/** Name of the file beside it that is locked during a training. */
const LOCK_FILE = "training.lock";

/**
 * Keeps a training run in a folder: one file, `training.safetensors`, whose values bear torchvision's names, so that any reader of
 * safetensors can take the weights out of it. The metadata entry `graftTraining` is JSON, see `CheckpointMetadata`.
 *
 * A state is written beside the one before and renamed once the disk has it: whenever the process ends, the file that is there
 * can be loaded.
 *
 * @param folder Path; made when the first state is saved.
 */
export function checkpointFolder(folder: string): CheckpointStore {
  const path = `${folder}/${CHECKPOINT_FILE}`;
  const name = clip(path);
  let prepared = false;
  return {
    name,
    async occupied() {
      return await exists(path, name);
    },
    async load() {
      if (!await exists(path, name)) return undefined;
      return await decodeState(await readFile(path), name);
    },
    async hold() {
      const made = await makeFolder(folder, path);
      try {
        const held = await holdFile(`${folder}/${LOCK_FILE}`);
        if ("holder" in held) {
          const holder = held.isThisProcess
            ? "another training of this program"
            : clip(held.holder || "another process");
          throw new UserError(
            `Cannot train with the checkpoint ${
              clip(folder)
            }: ${holder} is training with it; wait for it or stop it, or name another folder`,
          );
        }
        return {
          async [Symbol.asyncDispose]() {
            await held[Symbol.asyncDispose]();
            if (made) await Deno.remove(folder).catch(() => {}); // it has a checkpoint by now
          },
        };
      } catch (error) {
        if (made) await Deno.remove(folder).catch(() => {});
        throw error instanceof UserError ? error : notKept(folder, error);
      }
    },
    async save(state) {
      if (!prepared) await prepare(folder, path);
      prepared = true;
      await writeAtomically(path, await encodeState(state));
    },
  };
}

/** The bytes of a checkpoint; the same state gives the same bytes. */
export async function encodeState({ progress, tensors }: TrainingState): Promise<Uint8Array> {
  const metadata: CheckpointMetadata = {
    format: CHECKPOINT_FORMAT,
    graft: VERSION,
    tensorsSha256: await hashTensors(tensors),
    progress,
  };
  const text = JSON.stringify(metadata);
  return writeSafetensors({ tensors, metadata: { format: "pt", graftTraining: text } });
}

/**
 * The state that {@linkcode encodeState} wrote.
 *
 * @param name What messages call the file.
 * @throws {UserError} When the bytes are no checkpoint, of another version, or damaged.
 */
export async function decodeState(bytes: Uint8Array, name: string): Promise<TrainingState> {
  const { tensors, metadata } = readSafetensors(bytes, name);
  const { progress, tensorsSha256 } = parseCheckpoint(metadata.graftTraining, name);
  const found = await hashTensors(tensors);
  if (found === tensorsSha256) return { progress, tensors };
  throw new UserError(
    `Cannot resume the training from ${name}: its tensors are not those that were saved (SHA-256 ${
      found.slice(0, 8)
    }…, expected ${tensorsSha256.slice(0, 8)}…); the file is damaged, start the training anew`,
  );
}

async function exists(path: string, name: string): Promise<boolean> {
  try {
    const { isFile } = await Deno.stat(path);
    if (isFile) return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    const detail = error instanceof Deno.errors.NotCapable
      ? "Deno was not allowed to; run with --allow-read for its folder"
      : clip((error as Error).message);
    throw new UserError(`Cannot look at ${name}: ${detail}`, { cause: error });
  }
  throw new UserError(`Cannot keep the training in ${name}: it is no file; name another folder`);
}

function notKept(folder: string, cause: unknown): UserError {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new UserError(`Cannot keep the training in ${clip(folder)}: ${clip(detail)}`, { cause });
}

/** Makes the folder and removes what runs that were killed while they wrote have left in it. */
async function prepare(folder: string, path: string): Promise<void> {
  await makeFolder(folder, path);
  await removeLeftovers(path);
}

/** @returns Whether the folder was not there before. */
async function makeFolder(folder: string, path: string): Promise<boolean> {
  for (const name of ["read", "write"] as const) {
    // Without both, files are written in place, and a kill would leave a part of one.
    const { state } = await Deno.permissions.query({ name, path: `${path}.tmp` });
    if (state === "granted") continue;
    throw notKept(
      folder,
      `Deno was not allowed to; run with --allow-${name} for that folder`,
    );
  }
  try {
    const isThere = await Deno.stat(folder).then(({ isDirectory }) => isDirectory, () => false);
    if (!isThere) await Deno.mkdir(folder, { recursive: true });
    return !isThere;
  } catch (error) {
    throw notKept(folder, error);
  }
}
