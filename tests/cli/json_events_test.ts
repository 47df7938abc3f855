// --json: one object on stdout, what happens as JSON lines on stderr.
import assert from "node:assert/strict";
import { emptyFolder, FAST, graft, type Outcome, sampleLines } from "./graft.ts";

const LOUD = FAST.filter((flag) => flag !== "--quiet");

/** The lines of stderr, each of which must be an object with its kind. */
function eventsOf({ stderr }: Outcome): Record<string, unknown>[] {
  assert.ok(stderr === "" || stderr.endsWith("\n"));
  const events = stderr.split("\n").slice(0, -1).map((line) => JSON.parse(line));
  for (const { event } of events) assert.equal(typeof event, "string");
  return events;
}

Deno.test("with --json every line of stderr is an event, and stdout holds one object", async () => {
  await using folder = await emptyFolder();
  const data = folder.file("data.csv");
  await Deno.writeTextFile(data, sampleLines(60));
  const run = (...more: string[]) =>
    graft(["train", data, ...LOUD, "--json", ...more], [`--allow-read=${data}`]);
  const outcome = await run("--verbose");
  assert.equal(outcome.code, 0, outcome.stderr);
  assert.equal(outcome.stdout.split("\n").length, 2);
  assert.equal(typeof JSON.parse(outcome.stdout).accuracy.value, "number");
  const events = eventsOf(outcome);
  const notes = events.filter(({ event }) => event === "note").map(({ message }) => message);
  assert.match(`${notes[0]}`, /^the trunk is random/);
  assert.match(`${notes[1]}`, /^the model was not kept/);
  const details = events.filter(({ event }) => event === "detail");
  assert.ok(details.some(({ message }) => /^backend: /.test(`${message}`)));
  const stage = events.find(({ event, stage }) => event === "stage" && stage === "features");
  assert.equal(stage?.done, 60);
  const quiet = await run("--quiet");
  assert.equal(quiet.stderr, "");
  assert.equal(JSON.parse(quiet.stdout).accuracy.n, 6);
});

Deno.test("epochs are events, and so is that a model is scored on what it learnt from", async () => {
  await using folder = await emptyFolder();
  const [data, model] = [folder.file("data.csv"), folder.file("model.safetensors")];
  await Deno.writeTextFile(data, sampleLines(60));
  const linear = LOUD.map((flag) => flag === "probe" ? "linear" : flag);
  const trained = await graft(
    ["train", data, ...linear, "--epochs", "2", "--out", model, "--json"],
    [`--allow-read=${data}`, `--allow-write=${model}`],
  );
  assert.equal(trained.code, 0, trained.stderr);
  const epochs = eventsOf(trained).filter(({ event }) => event === "epoch");
  assert.deepEqual(epochs.map(({ epoch }) => epoch), [1, 2]);
  for (const { loss, accuracy } of epochs) assert.ok(Number(loss) > 0 && Number(accuracy) >= 0);
  const scored = await graft(["eval", model, data, "--json"], [`--allow-read=${data},${model}`]);
  const [{ event, message }, ...more] = eventsOf(scored);
  assert.equal(event, "note");
  assert.match(`${message}`, /^these are the images that .*: it was trained on 54 of the 60, /);
  assert.deepEqual(more, []);
});

Deno.test("with --json errors are events, too, whichever kind and however quiet", async () => {
  const cases: [args: string[], error: Record<string, unknown>][] = [
    [["eval", "no.safetensors", "no.csv", "--json", "--quiet"], {
      code: 1,
      message: /--allow-read=no\.csv/,
    }],
    [["--json", "trian"], { code: 2, message: /did you mean train/ }],
    [["train", "--json"], {
      code: 2,
      message: /^train needs <data>$/,
      usage: "usage: graft train <data> [flags]",
    }],
    [["--json"], { code: 2, message: /no verb/ }],
    [["weights", "fetch", "x", "--json", "--debug"], { code: 1, message: /^Cannot fetch/ }],
  ];
  for (const [args, expected] of cases) {
    const outcome = await graft(args);
    assert.equal(outcome.stdout, "");
    const events = eventsOf(outcome);
    assert.equal(events.length, 1, outcome.stderr);
    const [{ event, message, stack, ...rest }] = events;
    const { message: pattern, ...others } = expected;
    assert.equal(event, "error");
    assert.match(`${message}`, pattern as RegExp);
    assert.deepEqual(rest, others);
    assert.equal(stack !== undefined, args.includes("--debug"));
    assert.equal(outcome.code, expected.code);
  }
});
