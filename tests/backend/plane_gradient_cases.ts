/** Cases of squeeze-excite's gradients and of the passes around pooled features. @module */
import { fromRows, scaleColumns, spreadMean, toRows } from "../../src/backend/ops/columns.ts";
import { gateGradient, silu, siluGradient } from "../../src/backend/ops/gradients.ts";
import { applyGate, meanToChannels } from "../../src/backend/ops/planes.ts";
import { panels, type Value } from "../../src/backend/ops/value.ts";
import type { PlaneShape } from "./norm_numbers.ts";
import { activate, type Numbers, referencePool } from "./reference.ts";
import { draw, once, randomFor, type TrainingCase } from "./training_case.ts";
import {
  referenceGateGradient,
  referenceScale,
  referenceSiluGradient,
  referenceSpread,
} from "./training_reference.ts";

/** One pixel and many, an odd number of them, channels that do not fill a panel. */
export const PLANE_SHAPES: readonly PlaneShape[] = [
  { height: 1, width: 1, channels: 8, images: 1 },
  { height: 1, width: 1, channels: 20, images: 17, capacity: 20 },
  { height: 2, width: 2, channels: 24, images: 5 },
  { height: 7, width: 7, channels: 40, images: 3, capacity: 17 },
  { height: 15, width: 13, channels: 12, images: 1 },
];

/** Where SiLU's exponential is at its ends, and beyond them. */
const FAR = [0, -0, 1e-30, -1e-30, 20, -20, 80, -80, 88, -88, 104, -104, 1000, -1000, 1e30, -1e30];

/** All of them. */
export function planeGradientCases(): TrainingCase[] {
  const byShape = PLANE_SHAPES.flatMap((shape) => [
    gateGradientCase(shape),
    gateCase(shape),
    ...siluCases(shape),
    ...[false, true].flatMap((add) => [spreadCase(shape, 0, add), spreadCase(shape, 8, add)]),
    meanCase(shape),
  ]);
  const byColumns = [{ channels: 8, images: 1 }, { channels: 20, images: 17, capacity: 20 }, {
    channels: 1280,
    images: 3,
  }].flatMap(({ channels, images, capacity }) => {
    const shape = { height: 1, width: 1, channels, images, capacity };
    const given = [false, true];
    return [
      ...given.flatMap((factors) =>
        given.flatMap((offsets) =>
          given.map((mask) => scaleCase(shape, { factors, offsets, mask }))
        )
      ),
      rowsCase(shape, "output"),
      rowsCase(shape, "gradient"),
    ];
  });
  return [...byShape, ...byColumns];
}

/** Values of a batch of planes and numbers for them. */
function planesOf(shape: PlaneShape, name: string) {
  const random = randomFor(name);
  const { height, width, images } = shape;
  const source = panels("source", shape.channels, height, width);
  const { channels } = source;
  const size = images * height * width * channels;
  return {
    random,
    source,
    channels,
    /** Of the source's shape. */
    like: (what: string) => panels(what, channels, height, width),
    /** One number per image and channel. */
    perImage: (what: string, more = 0) => panels(what, channels + more, 1, 1),
    x: draw(random, size, 4),
    dy: draw(random, size),
    gate: draw(random, images * channels, 0.5).map((value) => value + 0.5),
  };
}

function gateGradientCase(shape: PlaneShape): TrainingCase {
  const name = `gate's gradient ${JSON.stringify(shape)}`;
  const { source, channels, like, perImage, x, dy, gate } = planesOf(shape, name);
  const value = like("value"), gates = perImage("gate"), target = perImage("target");
  return {
    name,
    images: shape.images,
    capacity: shape.capacity,
    given: new Map([[source, dy], [value, x], [gates, gate]]),
    ops: () => [gateGradient(source, target, value, gates)],
    expected: () => [{ of: target, numbers: referenceGateGradient(dy, x, gate, channels) }],
  };
}

function gateCase(shape: PlaneShape): TrainingCase {
  const name = `gated ${JSON.stringify(shape)}`;
  const { source, channels, like, perImage, x, gate } = planesOf(shape, name);
  const gates = perImage("gate"), target = like("target");
  const of = (i: number) =>
    gate[Math.floor(i / (x.length / shape.images)) * channels + i % channels];
  return {
    name,
    images: shape.images,
    capacity: shape.capacity,
    given: new Map([[source, x], [gates, gate]]),
    ops: () => [applyGate(source, gates, target)],
    expected: () => [{
      of: target,
      numbers: x.map((value, i) => value * of(i)),
      tolerance: 0,
    }],
  };
}

function siluCases(shape: PlaneShape): TrainingCase[] {
  return ["near", "far"].flatMap((where) => {
    const name = `silu ${where} ${JSON.stringify(shape)}`;
    const { source, like, dy, ...drawn } = planesOf(shape, name);
    const x = where === "near" ? drawn.x : drawn.x.map((_, i) => FAR[i % FAR.length]);
    const target = like("target"), input = like("input");
    const common = { images: shape.images, capacity: shape.capacity };
    return [
      {
        ...common,
        name,
        given: new Map([[source, x]]),
        ops: () => [silu(source, target)],
        expected: () => [{ of: target, numbers: Float64Array.from(x, (z) => activate(z, "silu")) }],
      },
      {
        ...common,
        name: `${name}, gradient`,
        given: new Map([[source, dy], [input, x]]),
        ops: () => [siluGradient(source, input)],
        expected: () => [{ of: source, numbers: referenceSiluGradient(dy, x) }],
      },
    ];
  });
}

/** `channel` channels of the source, and eight behind, belong to other planes. */
function spreadCase(shape: PlaneShape, channel: number, add: boolean): TrainingCase {
  const name = `spread ${JSON.stringify({ ...shape, channel, add })}`;
  const { random, channels, like, perImage, x } = planesOf(shape, name);
  const pixels = shape.height * shape.width;
  const source = channel === 0 ? perImage("source") : perImage("source", channel + 8);
  const target = like("target");
  const share = draw(random, shape.images * source.channels);
  const mine = share.filter((_, i) => {
    const c = i % source.channels;
    return c >= channel && c < channel + channels;
  });
  const given = new Map<Value, Numbers>([[source, share]]);
  if (add) given.set(target, x);
  return {
    name,
    images: shape.images,
    capacity: shape.capacity,
    given,
    ops: () => [spreadMean(source, target, { channel, add })],
    expected: () => [{
      of: target,
      numbers: referenceSpread(mine, pixels, channels).map((value, i) => value + (add ? x[i] : 0)),
    }],
  };
}

/** Eight channels before and eight behind are those of other stages. */
function meanCase(shape: PlaneShape): TrainingCase {
  const name = `mean ${JSON.stringify(shape)}`;
  const { source, channels, perImage, x } = planesOf(shape, name);
  const { height, width, images } = shape;
  const target = perImage("target", 16);
  return {
    name,
    images,
    capacity: shape.capacity,
    given: new Map([[source, x]]),
    ops: () => [meanToChannels(source, target, 8)],
    expected: once(() => {
      const means = referencePool(x, [images, height, width, channels]);
      const numbers = new Float64Array(images * target.channels).fill(NaN);
      means.forEach((mean, i) => {
        numbers[Math.floor(i / channels) * target.channels + 8 + i % channels] = mean;
      });
      return [{ of: target, numbers }];
    }),
  };
}

function scaleCase(
  shape: PlaneShape,
  { factors, offsets, mask }: Readonly<Record<"factors" | "offsets" | "mask", boolean>>,
): TrainingCase {
  const name = `scaled ${JSON.stringify({ ...shape, factors, offsets, mask })}`;
  const { random, source, channels, like, x } = planesOf(shape, name);
  const target = like("target");
  const parameters = {
    factors: draw(random, channels, 3),
    offsets: draw(random, channels),
    mask: draw(random, x.length).map((value) => value < 0 ? 0 : 1.25),
  };
  const chosen = <T>(all: Readonly<Record<"factors" | "offsets" | "mask", T>>) => ({
    factors: factors ? all.factors : undefined,
    offsets: offsets ? all.offsets : undefined,
    mask: mask ? all.mask : undefined,
  });
  return {
    name,
    images: shape.images,
    capacity: shape.capacity,
    given: new Map([[source, x]]),
    parameters,
    ops: (at) => [
      scaleColumns(
        source,
        target,
        chosen({ factors: at.factors, offsets: at.offsets, mask: at.mask }),
      ),
    ],
    expected: () => [{
      of: target,
      numbers: referenceScale({ x, columns: channels, ...chosen(parameters) }),
    }],
  };
}

function rowsCase(shape: PlaneShape, kind: "output" | "gradient"): TrainingCase {
  const name = `rows of the ${kind} ${JSON.stringify(shape)}`;
  const { source, channels, x } = planesOf(shape, name);
  const tensor: Value = { name: kind, kind, channels, height: 1, width: 1 };
  const [from, to] = kind === "output" ? [source, tensor] : [tensor, source];
  return {
    name,
    images: shape.images,
    capacity: shape.capacity,
    given: new Map([[from, x]]),
    ops: () => [kind === "output" ? toRows(from, to) : fromRows(from, to)],
    expected: () => [{ of: to, numbers: x, tolerance: 0 }],
  };
}
