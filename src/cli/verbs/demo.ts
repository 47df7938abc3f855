/** `graft demo`: the main job without a network, step by step. @module */

import { numberFlag, textFlag } from "../flags.ts";
import { readArguments, runVerb } from "../run_verb.ts";
import { defineVerb, type Verb } from "../verb.ts";
import { evalVerb } from "./eval.ts";
import { predictVerb } from "./predict.ts";
import { sampleVerb } from "./sample.ts";
import { trainVerb } from "./train.ts";

/** Lines of a long result that the demo shows. */
const SHOWN_LINES = 6;

/** With a random trunk the first stages are nearly as good as all, and much quicker. */
const FOR_RANDOM = ["--stages", "2,3"];

/** `graft demo`. */
export const demoVerb: Verb = defineVerb({
  name: "demo",
  summary: "draw a data set, train on it, score the model and use it; no network",
  words: "",
  count: [0, 0],
  flags: {
    out: textFlag("FOLDER", "where the files go", ".demo"),
    rows: numberFlag("N", "pictures to train on", { min: 50, max: 100_000, whole: true }, 1000),
    weights: textFlag("NAME|PATH|URL", "checkpoint", "random"),
  },
  permissions: "--allow-read=<out> --allow-write=<out>",
  examples: ["graft demo", "graft demo --weights imagenet"],
  async run(context) {
    const { flags: { out, rows, weights, threads }, say } = context;
    const isRandom = weights === "random";
    say(
      isRandom
        ? "The trunk of this demo is RANDOM (graft has no pretrained weights inside yet): expect more of --weights imagenet."
        : `The trunk is ${weights}.`,
    );
    await Deno.mkdir(out, { recursive: true });
    const [sample, unseen, few, model] = [
      "sample.csv",
      "unseen.csv",
      "few.csv",
      "clothes.safetensors",
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
        ...[sample, "--weights", weights, ...isRandom ? FOR_RANDOM : []],
        ...["--method", "probe", "--out", model],
      ]),
      unseen: await draw(unseen, Math.ceil(rows / 2), 6),
      eval: await step(evalVerb, [model, unseen]),
      few: await draw(few, 5, 7),
      predict: await step(predictVerb, [model, few]),
    };
    return { text: `\nThe files are in ${out}.`, json };
  },
});
