/** Where a training run gets its pictures from. @module */
import type { PictureTensor } from "../model/trunk.ts";

/** The pictures of one step; whoever asked for them disposes of them. */
export interface PictureBatch extends Disposable {
  /** `[n, size, size, 3]`, normalised as the checkpoint wants it. */
  readonly images: PictureTensor;
}

/** Pictures with their classes, batch by batch. */
export interface BatchSource {
  /** Number of pictures. */
  readonly length: number;
  /** Class of each picture. */
  readonly labels: Int32Array;
  /**
   * The pictures at `indices`, in that order. The same picture in the same epoch is the same numbers, whatever else is in the
   * batch and whatever was asked for before: a resumed run depends on it.
   *
   * @param epoch From 1; another epoch may show other views.
   */
  batch(indices: Int32Array, epoch: number): PictureBatch | Promise<PictureBatch>;
  /**
   * Says what is going to be asked for next, so that it can be made while the batch before is worked on.
   *
   * @returns When it no longer needs the calling thread.
   */
  expect?(indices: Int32Array, epoch: number): Promise<void>;
  /** Text that is equal for sources which give equal pictures; asked for only when a run is kept in a checkpoint. */
  identity(): Promise<string>;
}
