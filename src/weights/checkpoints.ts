/** The checkpoints that graft knows: where they are, what they must be, how to treat them. @module */

import type { Variant } from "./variants.ts";

/** A checkpoint by name. */
export interface CheckpointInfo {
  /** The name for `--weights` and `createClassifier({ weights })`. */
  readonly name: string;
  /** Other names that mean the same. */
  readonly aliases: readonly string[];
  /** One line for lists. */
  readonly description: string;
  /** Whether the file is inside the package, see {@linkcode embeddedWeights}: no download, no permission. */
  readonly embedded?: true;
  /** Addresses, tried in order; empty where none is known and, unless it is embedded, a path must be given. */
  readonly urls: readonly string[];
  /** SHA-256 of the file, 64 lower-case hex digits (full, not only the prefix in torchvision's name). */
  readonly sha256: string;
  /** Exact size of the file in bytes. */
  readonly size: number;
  /** The same tensors in files of other forms. */
  readonly otherFiles: readonly { readonly sha256: string; readonly size: number }[];
  /** Licence of the weights. */
  readonly licence: string;
  /** Which arithmetic they were trained for. */
  readonly variant: Variant;
  /** How the tensors are named: as in torchvision's `efficientnet_b0`. */
  readonly keys: "torchvision";
  /** Share of ImageNet's validation pictures named right at first guess, 0 to 1, where published. */
  readonly imagenetTop1?: number;
}

/** Every known checkpoint. */
export const CHECKPOINTS: readonly CheckpointInfo[] = Object.freeze<CheckpointInfo[]>([
  {
    name: "imagenet",
    aliases: ["efficientnet_b0", "IMAGENET1K_V1", "torchvision"],
    description: "EfficientNet-B0 on ImageNet-1K, torchvision's IMAGENET1K_V1 (5.3 M parameters)",
    // torchvision 0.15 and later name the first; 0.14 and before the second. The file is one: the hash
    // in the older name is wrong (github.com/pytorch/vision/issues/7744 and 8064, which give the true one).
    urls: [
      "https://download.pytorch.org/models/efficientnet_b0_rwightman-7f5810bc.pth",
      "https://download.pytorch.org/models/efficientnet_b0_rwightman-3dd342df.pth",
    ],
    sha256: "7f5810bc96def8f7552d5b7e68d53c4786f81167d28291b21c0d90e1fca14934",
    size: 21_444_401,
    otherFiles: [],
    licence: "BSD-3-Clause",
    variant: "torchvision",
    keys: "torchvision",
    imagenetTop1: 0.77692, // EfficientNet_B0_Weights.IMAGENET1K_V1.meta
  },
  {
    name: "starter",
    aliases: [],
    description:
      "EfficientNet-B0 as graft itself trained it, on drawn pictures and Fashion-MNIST; inside the package",
    embedded: true,
    urls: [],
    sha256: "a2ab81b999eafbf0b0f931b80817fbf3b5e62f765016fb8027422dc49c1bce26",
    size: 4_726_448,
    otherFiles: [],
    licence: "MIT",
    variant: "torchvision",
    keys: "torchvision",
  },
  {
    name: "google-reconstructed",
    aliases: ["google"],
    description:
      "EfficientNet-B0 on ImageNet-1K, Google's weights without the last layer, two tensors estimated",
    urls: [],
    sha256: "da2d599ab28c66b95f12e60100e290981520e089d93bf27876aee5dc2a186897", // .safetensors
    size: 16_241_384,
    otherFiles: [{
      sha256: "9513809fb5b895ec22c63009dff22288db38922f25e6b70e8640042b5166594f", // .pth
      size: 16_331_166,
    }],
    licence: "Apache-2.0 upstream; the reconstruction carries none",
    variant: "google",
    keys: "torchvision",
  },
]);

/** Names by which weights can be had; the other checkpoints are files of one's own, known by their content. */
export const OBTAINABLE: readonly string[] = CHECKPOINTS
  .filter(({ embedded, urls }) => embedded || urls.length > 0).map(({ name }) => name);

/**
 * The checkpoint of that name or alias, in any case.
 *
 * @example
 * ```ts
 * import { findCheckpoint } from "./checkpoints.ts";
 * if (findCheckpoint("imagenet1k_v1")?.name !== "imagenet") throw new Error();
 * ```
 */
export function findCheckpoint(name: string): CheckpointInfo | undefined {
  const wanted = name.toLowerCase();
  return CHECKPOINTS.find(({ name, aliases }) =>
    [name, ...aliases].some((known) => known.toLowerCase() === wanted)
  );
}

/** The checkpoint that a file is, by the SHA-256 of its bytes (64 lower-case hex digits). */
export function checkpointOfHash(sha256: string): CheckpointInfo | undefined {
  return CHECKPOINTS.find((info) =>
    [info, ...info.otherFiles].some((file) => file.sha256 === sha256)
  );
}
