/** The network in words: what `print(model)` and `weights.transforms()` show elsewhere. @module */

import { sizeOf } from "../core/host_tensor.ts";
import type { Preprocessing } from "../core/preprocessing.ts";
import { trunkParameters } from "./parameters.ts";
import {
  type BlockConfig,
  blocks,
  convGeometry,
  DROPOUT,
  HEAD_CHANNELS,
  type Padding,
  STEM_CHANNELS,
} from "./stages.ts";

/** One line of a summary. */
export interface SummaryRow {
  /** Name and kind, for instance `"features.2.0 (MBConv6 3x3 /2)"`. */
  readonly layer: string;
  /** Shape that comes out, `[n, height, width, channels]` or `[n, features]`. */
  readonly outputShape: string;
  /** Trained numbers; running statistics are not counted. */
  readonly parameters: number;
  /** Whether training changes them. */
  readonly trainable: boolean;
}

/** Options of {@linkcode summaryRows} and {@linkcode summary}. */
export interface SummaryOptions {
  /** Side of the input. @default 224 */
  readonly size?: number;
  /** The checkpoint family's padding. @default "symmetric" */
  readonly padding?: Padding;
  /** Classes of the head; null leaves the classifier out. @default 1000 */
  readonly classes?: number | null;
  /** Whether `features` is trained too. @default false */
  readonly trunkTrainable?: boolean;
}

/** The rows of a summary, in the network's order: `features.*`, `avgpool`, `classifier`. */
export function summaryRows(options: SummaryOptions = {}): SummaryRow[] {
  const { size = 224, padding = "symmetric", classes = 1000, trunkTrainable = false } = options;
  const count = parametersUnder;
  let side = convGeometry(size, 3, 2, padding).size;
  const row = (layer: string, outputShape: string, parameters: number, trainable: boolean) => ({
    layer,
    outputShape,
    parameters,
    trainable: trainable && parameters > 0,
  });
  const map = (channels: number) => `[n, ${side}, ${side}, ${channels}]`;
  const rows = [
    row("features.0 (Conv 3x3 /2)", map(STEM_CHANNELS), count("features.0."), trunkTrainable),
  ];
  for (const block of blocks()) {
    side = convGeometry(side, block.kernel, block.stride, padding).size;
    rows.push(
      row(
        `${block.name} (${blockKind(block)})`,
        map(block.outputChannels),
        count(`${block.name}.`),
        trunkTrainable,
      ),
    );
  }
  rows.push(
    row("features.8 (Conv 1x1)", map(HEAD_CHANNELS), count("features.8."), trunkTrainable),
    row("avgpool", `[n, ${HEAD_CHANNELS}]`, 0, false),
  );
  if (classes === null) return rows;
  rows.push(
    row(`classifier.0 (Dropout ${DROPOUT})`, `[n, ${HEAD_CHANNELS}]`, 0, false),
    row("classifier.1 (Linear)", `[n, ${classes}]`, HEAD_CHANNELS * classes + classes, true),
  );
  return rows;
}

/** {@linkcode summaryRows} as a table with totals. */
export function summary(options: SummaryOptions = {}): string {
  const rows = summaryRows(options);
  const total = rows.reduce((sum, row) => sum + row.parameters, 0);
  const trainable = rows.reduce((sum, row) => sum + (row.trainable ? row.parameters : 0), 0);
  const line = (layer: string, shape: string, parameters: string, trained: string) =>
    `${layer.padEnd(32)} ${shape.padEnd(22)} ${parameters.padStart(11)}  ${trained}`.trimEnd();
  const rule = "-".repeat(78);
  return [
    line("Layer", "Output shape", "Parameters", "Trainable"),
    rule,
    ...rows.map((row) =>
      line(
        row.layer,
        row.outputShape,
        grouped(row.parameters),
        row.parameters === 0 ? "" : row.trainable ? "yes" : "no",
      )
    ),
    rule,
    `Total parameters:         ${grouped(total)}`,
    `Trainable parameters:     ${grouped(trainable)}`,
    `Non-trainable parameters: ${grouped(total - trainable)}`,
  ].join("\n");
}

/** What torchvision prints for `weights.transforms()`. */
export function transforms(preprocessing: Preprocessing): string {
  const { cropSize, resizeSize, mean, std, interpolation } = preprocessing;
  return [
    "ImageClassification(",
    `    crop_size=[${cropSize}]`,
    `    resize_size=[${resizeSize}]`,
    `    mean=[${mean.join(", ")}]`,
    `    std=[${std.join(", ")}]`,
    `    interpolation=InterpolationMode.${interpolation.toUpperCase()}`,
    ")",
  ].join("\n");
}

function blockKind({ inputChannels, expandedChannels, kernel, stride }: BlockConfig): string {
  const step = stride > 1 ? ` /${stride}` : "";
  return `MBConv${expandedChannels / inputChannels} ${kernel}x${kernel}${step}`;
}

function parametersUnder(prefix: string): number {
  return trunkParameters()
    .filter(({ name, kind }) =>
      name.startsWith(prefix) && kind !== "runningMean" && kind !== "runningVariance"
    )
    .reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

function grouped(value: number): string {
  return value.toLocaleString("en-US");
}
