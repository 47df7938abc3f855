/** `graft demo`: the main job without a network, step by step. @module */

import { evalVerb } from "./eval.ts";
import { predictVerb } from "./predict.ts";
import { sampleVerb } from "./sample.ts";
import { trainVerb } from "./train.ts";
import { textFlag } from "../flags.ts";
import { readArguments, runVerb } from "../run_verb.ts";
import { defineVerb, type Verb } from "../verb.ts";

/** Lines of a long result that the demo shows. */
const SHOWN_LINES = 6;

/** `graft demo`. */
export const demoVerb = defineVerb({
  name: "demo",
  summary: "draw a data set, train on it, score the model and use it; no network",
  words: "",
  count: [0, 0],
  flags: {
    out: textFlag("FOLDER", "where the files go", ".demo"),
    weights: textFlag("NAME|PATH|URL", "checkpoint", "random"),
  },
  permissions: "--allow-read=<out> --allow-write=<out>",
  examples: ["graft demo", "graft demo --weights imagenet"],
  async run(context) {
    const { flags: { out, weights }, say } = context;
    say(
      weights === "random"
        ? "This trunk is RANDOM: no pretrained weights come with graft yet, so expect far less than with --weights imagenet."
        : `The trunk is ${weights}.`,
    );
    await Deno.mkdir(out, { recursive: true });
    const [sample, unseen, few, model] = [
      "sample.csv",
      "unseen.csv",
      "few.csv",
      "clothes.safetensors",
    ].map((name) => `${out}/${name}`);
    const json: Record<string, unknown> = { weights };
    const step = async (verb: unknown, args: readonly string[]) => {
      const { name } = verb as Verb;
      say(`\n$ graft ${name} ${args.join(" ")}`);
      const threads = context.flags.threads;
      const more = threads === undefined ? [] : [`--threads=${threads}`];
      const result = await runVerb(
        verb as Verb,
        readArguments(verb as Verb, [...args, ...more]),
        { ...context, note: () => {} },
      );
      const lines = result.text.split("\n");
      lines.slice(0, SHOWN_LINES).forEach((line) => say(line));
      if (lines.length > SHOWN_LINES) say(`… ${lines.length - SHOWN_LINES} more lines`);
      return result.json;
    };
    json.sample = await step(sampleVerb, ["--out", sample]);
    json.train = await step(trainVerb, [sample, "--weights", weights, "--out", model]);
    await step(sampleVerb, ["--out", unseen, "--rows", "500", "--random-state", "6"]);
    json.eval = await step(evalVerb, [model, unseen]);
    await step(sampleVerb, ["--out", few, "--rows", "5", "--random-state", "7"]);
    json.predict = await step(predictVerb, [model, few]);
    return { text: `\nThe files are in ${out}.`, json };
  },
});
