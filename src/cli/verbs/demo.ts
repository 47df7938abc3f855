/** `graft demo`: the main job without a network, step by step. @module */

import { numberFlag, textFlag } from "../flags.ts";
import { need } from "../paths.ts";
import { makeFolder } from "../report_folder.ts";
import { readArguments, runVerb } from "../run_verb.ts";
import { defineVerb, type Verb } from "../verb.ts";
import { evalVerb } from "./eval.ts";
import { predictVerb } from "./predict.ts";
import { reportVerb } from "./report.ts";
import { sampleVerb } from "./sample.ts";
import { trainVerb } from "./train.ts";

/** Lines of a long result that the demo shows. */
const SHOWN_LINES = 6;

/** `graft demo`. */
export const demoVerb: Verb = defineVerb({
  name: "demo",
  summary: "draw a data set, train on it, score the model, use it and report; no network",
  words: "",
  count: [0, 0],
  flags: {
    out: textFlag("FOLDER", "where the files go", ".demo"),
    rows: numberFlag("N", "pictures to train on", { min: 50, max: 100_000, whole: true }, 1000),
    weights: textFlag("NAME|PATH|URL", "checkpoint", "starter"),
  },
  permissions: "--allow-read=<out> --allow-write=<out>",
  examples: ["graft demo", "graft demo --weights imagenet"],
  async run(context) {
    const { flags: { out, rows, weights, threads }, say } = context;
    say(
      weights === "starter"
        ? "The trunk is the starter inside graft; for photographs of your own, imagenet is better."
        : `The trunk is ${weights}.`,
    );
    await need("write", out, out);
    await makeFolder(out);
    const [sample, unseen, few, model, report] = [
      "sample.csv",
      "unseen.csv",
      "few.csv",
      "clothes.safetensors",
      "report.html",
    ]
      .map((name) => `${out}/${name}`);

    const step = async (verb: Verb, args: readonly string[]) => {
      say(`\n$ graft ${verb.name} ${args.join(" ")}`);
      const common = threads === undefined ? [] : [`--threads=${threads}`];
      const given = readArguments(verb, [...args, ...common]);
      const { text, json } = await runVerb(verb, given, { ...context, note: () => {} });
      const lines = text.split("\n");
      lines.slice(0, SHOWN_LINES).forEach(say);
      if (lines.length > SHOWN_LINES) say(`… ${lines.length - SHOWN_LINES} more lines`);
      return json;
    };
    const draw = (path: string, count: number, seed: number) =>
      step(sampleVerb, ["--out", path, "--rows", `${count}`, "--random-state", `${seed}`]);
    const json = {
      weights,
      sample: await draw(sample, rows, 5),
      train: await step(trainVerb, [
        ...[sample, "--weights", weights],
        ...["--method", "probe", "--out", model],
      ]),
      unseen: await draw(unseen, Math.ceil(rows / 2), 6),
      eval: await step(evalVerb, [model, unseen]),
      few: await draw(few, 5, 7),
      predict: await step(predictVerb, [model, few]),
      report: await step(reportVerb, [model, sample, "--out", report]),
    };
    return { text: `\nThe files are in ${out}; open ${report}.`, json };
  },
});
