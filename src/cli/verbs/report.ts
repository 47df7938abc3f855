/** `graft report`: what a model has learnt, and how far to trust it. @module */

import { UsageError, UserError } from "../../core/errors.ts";
import { writeAtomically } from "../../core/atomic_write.ts";
import { reportJson } from "../../insight/report/json.ts";
import { cautions, leadText } from "../../insight/report/words.ts";
import { DATA_FLAGS, openData } from "../data_flags.ts";
import { choiceFlag, textFlag } from "../flags.ts";
import { LOAD_FLAGS } from "../model_flags.ts";
import { openModel } from "../models.ts";
import { checkReadable, checkWritable, writtenPath } from "../paths.ts";
import { formatOf, REPORT_FORMATS, reportText } from "../report_formats.ts";
import { lookAtData, readSubject } from "../report_subject.ts";
import { defineVerb, type Verb } from "../verb.ts";

const { format: dataFormat, ...OTHER_DATA_FLAGS } = DATA_FLAGS;

/** `graft report <model | run folder> [<data>]`. */
export const reportVerb: Verb = defineVerb({
  name: "report",
  summary: "tell what a model has learnt and how far to trust it, as one page",
  words: "<model | run folder> [<data>]",
  count: [1, 2],
  flags: {
    out: textFlag("FILE", "where to write the report; a file there is replaced", "report.html"),
    format: choiceFlag(
      REPORT_FORMATS,
      "form of the report: a page, data for programs, or a model card (default: by the file's name)",
    ),
    "data-format": dataFormat,
    ...OTHER_DATA_FLAGS,
    ...LOAD_FLAGS,
  },
  permissions: "--allow-read=<model>,<data>,<folder of out>; --allow-write=<folder of out>",
  examples: [
    "graft report clothes.safetensors clothes.csv --out report.html",
    "graft report clothes.safetensors --out CARD.md",
    "graft report run --out run.html",
  ],
  async run(context) {
    const { words: [path, source], flags, signal, onProgress, note } = context;
    const { out, format = formatOf(out) } = flags;
    await checkReadable(path);
    if (source !== undefined) await checkReadable(source);
    const replaced = await checkWritable(out, note, [path, source, flags.weights]);
    const options = { onProgress, signal };
    const subject = await readSubject(path, options);
    const { model: told } = subject;
    if (told === undefined && source !== undefined) {
      throw new UserError(
        `Cannot look at ${source}: ${path} is a training run, which is no model yet; leave the data out, or give the model`,
      );
    }
    if (source === undefined) refuseDataFlags(flags);
    let report = subject;
    if (told !== undefined && source !== undefined) {
      const data = await openData(source, {
        ...context,
        flags: { ...flags, format: flags["data-format"] },
      });
      using model = await openModel(path, context);
      report = await lookAtData(model, { ...subject, model: told }, data, options);
    }
    await writeAtomically(out, new TextEncoder().encode(reportText(report, format)));
    cautions(report).forEach(note);
    return {
      text: `${leadText(report).replaceAll("\u00a0", " ")}\nwritten: ${writtenPath(out, replaced)}`,
      json: { ...reportJson(report), out, replaced },
    };
  },
});

/** @throws {UsageError} For flags that say how to read data where there are none. */
function refuseDataFlags(flags: Readonly<Record<string, unknown>>): void {
  const names = ["data-format", ...Object.keys(OTHER_DATA_FLAGS), "weights"];
  const given = names.filter((name) => flags[name] !== undefined);
  if (given.length === 0) return;
  throw new UsageError(
    `--${given.join(" and --")} needs data to look at: graft report <model> <data>`,
  );
}
