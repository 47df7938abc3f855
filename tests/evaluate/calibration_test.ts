import assert from "node:assert/strict";
import { UserError } from "../../src/core/errors.ts";
import { calibrate } from "../../src/evaluate/calibration.ts";
import {
  energies,
  fitRejection,
  rejectionThreshold,
  strangeness,
} from "../../src/evaluate/rejection.ts";
import { fitTemperature } from "../../src/evaluate/temperature.ts";
import { fixture } from "./trust_fixture.ts";

const near = (actual: number, expected: number, tolerance: number, what: string) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual}, expected ${expected}`);

for (const given of fixture.calibration) {
  const logits = Float32Array.from(given.logits);
  const { classes, labels, temperature, plainTemperature } = given;

  Deno.test(`the temperature is the one that scipy finds: ${given.name}`, () => {
    // scipy stops where the loss is flat in double precision: the square root of its rounding.
    near(
      fitTemperature(logits, labels, classes),
      temperature,
      1e-6 * temperature,
      "with a row more",
    );
    if (plainTemperature === null) return;
    const plain = fitTemperature(logits, labels, classes, { randomRows: 0 });
    near(plain, plainTemperature, 1e-6 * plainTemperature, "of the rows alone");
  });

  Deno.test(`calibration measures itself, and the usual, as numpy does: ${given.name}`, () => {
    const { rejection, ...found } = calibrate(logits, labels, {
      classes,
      fittedOn: "validation",
      distances: Float64Array.from(given.distances),
    });
    assert.equal(found.rows, labels.length);
    assert.equal(found.fittedOn, "validation");
    // Probabilities are float32; none of these lies that near the edge of a bin.
    near(found.eceBefore!, given.eceBefore, 1e-6, "ECE before");
    near(found.eceAfter!, given.eceAfter, 1e-5, "ECE after");
    assert.equal(rejection!.score, "energy and distance");
    for (const measure of ["energy", "distance"] as const) {
      const [median, edge] = given.scales[measure];
      near(rejection![measure]!.median, median, 1e-12, `median ${measure}`);
      near(rejection![measure]!.edge, edge, 1e-12, `edge ${measure}`);
    }
    assert.equal(rejection!.quantiles.length, given.quantiles.length);
    // Six digits are kept.
    rejection!.quantiles.forEach((value, i) =>
      near(value, given.quantiles[i], 1e-5 * Math.max(1, given.quantiles[i]), `quantile ${i}`)
    );
  });
}

Deno.test("a few rows that are all right do not ask for certainty", () => {
  const logits = Float32Array.of(3, 0, 3, 0, 0, 3);
  const labels = [0, 0, 1];
  assert.ok(fitTemperature(logits, labels, 2, { randomRows: 0 }) <= 0.0201);
  const temperature = fitTemperature(logits, labels, 2);
  const sure = 1 / (1 + Math.exp(-3 / temperature));
  near(sure, 1 - 1 / 8, 1e-9, "half a row of four"); // (3 + 1/2) / 4
});

Deno.test("logits that tell nothing are left as they are or flattened, never refused", () => {
  assert.equal(fitTemperature(new Float32Array(6), [0, 1, 0], 2), 1);
  assert.equal(fitTemperature(new Float32Array(0), [], 2), 1);
  const misled = fitTemperature(Float32Array.of(9, 0, 0, 9), [1, 0], 2);
  assert.ok(misled > 49 && misled <= 50, `${misled}`);
});

Deno.test("energy is minus the logarithm of the sum of exponentials, however large the logits", () => {
  const found = energies(Float32Array.of(0, 0, 1000, 1000, -1000, 0), 2);
  near(found[0], -Math.log(2), 1e-12, "equal ones");
  near(found[1], -1000 - Math.log(2), 1e-12, "large ones");
  near(found[2], 0, 1e-12, "one of them small");
});

/** 0 to 99, and something that does not vary. */
const usual = {
  energy: Float64Array.from({ length: 100 }, (_, i) => i),
  distance: new Float64Array(100).fill(2),
};

Deno.test("what is turned away of the usual is the share that was asked for", () => {
  const rejection = fitRejection(usual);
  for (const rate of [0.02, 0.05, 0.1, 0.5]) {
    const threshold = rejectionThreshold(rejection, rate, 100);
    const turned = [...strangeness(rejection, usual)].filter((score) => score > threshold).length;
    // Conformal: at most the share, counted among one picture more.
    assert.ok(turned <= rate * 101 && turned > rate * 101 - 2, `${turned} at ${rate}`);
  }
});

Deno.test("a sure answer does not make up for a strange picture, nor a measure that never varies", () => {
  const rejection = fitRejection({
    energy: usual.energy,
    distance: usual.energy.map((value) => value / 10),
  });
  const [sure, unsure] = strangeness(rejection, {
    energy: Float64Array.of(-1e6, 49.5),
    distance: Float64Array.of(20, 20),
  });
  assert.equal(sure, unsure);
  assert.ok(sure > rejectionThreshold(rejection, 0.05, 100));
  const [same] = strangeness(fitRejection(usual), {
    energy: Float64Array.of(0),
    distance: Float64Array.of(3),
  });
  assert.equal(same, 0);
});

Deno.test("a head that keeps nothing to measure distances by is told by its energy", () => {
  const { score, distance, quantiles } = fitRejection({ energy: usual.energy });
  assert.deepEqual([score, distance, quantiles.length], ["energy", undefined, 101]);
});

Deno.test("rates that are none, or that so few pictures cannot tell, are refused", () => {
  const rejection = fitRejection(usual);
  for (const rate of [0, -0.1, 0.6, NaN]) {
    assert.throws(
      () => rejectionThreshold(rejection, rate, 100),
      (error) =>
        error instanceof UserError && /expected a number above 0, up to 0.5/.test(error.message),
    );
  }
  assert.throws(
    () => rejectionThreshold(rejection, 0.05, 18),
    (error) =>
      error instanceof UserError &&
      /rate of 0.05: the model was calibrated on 18 pictures, which tell rates from 0.053 on/
        .test(error.message),
  );
  assert.ok(rejectionThreshold(rejection, 0.053, 18) > 0);
});

Deno.test("what does not fit together is no calibration", () => {
  const options = { classes: 2, fittedOn: "validation" } as const;
  assert.throws(() => calibrate(new Float32Array(0), [], options), UserError);
  assert.throws(() => calibrate(Float32Array.of(1, 0), [0, 1], options), UserError);
  const distances = Float64Array.of(1, 2);
  assert.throws(() => calibrate(Float32Array.of(1, 0), [0], { ...options, distances }), UserError);
});
