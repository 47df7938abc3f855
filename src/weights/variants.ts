/** The two families of EfficientNet-B0 weights, alike in names and shapes, unlike in arithmetic. @module */

import { IMAGENET_PREPROCESSING, type Preprocessing } from "../core/preprocessing.ts";

/**
 * Which arithmetic the weights were trained for. The file does not tell: both families hold the same
 * names and shapes, and the wrong choice costs accuracy without any error.
 *
 * - `"torchvision"`: Ross Wightman's training, as torchvision ships it;
 * - `"google"`: Google's own weights, as in Keras and timm's `tf_efficientnet_b0`.
 */
export type Variant = "torchvision" | "google";

/** What the network must do to be the one that the weights were trained in. */
export interface VariantInfo {
  /** The family's name. */
  readonly variant: Variant;
  /** Added to the variance in every batch norm. */
  readonly bnEpsilon: number;
  /**
   * How convolutions pad: `"symmetric"` pads `(kernel - 1) / 2` on every side; `"same"` is TensorFlow's
   * SAME, which under stride 2 pads one more on the right and at the bottom.
   */
  readonly padding: "symmetric" | "same";
  /** The picture preparation of the training. */
  readonly preprocessing: Preprocessing;
}

/** The families by name. */
export const VARIANTS: Readonly<Record<Variant, VariantInfo>> = Object.freeze({
  // torchvision.models.efficientnet: BatchNorm2d's default eps for B0 to B4; Conv2dNormActivation's padding.
  torchvision: Object.freeze<VariantInfo>({
    variant: "torchvision",
    bnEpsilon: 1e-5,
    padding: "symmetric",
    preprocessing: IMAGENET_PREPROCESSING,
  }),
  // tensorflow/tpu efficientnet_builder.py: batch_norm_epsilon=1e-3, padding="same".
  google: Object.freeze<VariantInfo>({
    variant: "google",
    bnEpsilon: 1e-3,
    padding: "same",
    preprocessing: IMAGENET_PREPROCESSING,
  }),
});

/**
 * Whether a text names a family.
 *
 * @example
 * ```ts
 * import { isVariant } from "./variants.ts";
 * if (!isVariant("google") || isVariant("toString")) throw new Error();
 * ```
 */
export function isVariant(text: unknown): text is Variant {
  return typeof text === "string" && Object.hasOwn(VARIANTS, text);
}
