/** How a model was made, on a report's page: settings, hashes, versions, the command. @module */

import { htmlTable } from "../../report/html_page.ts";
import { escapeMarkup } from "../../report/markup.ts";
import { VERSION } from "../../core/version.ts";
import type { ReportData, ReportedModel } from "./report_data.ts";
import { paragraphs, type ReportSection, subheading } from "./section_parts.ts";
import { commandText, count } from "./words.ts";

/** Everything that it takes to make the model again. */
export function makingSection(data: ReportData): ReportSection {
  const command = data.model?.training?.command;
  return {
    heading: "How it was made",
    html: [
      ...settingRows(data).length === 0
        ? []
        : [htmlTable(["what", "value"], settingRows(data), { rowNames: true })],
      ...data.model === undefined ? [] : [
        subheading("The command"),
        command === undefined
          ? paragraphs([
            "The model does not tell the command that made it: it was made by a program.",
          ])
          : `<pre>${escapeMarkup(commandText(command))}</pre>`,
      ],
      subheading("Hashes and versions"),
      htmlTable(["what", "value"], hashRows(data), { rowNames: true }),
    ].join("\n"),
  };
}

/** Settings of the model as rows of a table. */
export function settingRows({ model, data }: ReportData): [string, string][] {
  if (model === undefined) return [];
  const { split, preprocessing } = model;
  return [
    ["classes", `${model.classes.length}: ${model.classes.join(", ")}`],
    ["network", `EfficientNet-B0, ${model.variant} family`],
    ["pictures", `${model.imageSize} x ${model.imageSize}, ${FIT_WORDS[model.fit]}`],
    [
      "preparation",
      `${preprocessing.interpolation}, mean ${preprocessing.mean.join(" ")}, deviation ${
        preprocessing.std.join(" ")
      }`,
    ],
    ["features", `stages ${model.stages.join(", ")}: ${model.head.columns} a picture`],
    ["head", model.head.kind],
    ["seed", String(model.seed)],
    ...split === null ? [] : [["division", divisionText(split)] as [string, string]],
    ...data === undefined ? [] : [
      ["looked at on", `${data.name}: ${data.scored} of ${count(data.pictures, "picture")}`] as [
        string,
        string,
      ],
    ],
  ];
}

const FIT_WORDS = { whole: "scaled whole", crop: "cropped in the middle" } as const;

function divisionText(
  { train, test, randomState, stratify }: NonNullable<ReportedModel["split"]>,
): string {
  return `${train} to train on, ${test} to test on (seed ${randomState}${
    stratify ? ", by class" : ""
  })`;
}

/** Hashes and versions as rows of a table. */
export function hashRows({ model, run, data }: ReportData): [string, string][] {
  const rows: (readonly [string, string | undefined])[] = [
    ["weights", model && `${model.weightsSource}, SHA-256 ${model.weightsSha256}`],
    ["model's tensors", model?.tensorsSha256 && `SHA-256 ${model.tensorsSha256}`],
    ["data trained on", model?.split?.dataSha256 && `SHA-256 ${model.split.dataSha256}`],
    ["data looked at", data?.sha256 && `SHA-256 ${data.sha256}`],
    [
      "trained by",
      model ? `graft ${model.graft}, ${buildText(model)}` : run && `graft ${run.graft}`,
    ],
    ["reported by", `graft ${VERSION}`],
  ];
  return rows.filter((row): row is [string, string] => row[1] !== undefined);
}

function buildText({ build: { threads, fma } }: ReportedModel): string {
  return `${count(threads, "thread")}, ${fma ? "with" : "without"} fused multiply-add`;
}
