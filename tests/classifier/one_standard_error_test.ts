import assert from "node:assert/strict";
import { oneStandardError } from "../../src/classifier/one_standard_error.ts";

const race = { lead: 0.02, standardError: 0.01, pictures: 900, seconds: 60 };

Deno.test("fine-tuning has to win by more than one standard error", () => {
  const [method, reason] = oneStandardError(race, 61);
  assert.deepEqual(
    [method, reason],
    [
      "lpft",
      "fine-tuning it is: ahead of the probe by 2.0 points (standard error 1.0) on 900 pictures held out",
    ],
  );
  for (
    const [change, why] of [
      [{ standardError: 0.02 }, /ahead by 2\.0 points .* not by more than one standard error/],
      [{ lead: 0, standardError: 0 }, /level, with a lead of 0\.0 points/],
      [{ lead: -0.01 }, /fine-tuning is behind by 1\.0 points/],
      [
        { lead: 0.5, standardError: 0.29, pictures: 4 },
        /on 4 pictures .*, which are too few to tell/,
      ],
    ] as const
  ) {
    const [kept, reason] = oneStandardError({ ...race, ...change }, 61);
    assert.equal(kept, "probe");
    assert.match(reason, why);
  }
});

Deno.test("what wins is not trained when no time is left for it", () => {
  const [method, reason] = oneStandardError(race, 30);
  assert.equal(method, "probe");
  assert.match(reason, /ahead by 2\.0 points .* takes another 1 min, of which 30 s are left/);
});
