/** Pictures and networks small enough for the assignment to run within a test. @module */

import type { MakeNetwork } from "../../../src/classifier/lab/lab_network.ts";
import { RandomState } from "../../../src/core/random.ts";
import { ImageDataset } from "../../../src/data/dataset.ts";
import type { Chance, Network, NetworkOptions, UpdateRule } from "../../../src/model/network.ts";
import type { LoadedWeights } from "../../../src/weights/load.ts";
import { fakeNetwork } from "../../train/fake_network.ts";

/** The fake network has its own numbers. */
export const NO_WEIGHTS = { source: "none", variant: "torchvision" } as LoadedWeights;

/** Side of the pictures. */
export const SIDE = 8;

/** Noisy pictures of one colour, red or blue by their class; twice as many blue ones. */
export function colouredPictures(count: number): ImageDataset {
  const random = new RandomState(4);
  const labels = Array.from({ length: count }, (_, i) => i % 3 === 0 ? 0 : 1);
  const images = labels.map((label) => ({
    data: Uint8Array.from(
      { length: SIDE * SIDE * 3 },
      (_, i) => 60 + random.interval(80) + (i % 3 === 2 * label ? 60 : 0),
    ),
    height: SIDE,
    width: SIDE,
    channels: 3 as const,
  }));
  return ImageDataset.fromImages(images, {
    labels,
    classes: ["red", "blue"],
    source: "colours.zip",
  });
}

/** What was done with one network. */
export interface Life {
  /** What it was made with. */
  readonly options: NetworkOptions;
  /** What each forward pass was given. */
  readonly passes: { readonly chance: Chance | "none"; readonly pixels: Float32Array }[];
  /** What each step was given. */
  readonly rules: UpdateRule[];
  /** Values it was given before its first pass. */
  readonly start: Map<string, Float32Array>;
  /** Values of everything when it was given back. */
  end: Map<string, Float32Array> | undefined;
  /** Networks that were alive when it was made. */
  readonly beside: number;
}

/** Makes fake networks and keeps a record of each. */
export function recordedNetworks(): { make: MakeNetwork; lives: Life[] } {
  const lives: Life[] = [];
  const make: MakeNetwork = (_weights, options) => {
    const { classes, imageSize, batchSize, policy } = options;
    const network = fakeNetwork({ classes, imageSize, batchSize, policy, dropout: 0 });
    const life: Life = {
      options,
      passes: [],
      rules: [],
      start: new Map(),
      end: undefined,
      beside: lives.filter(({ end }) => end === undefined).length,
    };
    lives.push(life);
    const recorded: Network = {
      ...network,
      forward(images, chance) {
        const pixels = (images.dataSync() as Float32Array).slice();
        life.passes.push({ chance: chance as Chance | "none", pixels });
        return network.forward(images, chance);
      },
      update(rule) {
        life.rules.push(rule);
        network.update(rule);
      },
      write(name, values, array) {
        if (life.passes.length === 0 && (array ?? "value") === "value") {
          life.start.set(name, values.slice());
        }
        network.write(name, values, array);
      },
      [Symbol.dispose]() {
        life.end = new Map(network.entries.map(({ name }) => [name, network.read(name)]));
      },
    };
    return recorded;
  };
  return { make, lives };
}
