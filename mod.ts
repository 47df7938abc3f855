/**
 * Transfer learning in Deno: a pretrained EfficientNet-B0 on all cores by WebAssembly, a new head for your own
 * classes, from folders of pictures, zip archives or CSVs.
 *
 * Most programs need {@linkcode ImageDataset}, {@linkcode createClassifier} and {@linkcode loadClassifier}; what
 * follows them is what they are made of.
 *
 * @example
 * ```ts
 * import { createClassifier, drawSample } from "./mod.ts";
 *
 * const data = drawSample({ rows: 200 }); // or: await ImageDataset.open("pets.zip")
 * const { train, test } = data.split({ testSize: 0.2, randomState: 5 });
 * using model = await createClassifier({ weights: "random", imageSize: 28 }); // or: "imagenet"
 * await model.fit(train);
 * const { accuracy } = await model.evaluate(test);
 * if (!(accuracy.value > 0.1)) throw new Error(`${accuracy.value}`);
 * ```
 *
 * @module
 */

// The main flow.
export { compareModels } from "./src/classifier/compare_models.ts";
export type { CompareModelsOptions } from "./src/classifier/compare_models.ts";
export { createClassifier } from "./src/classifier/create.ts";
export type { ClassifierOptions } from "./src/classifier/create.ts";
export { loadClassifier } from "./src/classifier/load.ts";
export type { LoadClassifierOptions } from "./src/classifier/load.ts";
export { Classifier } from "./src/classifier/classifier.ts";
export type {
  AugmentOptions,
  ClassifierParts,
  FeatureRecipe,
  FeaturesOptions,
  FitOptions,
  PredictOptions,
  SaveOptions,
  TrainedHead,
  WithFeatures,
} from "./src/classifier/options.ts";
export { METHOD_OPTIONS, METHODS } from "./src/train/method.ts";
export type { Method, MethodOption } from "./src/train/method.ts";
export { crossValidate } from "./src/classifier/cross_validate.ts";
export type { CrossValidateOptions } from "./src/classifier/cross_validate.ts";
export { DEFAULT_BUDGET_SECONDS } from "./src/classifier/resolve_training.ts";
export { findRate, RATE_METHODS } from "./src/classifier/find_rate.ts";
export type { FindRateOptions } from "./src/classifier/find_rate.ts";
export { fitHead } from "./src/classifier/fit_head.ts";
export type { HeadOptions } from "./src/classifier/fit_head.ts";
export { FINE_TUNE_DEFAULTS, STOPPING_DEFAULTS } from "./src/classifier/fine_tune_options.ts";
export type {
  FineTuneDefaults,
  FineTuneOptions,
  StoppingOptions,
} from "./src/classifier/fine_tune_options.ts";
export { LEAST_VALIDATION, VALIDATION_SHARE } from "./src/classifier/validation_part.ts";
export type { ValidationOptions } from "./src/classifier/validation_part.ts";
export { UNKNOWN } from "./src/classifier/prediction.ts";
export type { ClassProbability, Prediction } from "./src/classifier/prediction.ts";
export type { WeightsOptions, WeightsSource } from "./src/classifier/resolve_weights.ts";
export { DEFAULT_STAGES, defaultImageSize } from "./src/classifier/defaults.ts";
export type { PictureSize } from "./src/classifier/defaults.ts";

// Errors, progress, numbers.
export { UserError } from "./src/core/errors.ts";
export type { FileBytes } from "./src/core/given_bytes.ts";
export type { HostData, HostDType, HostTensor } from "./src/core/host_tensor.ts";
export { bootstrapMean } from "./src/core/bootstrap.ts";
export type { BootstrapOptions, MeanInterval } from "./src/core/bootstrap.ts";
export { wilson } from "./src/core/intervals.ts";
export type { Proportion } from "./src/core/intervals.ts";
export type { Preprocessing } from "./src/core/preprocessing.ts";
export type { Progress, ProgressOptions } from "./src/core/progress.ts";
export { RandomState } from "./src/core/random.ts";
export type { GeneratorState } from "./src/core/random.ts";
export { VERSION } from "./src/core/version.ts";

// Pictures.
export { ImageDataset } from "./src/data/dataset.ts";
export type { EncodedPicture, KeptPicture } from "./src/data/kept_picture.ts";
export type { DatasetSplitOptions, FromPixelsOptions } from "./src/data/dataset_options.ts";
export type { BlockHashes } from "./src/data/hash_pictures.ts";
export type { Fingerprints } from "./src/data/fingerprints.ts";
export type { OpenOptions } from "./src/data/sources/open_source.ts";
export type { Parts } from "./src/data/sources/opened_source.ts";
export type { SkippedFile } from "./src/data/sources/picture_files.ts";
export type { OnError } from "./src/data/sources/check_files.ts";
export type { DataFormat } from "./src/data/sources/form.ts";
export type { LabelledOptions } from "./src/data/labelled.ts";
export type { ReadOptions } from "./src/data/picture_store.ts";
export type { LabelOptions } from "./src/data/csv_header.ts";
export type { PixelCsvOptions } from "./src/data/pixel_csv.ts";
export type { Image } from "./src/data/image.ts";
export type { PixelValues } from "./src/data/pixel_bytes.ts";
export { decodeImage } from "./src/data/decode.ts";
export type { DecodeOptions } from "./src/data/decode.ts";
export { readImage } from "./src/data/read_image.ts";
export type { ImageSource, ReadImageOptions } from "./src/data/read_image.ts";
export { DataLoader } from "./src/data/data_loader.ts";
export type { Batch, DataLoaderOptions } from "./src/data/data_loader.ts";
export { stratifiedKFold, trainTestSplit } from "./src/data/split.ts";
export type { KFoldOptions, SplitOptions, TrainTestIndices } from "./src/data/split.ts";
export { preprocess } from "./src/data/preprocess.ts";
export type { PreprocessOptions } from "./src/data/preprocess.ts";
export { resize } from "./src/data/resize.ts";
export type { PixelSize, ResizeOptions } from "./src/data/resize.ts";
export type { Interpolation } from "./src/data/resample_weights.ts";
export { centreCrop } from "./src/data/centre_crop.ts";
export { drawSample, SAMPLE_CLASSES, sampleCsv } from "./src/data/sample.ts";
export type { SampleOptions } from "./src/data/sample.ts";

// Random views of pictures, as torchvision defines them, and the changes that they are made of.
export { compose } from "./src/data/transforms/transform.ts";
export type { Transform } from "./src/data/transforms/transform.ts";
export { parseTransform } from "./src/data/transforms/parse.ts";
export type { Range } from "./src/data/transforms/parameters.ts";
export {
  hflip,
  randomHorizontalFlip,
  randomVerticalFlip,
  vflip,
} from "./src/data/transforms/flip.ts";
export type { FlipOptions } from "./src/data/transforms/flip.ts";
export { blur, gaussianBlur } from "./src/data/transforms/gaussian_blur.ts";
export type {
  BlurOptions,
  GaussianBlurOptions,
  KernelSize,
} from "./src/data/transforms/gaussian_blur.ts";
export { affine } from "./src/data/transforms/affine.ts";
export type { AffineOptions, LookUpOptions } from "./src/data/transforms/affine.ts";
export { randomRotation, rotate } from "./src/data/transforms/rotation.ts";
export type { RotateOptions } from "./src/data/transforms/rotation.ts";
export { crop, randomResizedCrop, resizedCrop } from "./src/data/transforms/crop.ts";
export type { Box, RandomResizedCropOptions } from "./src/data/transforms/crop.ts";
export {
  adjustBrightness,
  adjustContrast,
  adjustSaturation,
  adjustSharpness,
} from "./src/data/transforms/adjust.ts";
export { adjustHue } from "./src/data/transforms/hue.ts";
export { colorJitter } from "./src/data/transforms/color_jitter.ts";
export type { ColorJitterOptions } from "./src/data/transforms/color_jitter.ts";
export {
  autocontrast,
  equalize,
  invert,
  posterize,
  solarize,
} from "./src/data/transforms/tones.ts";
export { trivialAugment } from "./src/data/transforms/trivial_augment.ts";
export type { TrivialAugmentOptions } from "./src/data/transforms/trivial_augment.ts";
export { erase, randomErasing } from "./src/data/transforms/erasing.ts";
export type { Erasure, Pixels, RandomErasingOptions } from "./src/data/transforms/erasing.ts";
export { cutmix, cutPictures, mixPictures, mixup, oneHot } from "./src/data/transforms/mix.ts";
export type { CutBox, MixBatch, MixOptions } from "./src/data/transforms/mix.ts";
export { mixBatch } from "./src/data/transforms/mix_batch.ts";
export type { BatchMix } from "./src/data/transforms/mix_batch.ts";

// Weights.
export { loadWeights } from "./src/weights/load.ts";
export type { LoadedWeights, LoadWeightsOptions } from "./src/weights/load.ts";
export type { DownloadCache } from "./src/weights/download.ts";
export { CHECKPOINTS } from "./src/weights/checkpoints.ts";
export type { CheckpointInfo } from "./src/weights/checkpoints.ts";
export { VARIANTS } from "./src/weights/variants.ts";
export type { Variant, VariantInfo } from "./src/weights/variants.ts";
export { readSafetensors, writeSafetensors } from "./src/weights/safetensors.ts";
export type { SafetensorsContent, TensorFile } from "./src/weights/safetensors.ts";
export { dequantise, quantise, WEIGHT_DTYPES } from "./src/weights/quantise.ts";
export type { StoredTensors, WeightDType } from "./src/weights/quantise.ts";
export { readPth } from "./src/weights/pth.ts";

// The backend and the network.
export { backend, startBackend, stopBackend } from "./src/backend/mod.ts";
export type { BackendOptions, BackendReport } from "./src/backend/mod.ts";
export { createTrunk } from "./src/model/trunk.ts";
export type { FeatureOptions, FeatureTensor, PictureTensor, Trunk } from "./src/model/trunk.ts";
export { randomWeights } from "./src/model/random_weights.ts";
export { summary, summaryRows, transforms } from "./src/model/summary.ts";
export type { SummaryOptions, SummaryRow } from "./src/model/summary.ts";
export type { Architecture, Padding, StageConfig } from "./src/model/stages.ts";
export { logits, predictProbabilities, softmax } from "./src/model/heads.ts";
export type { FeatureMatrix, Head, HeadKind, ProbabilityOptions } from "./src/model/heads.ts";

// A network that learns: the engine below fine-tuning.
export { createNetwork } from "./src/model/create_network.ts";
export type {
  AdamRule,
  Chance,
  CommonRule,
  EntryArray,
  GivenMasks,
  Network,
  NetworkEntry,
  NetworkOptions,
  PartPolicy,
  SgdRule,
  StageOutput,
  UpdateRule,
} from "./src/model/network.ts";
export type { ParameterKind, ParameterSpec } from "./src/model/parameters.ts";
export { createDifferentiableTrunk } from "./src/model/differentiable_trunk.ts";
export type {
  DifferentiableTrunk,
  DifferentiableTrunkOptions,
  ParameterVariable,
} from "./src/model/differentiable_trunk.ts";
export { fitNetwork } from "./src/train/fit.ts";
export type { NetworkFit } from "./src/train/fit.ts";
export type {
  AdamFamilyOptions,
  EarlyStopping,
  FitNetworkOptions,
  MomentumOptions,
  OptimizerOptions,
} from "./src/train/fit_options.ts";
export type { CoolDown } from "./src/train/cool_down.ts";
export type { NetworkEpoch, StepReport, Validation } from "./src/train/fit_reports.ts";
export { evaluateNetwork } from "./src/train/evaluate_network.ts";
export type { EvaluateNetworkOptions, NetworkScore } from "./src/train/evaluate_network.ts";
export { lrFind } from "./src/train/lr_find.ts";
export type { LearningRates, LrFindOptions } from "./src/train/lr_find.ts";
export { suggestRate } from "./src/train/suggest_rate.ts";
export type { RateCurve, RateSuggestion } from "./src/train/suggest_rate.ts";
export { freeze, freezeTo, unfreeze } from "./src/train/freeze.ts";
export type { FreezeOptions, Policy } from "./src/train/freeze.ts";
export { layerDecay } from "./src/train/layer_decay.ts";
export type { LayerEntry } from "./src/train/layer_decay.ts";
export { crossEntropy, softCrossEntropy } from "./src/train/loss.ts";
export type { BatchLoss, LossOptions } from "./src/train/loss.ts";
export { makeSchedule } from "./src/train/schedule.ts";
export type {
  ConstantOptions,
  CosineOptions,
  OneCycleOptions,
  Schedule,
  ScheduleOptions,
  WarmupOptions,
} from "./src/train/schedule.ts";
export type { RegulariseOptions } from "./src/train/regularise.ts";
export { pictureSource } from "./src/train/pictures.ts";
export type { PictureDataset, PictureOptions } from "./src/train/pictures.ts";
export type { BatchSource, PictureBatch } from "./src/train/batch_source.ts";
export { composeAugmentations, eraseNormalised, flipAndShift } from "./src/train/augment.ts";
export type { Augmentation, FlipAndShiftOptions } from "./src/train/augment.ts";
export { checkpointFolder } from "./src/store/checkpoint.ts";
export type {
  CheckpointOptions,
  CheckpointStore,
  EpochSums,
  TrainingProgress,
  TrainingState,
} from "./src/train/training_state.ts";

// Training and scoring, piece by piece.
export { extractFeatures } from "./src/train/features.ts";
export type {
  ExtractOptions,
  FeatureSource,
  FeatureTrunk,
  FeatureViews,
} from "./src/train/features.ts";
export { viewRows } from "./src/train/view_rows.ts";
export type { ViewRows } from "./src/train/view_rows.ts";
export { fitProbe } from "./src/train/probe.ts";
export type { HeldOutPictures, ProbeHead, ProbeOptions } from "./src/train/probe.ts";
export type { HeldOutLogits } from "./src/train/cross_validation.ts";
export type { StrengthOptions } from "./src/train/choose_strength.ts";
export { balancedWeights } from "./src/train/class_weights.ts";
export type { ClassWeights } from "./src/train/class_weights.ts";
export type { Scaling } from "./src/model/standardise.ts";
export { fitLinear } from "./src/train/linear.ts";
export type { EpochReport, LinearHead, LinearOptions } from "./src/train/linear.ts";
export { evaluatePredictions } from "./src/evaluate/metrics.ts";
export type { ClassEvaluation, Evaluation } from "./src/evaluate/metrics.ts";
export { foldScores } from "./src/evaluate/fold_scores.ts";
export type { FoldOutcome, FoldScores } from "./src/evaluate/fold_scores.ts";
export type { ClassScores } from "./src/evaluate/confusion.ts";
export { compareAnswers, mcnemarExact } from "./src/evaluate/comparison.ts";
export type { Agreement, Comparison } from "./src/evaluate/comparison.ts";
export { calibrate } from "./src/evaluate/calibration.ts";
export type { CalibrateOptions, CalibrationManifest } from "./src/evaluate/calibration.ts";
export { fitTemperature } from "./src/evaluate/temperature.ts";
export type { TemperatureOptions } from "./src/evaluate/temperature.ts";
export type { MeasureScale, Rejection } from "./src/evaluate/rejection.ts";
export { reliability } from "./src/evaluate/reliability.ts";
export type {
  Reliability,
  ReliabilityBin,
  ReliabilityOptions,
} from "./src/evaluate/reliability.ts";

// What may be wrong with data.
export { auditPictures } from "./src/audit/audit_pictures.ts";
export type {
  AuditOptions,
  DuplicateFinding,
  PictureAudit,
  Worries,
} from "./src/audit/audit_pictures.ts";
export { AUDIT_STAGES, auditFeatures, NEARLY_EQUAL } from "./src/audit/audit_features.ts";
export type {
  FeatureAudit,
  FeatureAuditOptions,
  NearDuplicate,
} from "./src/audit/audit_features.ts";
export { judgeLabels } from "./src/audit/judge_labels.ts";
export type { JudgedLabels, JudgeOptions, LabelFindings } from "./src/audit/judge_labels.ts";
export type { SimilarPair } from "./src/audit/near_duplicates.ts";
export { partOfRow } from "./src/audit/part_of_row.ts";
export type { PartOfRow } from "./src/audit/part_of_row.ts";
export type { Spread, Summary } from "./src/audit/summarise.ts";
export type { SuspectLabel } from "./src/audit/wrong_labels.ts";

// Why a model answers as it does.
export { interpret } from "./src/insight/interpret.ts";
export type { InterpretOptions } from "./src/insight/interpret.ts";
export type {
  ConfusedPair,
  FeatureMap,
  Heatmap,
  Interpretation,
  LearningPoint,
  LossRow,
  MapPart,
  MoreData,
  Neighbour,
  Neighbours,
} from "./src/insight/interpretation.ts";
export { mostConfused } from "./src/insight/most_confused.ts";
export type { MostConfusedOptions } from "./src/insight/most_confused.ts";
export { topLosses } from "./src/insight/loss_rows.ts";
export type { LabelledRows, TopLossesOptions } from "./src/insight/loss_rows.ts";
export { gradCam, gradCamStage } from "./src/insight/grad_cam.ts";
export type { GradCamOptions } from "./src/insight/grad_cam.ts";
export { classActivationMaps } from "./src/insight/class_activation.ts";
export { nearestRows } from "./src/insight/nearest_rows.ts";
export type { NearestOptions } from "./src/insight/nearest_rows.ts";
export { scaledLikeHead } from "./src/insight/scaled_features.ts";
export { mapFeatures } from "./src/insight/feature_map.ts";
export type { MapOptions, MappedPart } from "./src/insight/feature_map.ts";
export { learningCurve } from "./src/insight/learning_curve.ts";
export type { LearningCurve, LearningCurveOptions } from "./src/insight/learning_curve.ts";

// A report of all that.
export { gatherReport } from "./src/insight/report/gather_report.ts";
export type { GatherReportOptions } from "./src/insight/report/gather_report.ts";
export { reportPage } from "./src/insight/report/page.ts";
export { reportMarkdown } from "./src/insight/report/markdown.ts";
export { reportJson } from "./src/insight/report/json.ts";
export { divideAgain } from "./src/insight/report/divide_again.ts";
export type { DividedData } from "./src/insight/report/divide_again.ts";
export type {
  ReportData,
  ReportedData,
  ReportedModel,
  ReportedRun,
  ReportPictures,
  Standing,
  TrainingPicture,
} from "./src/insight/report/report_data.ts";
export type { Thumbnail } from "./src/report/contact_sheet.ts";

// Kept models.
export { loadModel } from "./src/store/bundle.ts";
export type { ModelDescription, SavedModel } from "./src/store/bundle.ts";
export { exportSafetensors } from "./src/store/export/export_safetensors.ts";
export type { SafetensorsExportOptions } from "./src/store/export/export_safetensors.ts";
export { exportOnnx } from "./src/store/export/export_onnx.ts";
export { exportTfjs } from "./src/store/export/export_tfjs.ts";
export type { GraphExportOptions } from "./src/store/export/model_graph.ts";
export { MANIFEST_FORMAT } from "./src/store/manifest.ts";
export type {
  BuildManifest,
  HeadManifest,
  Manifest,
  MetricsManifest,
  SplitManifest,
} from "./src/store/manifest.ts";
export type {
  MethodChoice,
  TrainingEpoch,
  TrainingManifest,
  ValidationManifest,
} from "./src/store/training_manifest.ts";
