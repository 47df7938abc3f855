/** What is done to a picture before the network sees it. @module */

/**
 * The picture preparation that a checkpoint was trained with, in the words of torchvision's
 * `weights.transforms()`. It belongs to the checkpoint and is stored with every saved model, so that
 * training and use cannot drift apart.
 */
export interface Preprocessing {
  /** Subtracted from each channel (red, green, blue) after pixels are scaled to 0..1. */
  readonly mean: readonly [number, number, number];
  /** What each channel (red, green, blue) is divided by after `mean` is subtracted. */
  readonly std: readonly [number, number, number];
  /** Length of the shorter side after resizing, in pixels, at the checkpoint's own size. */
  readonly resizeSize: number;
  /** Side of the centre crop, in pixels: the size that the network was trained at. */
  readonly cropSize: number;
  /** How pixels between pixels are found. */
  readonly interpolation: "bicubic" | "bilinear";
}

/**
 * The preparation of ImageNet's EfficientNet-B0: 256 -> 224 bicubic, channels normalised by ImageNet's
 * mean and deviation. What `EfficientNet_B0_Weights.IMAGENET1K_V1.transforms()` says (torchvision 0.14).
 */
export const IMAGENET_PREPROCESSING: Preprocessing = Object.freeze<Preprocessing>({
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
  resizeSize: 256,
  cropSize: 224,
  interpolation: "bicubic",
});
