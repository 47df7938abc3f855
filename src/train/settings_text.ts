/** What the course of a training run depends on, in words. @module */
import { sha256Hex } from "../core/sha256.ts";
import type { Network } from "../model/network.ts";
import type { BatchSource } from "./batch_source.ts";
import type { FitSettings } from "./fit_options.ts";

/** Settings by name, each as text; runs with equal ones on equal weights take the same course. */
export type SettingsText = Readonly<Record<string, string>>;

/** The settings of a run. */
export async function settingsText(
  network: Network,
  source: BatchSource,
  settings: FitSettings,
): Promise<SettingsText> {
  const { variant, classes, imageSize, featureSize, entries } = network;
  const learning = entries.filter(({ trainable }) => trainable);
  const decaying = entries.filter((entry) => settings.decays(entry)).map(({ name }) => name);
  const { earlyStopping, classWeights, mix, keep, monitor } = settings;
  return {
    ...settings.checkpoint?.identity,
    pictures: await source.identity(),
    network: `${variant}, ${imageSize} px, ${featureSize} features, ${classes} classes`,
    // The parts are for the reader of a message; the hash tells entries apart.
    learning: `${[...new Set(learning.map(({ part }) => part))].join(" ")} (${await digest(
      entries.map(({ name, shape, trainable }) => [name, shape, trainable]),
    )})`,
    epochs: text(settings.epochs),
    batchSize: text(settings.batchSize),
    shuffle: text(settings.shuffle),
    dropLast: text(settings.dropLast),
    randomState: text(settings.randomState),
    learningRate: text(settings.learningRate),
    schedule: text(settings.schedule),
    optimizer: text(settings.optimizer),
    weightDecay: text(settings.weightDecay),
    decays: `${decaying.length} entries (${await digest(decaying)})`,
    layerDecay: text(settings.layerDecay),
    maxNorm: text(settings.maxNorm ?? "none"),
    labelSmoothing: text(settings.labelSmoothing),
    classWeights: text(classWeights ? Array.from(classWeights) : "none"),
    softmaxFirst: text(settings.softmaxFirst),
    ...mix && { mix: text(mix) },
    startDecay: text(settings.startDecay),
    averageDecay: text(settings.averageDecay),
    best: settings.validate ? text({ keep, monitor, earlyStopping }) : "not validated",
  };
}

/** Options with their keys in order, so that it does not matter how they were written down. */
function text(value: unknown): string {
  return JSON.stringify(
    value,
    (_, part) =>
      typeof part === "object" && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => a < b ? -1 : 1))
        : part,
  );
}

async function digest(value: unknown): Promise<string> {
  const hash = await sha256Hex(new TextEncoder().encode(JSON.stringify(value)));
  return hash.slice(0, 12);
}
