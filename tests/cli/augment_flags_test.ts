import assert from "node:assert/strict";
import { AUGMENT_FLAGS, augmentOptions } from "../../src/cli/augment_flags.ts";
import { readFlags } from "../../src/cli/flags.ts";
import { UsageError } from "../../src/core/errors.ts";
import { emptyFolder, FAST, FAST_FEATURES, graft, graftJson, sampleLines } from "./graft.ts";

const optionsOf = (args: string[], method: "probe" | "linear" | "finetune" | "lpft" = "probe") =>
  augmentOptions(readFlags(args, AUGMENT_FLAGS).values, method);

Deno.test("flags become views, none of them or what each method does by itself", () => {
  const { augment, noViews } = optionsOf(["--augment", "flip,blur", "--views", "7"]);
  assert.match(augment!.transform.name, /randomHorizontalFlip.*gaussianBlur/);
  assert.deepEqual([augment!.views, noViews], [7, false]);
  assert.equal(optionsOf(["--augment", "trivial"], "lpft").augment!.views, undefined);
  const none = { augment: undefined, mix: undefined };
  assert.deepEqual(optionsOf([]), { ...none, noViews: false });
  assert.deepEqual(optionsOf(["--augment", "none"]), { ...none, noViews: true });
  const mix = { mixup: 0.2, cutmix: 1 };
  const mixed = optionsOf(["--augment", "mixup,cutmix=1"], "lpft");
  assert.deepEqual(mixed, { augment: undefined, mix, noViews: true });
  assert.deepEqual(optionsOf(["--augment", "flip,cutmix,mixup=0.2"], "finetune").mix, mix);
});

Deno.test("flags that do not belong together are refused", () => {
  for (
    const [args, method, pattern] of [
      [["--views", "2"], "probe", /--views needs --augment/],
      [["--augment", "none", "--views", "2"], "linear", /--views needs --augment/],
      [["--augment", "flip", "--views", "2"], "lpft", /needs --method probe or linear/],
      [["--augment", "flop"], "probe", /--augment: .*"flop" is no known transform, expected flip/],
      [
        ["--augment", "flip,mixup"],
        "probe",
        /--augment mixup needs --method finetune or lpft: mixed pictures belong to two classes/,
      ],
      [["--augment", "cutmix=1"], "linear", /--augment cutmix needs --method finetune or lpft/],
      [["--augment", "mixup", "--views", "2"], "lpft", /--views needs --augment VIEWS/],
      [["--augment", "mixup=-1"], "lpft", /--augment: .*"mixup=-1" is not understood/],
      [["--augment", "flip=3"], "probe", /--augment: .*p is 3, expected a probability/],
      [["--augment", "flip", "--views", "0"], "probe", /--views is "0"/],
    ] as const
  ) {
    assert.throws(
      () => optionsOf([...args], method),
      (error: Error) => error instanceof UsageError && pattern.test(error.message),
    );
  }
});

Deno.test("train learns from views, and says which", async () => {
  await using folder = await emptyFolder();
  const data = folder.file("data.csv");
  await Deno.writeTextFile(data, sampleLines(80));
  const permissions = [`--allow-read=${folder.path}`];
  const told = async (...args: string[]) => {
    const { head } = await graftJson(
      ["train", data, ...args.includes("--method") ? FAST_FEATURES : FAST, ...args],
      permissions,
    );
    const { kind, augmentation, views, mix } = head as Record<string, unknown>;
    return [kind, augmentation, views, ...mix === undefined ? [] : [mix]];
  };
  const flip = 'randomHorizontalFlip({"p":0.5})';
  assert.deepEqual(await told("--augment", "flip"), ["probe", flip, 4]);
  assert.deepEqual(await told(), ["probe", undefined, undefined]);
  const tune = ["--method", "finetune", "--epochs", "1"];
  assert.deepEqual(await told("--augment", "flip", ...tune), ["finetuned", flip, undefined]);
  assert.deepEqual(
    await told("--augment", "flip,mixup=0.4", ...tune),
    ["finetuned", flip, undefined, "mixup 0.4"],
  );
  const { code, stderr } = await graft(["train", data, "--augment", "flop"], permissions);
  assert.equal(code, 2);
  assert.match(stderr, /^graft: --augment: .*"flop" is no known transform/m);
});
