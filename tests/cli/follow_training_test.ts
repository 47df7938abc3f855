import assert from "node:assert/strict";
import { following } from "../../src/cli/follow_training.ts";

/** What is noted where `auto` tries no fine-tuning. */
function notesOfUntried(
  signal: AbortSignal,
  about: "untried" | "impossible" = "untried",
): string[] {
  const notes: string[] = [];
  const { onNote } = following({
    ...{ signal, note: (line) => void notes.push(line), onProgress: () => {} },
    ...{ event: () => {}, whenStopped: () => {} },
  }, "auto");
  onNote!("the probe is kept: why", about);
  return notes;
}

Deno.test("more time is advised where there was too little, and not to whoever stopped it", () => {
  const [reason, advice, ...rest] = notesOfUntried(new AbortController().signal);
  assert.equal(reason, "the probe is kept: why");
  assert.match(advice, /--budget/);
  assert.deepEqual(rest, []);
  assert.deepEqual(notesOfUntried(AbortSignal.abort()), ["the probe is kept: why"]);
  const impossible = notesOfUntried(new AbortController().signal, "impossible");
  assert.deepEqual(impossible, ["the probe is kept: why"]);
});
