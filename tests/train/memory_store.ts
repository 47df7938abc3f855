/** Checkpoints in memory. @module */
import type { CheckpointStore, TrainingState } from "../../src/train/training_state.ts";

/** A store whose states can be looked at. */
export interface MemoryStore extends CheckpointStore {
  /** Every state that was saved, in order. */
  readonly saved: TrainingState[];
}

/** Keeps copies, as a file would. */
export function memoryStore(): MemoryStore {
  const saved: TrainingState[] = [];
  return {
    name: "memory",
    saved,
    occupied: () => Promise.resolve(saved.length > 0),
    load: () => Promise.resolve(structuredClone(saved.at(-1))),
    save({ progress, tensors }) {
      // Through JSON, as in a file: what it cannot hold would be lost.
      const text = JSON.stringify(progress);
      saved.push({ progress: JSON.parse(text), tensors: structuredClone(tensors) });
      return Promise.resolve();
    },
  };
}
