/** A pretrained trunk with a head for one's own classes: the one flow of users and of the command line. @module */

import { checkOptions } from "../core/check_options.ts";
import { UserError } from "../core/errors.ts";
import type { Progress, ProgressOptions } from "../core/progress.ts";
import { ImageDataset } from "../data/dataset.ts";
import { type ImageSource, readPictureBatches } from "../data/read_image.ts";
import type { CalibrationManifest } from "../evaluate/calibration.ts";
import type { Evaluation } from "../evaluate/metrics.ts";
import type { FeatureMatrix, Head } from "../model/heads.ts";
import { checkStages, type Trunk } from "../model/trunk.ts";
import { encodeModel, type ModelDescription, saveModel } from "../store/bundle.ts";
import type { TrainingManifest } from "../store/training_manifest.ts";
import { extractFeatures } from "../train/features.ts";
import type { LoadedWeights } from "../weights/load.ts";
import { VARIANTS } from "../weights/variants.ts";
import { checkDataset, checkPictures, checkRecipe } from "./check_arguments.ts";
import { checkRows } from "./check_rows.ts";
import { DEFAULT_STAGES, defaultImageSize } from "./defaults.ts";
import { type DescribedModel, describeModel, modelToSave } from "./describe_model.ts";
import {
  type ClassifierParts,
  type FeatureRecipe,
  FEATURES_KINDS,
  type FeaturesOptions,
  FIT_KINDS,
  type FitOptions,
  PREDICT_KINDS,
  type PredictOptions,
  SAVE_KINDS,
  type SaveOptions,
  SCORING_KINDS,
  type TrainedHead,
  type WithFeatures,
} from "./options.ts";
import { checkTop, namePredictions, type Prediction } from "./prediction.ts";
import { probabilitiesOf } from "./probabilities_of.ts";
import { rejecter } from "./reject.ts";

/**
 * An image classifier: EfficientNet-B0's trunk with a head that {@linkcode Classifier.fit} trains. Made by
 * `createClassifier` and `loadClassifier`; end it with `using` or `[Symbol.dispose]()`, which frees its memory.
 */
export class Classifier implements Disposable {
  /** Weights that every {@linkcode Classifier.fit} starts from. */
  readonly checkpoint: LoadedWeights;
  #trunk: Trunk;
  readonly #recipe: Omit<FeatureRecipe, "size">;
  /** What options fixed; the rest is learnt anew by each {@linkcode Classifier.fit}. */
  readonly #fixed: Pick<ClassifierParts, "classes" | "imageSize">;
  #imageSize: number | undefined;
  #classes: readonly string[] | undefined;
  #trained: TrainedHead | undefined;

  /** Users call `createClassifier` or `loadClassifier` instead. @throws {UserError} For an option out of range. */
  constructor(parts: ClassifierParts) {
    const { trunk, stages = DEFAULT_STAGES, imageSize, fit = "whole" } = parts;
    checkRecipe({ imageSize, fit, classes: parts.classes });
    const { preprocessing = VARIANTS[trunk.variant].preprocessing } = parts;
    this.#trunk = trunk;
    this.checkpoint = trunk.weights;
    this.#recipe = { stages: checkStages(stages), preprocessing, fit };
    this.#fixed = { classes: parts.classes, imageSize };
    this.#imageSize = imageSize;
    this.#classes = parts.classes;
    this.#trained = parts.trained;
  }

  /** The network before the head; another one once it was fine-tuned. */
  get trunk(): Trunk {
    return this.#trunk;
  }

  /** Class names, in order; empty until they are known. */
  get classes(): readonly string[] {
    return this.#classes ?? [];
  }

  /** The trained head; undefined before {@linkcode Classifier.fit}. */
  get head(): Head | undefined {
    return this.#trained?.head;
  }

  /** How the head was trained; undefined before, and for a model whose file does not tell. */
  get training(): TrainingManifest | undefined {
    return this.#trained?.training ?? undefined;
  }

  /**
   * How far the answers can be trusted: for a probe by the pictures that cross-validation held out, for a fine-tuned network by those
   * that judged it. Undefined before, after training by other ways, and for a model whose file does not tell.
   */
  get calibration(): CalibrationManifest | undefined {
    return this.#trained?.calibration ?? undefined;
  }

  /** How pictures become features; undefined until the first pictures or an option tell the size. */
  get recipe(): FeatureRecipe | undefined {
    return this.#imageSize === undefined ? undefined : { ...this.#recipe, size: this.#imageSize };
  }

  /**
   * How pictures become features; where nothing has told the size yet, the first picture does, for all that follow.
   *
   * @throws {UserError} When there are no pictures.
   */
  recipeFor(dataset: ImageDataset): FeatureRecipe {
    checkDataset(dataset, "extract features", "features");
    if (dataset.length === 0) {
      throw new UserError(`Cannot extract features: ${dataset.source} has no pictures`);
    }
    this.#imageSize ??= defaultImageSize(dataset.size(0));
    return { ...this.#recipe, size: this.#imageSize };
  }

  /**
   * Features of all pictures, each passed through the trunk once.
   *
   * @returns `[pictures, trunk.featureSize(stages)]`
   * @throws {UserError} When there are no pictures, or the cache belongs to something else.
   */
  async features(
    dataset: ImageDataset,
    options: FeaturesOptions = {},
  ): Promise<FeatureMatrix> {
    checkOptions(options, FEATURES_KINDS, { action: "extract features", method: "features" });
    this.trunk.checkAlive("extract features");
    return await extractFeatures(this.trunk, dataset, { ...this.recipeFor(dataset), ...options });
  }

  /**
   * Trains the head, and with the methods that fine-tune the trunk, too; then calibrates it where there are pictures that it has not
   * learnt from, see {@linkcode Classifier.calibration}. A second call starts anew, from the checkpoint; one that fails changes nothing.
   *
   * @throws {UserError} When a picture has no label, there is a single class, or a class has no picture; for options that do not
   * belong to the method, and class weights that do not fit the classes.
   */
  async fit(dataset: ImageDataset, options: FitOptions = {}): Promise<void> {
    checkDataset(dataset, "train", "fit");
    checkOptions(options, FIT_KINDS, { action: "train", method: "fit" });
    this.trunk.checkAlive("train");
    const { trainClassifier } = await import("./train_classifier.ts");
    const { trunk, trained, imageSize, classes } = await trainClassifier(
      {
        checkpoint: this.checkpoint,
        trunk: this.#trunk,
        recipe: this.#recipe,
        fixed: this.#fixed,
        imageSize: this.#imageSize,
      },
      dataset,
      options,
    );
    this.#trained = trained;
    this.#trunk = trunk;
    this.#imageSize = imageSize;
    this.#classes = classes;
  }

  /**
   * Compares the answers with the labels.
   *
   * @throws {UserError} When a class of the data is none of the model's, or a picture has no label.
   */
  async evaluate(
    dataset: ImageDataset,
    options: ProgressOptions & WithFeatures = {},
  ): Promise<Evaluation> {
    this.#needTrained("evaluate");
    checkDataset(dataset, "evaluate", "evaluate");
    checkOptions(options, SCORING_KINDS, { action: "evaluate", method: "evaluate" });
    const data = dataset.withClasses(this.classes);
    const probabilities = await this.probabilities(data, options);
    const { evaluatePredictions } = await import("../evaluate/metrics.ts");
    return evaluatePredictions(probabilities, data.labels, this.classes);
  }

  /**
   * Names the likeliest classes of each picture.
   *
   * @param pictures Decoded, or bytes, paths or addresses of JPEG and PNG files, of which a few are decoded at a time, on all cores.
   * @throws {UserError} When the classifier was not trained, a file cannot be read or decoded, or `top` is no whole number from 1; with
   * `reject` when the model is not calibrated, or the rate is none that it can tell.
   */
  async predict(
    pictures: ImageDataset | readonly ImageSource[],
    given: PredictOptions = {},
  ): Promise<Prediction[]> {
    const trained = this.#needTrained("predict");
    checkOptions(given, PREDICT_KINDS, { action: "predict", method: "predict" });
    const { top = 3, reject, ...options } = given;
    const { features, onProgress, signal } = options;
    checkPictures(pictures);
    checkTop(top);
    const judge = reject === undefined ? undefined : rejecter(trained, reject);
    if (pictures.length === 0) return [];
    const named = (features: FeatureMatrix) => {
      const answers = namePredictions(probabilitiesOf(trained, features), this.classes, top);
      return judge ? judge(answers, features) : answers;
    };
    if (features !== undefined) { // then nothing needs to be decoded
      const source = pictures instanceof ImageDataset ? pictures.source : "the list";
      checkRows(features, { length: pictures.length, source });
      return named(features);
    }
    if (pictures instanceof ImageDataset) return named(await this.features(pictures, options));
    const answers: Prediction[] = [];
    for await (const { pictures: some } of readPictureBatches(pictures, { signal })) {
      const at = answers.length;
      const ofAll = ({ done, ...progress }: Progress) =>
        onProgress?.({ ...progress, done: at + done, total: pictures.length });
      const data = ImageDataset.fromImages(some);
      answers.push(...named(await this.features(data, { signal, onProgress: ofAll })));
    }
    return answers;
  }

  /**
   * Probability of each class for each picture, row-major `[pictures, classes]`; calibrated where the model is.
   *
   * @throws {UserError} When the classifier was not trained.
   */
  async probabilities(
    dataset: ImageDataset,
    options: ProgressOptions & WithFeatures = {},
  ): Promise<Float32Array> {
    const trained = this.#needTrained("predict");
    checkOptions(options, SCORING_KINDS, { action: "predict", method: "probabilities" });
    const { features: known, ...progress } = options;
    const features = known ?? await this.features(dataset, progress);
    checkRows(features, dataset);
    return probabilitiesOf(trained, features);
  }

  /**
   * Writes the classifier as one safetensors file that `loadClassifier` opens; whole or not at all.
   *
   * @throws {UserError} When the classifier was not trained, or the file cannot be written.
   */
  async save(path: string | URL, options: SaveOptions = {}): Promise<void> {
    await saveModel(path, modelToSave(this.#described("save", options), options));
  }

  /**
   * The bytes that {@linkcode Classifier.save} writes, for places without files.
   *
   * @throws {UserError} When the classifier was not trained.
   */
  async toBytes(options: SaveOptions = {}): Promise<Uint8Array> {
    return await encodeModel(modelToSave(this.#described("save", options), options));
  }

  /**
   * What {@linkcode Classifier.save} would write of the classifier beside its tensors.
   *
   * @throws {UserError} When the classifier was not trained, or the size of the pictures is not known.
   */
  describe(options: SaveOptions = {}): ModelDescription {
    return describeModel(this.#described("describe", options), options);
  }

  /** Frees the trunk's memory. */
  [Symbol.dispose](): void {
    this.trunk[Symbol.dispose]();
  }

  #described(action: string, options: SaveOptions): DescribedModel {
    checkOptions(options, SAVE_KINDS, { action, method: action });
    const { trunk, recipe, classes } = this;
    return { trunk, recipe, classes, trained: this.#needTrained(action) };
  }

  #needTrained(action: string): TrainedHead {
    if (this.#trained !== undefined) return this.#trained;
    throw new UserError(`Cannot ${action}: the classifier was not trained; call fit() first`);
  }
}
