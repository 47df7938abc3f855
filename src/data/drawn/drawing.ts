/** Shapes and how they become pixels. Coordinates run from -1 to 1, x to the right and y down. @module */

/** A shape, as the signed distance of a point from its edge: negative inside. */
export type Shape = (x: number, y: number) => number;

/** A point. */
export type Point = readonly [x: number, y: number];

/** A shape painted over what lies below it. */
export interface Layer {
  /** What is painted. */
  readonly shape: Shape;
  /** Brightness, 0 (black) to 1, by place. */
  readonly tone: (x: number, y: number) => number;
}

/** How a drawing lies in its picture: a point (x, y) of the drawing lands on `matrix` (x, y) + `shift`. */
export interface Pose {
  /** `[a, b, c, d]`: x' = a x + b y, y' = c x + d y. */
  readonly matrix: readonly [number, number, number, number];
  /** Added to both. */
  readonly shift: Point;
}

/** The polygon with these corners, which are rounded by `radius`. */
export function polygon(points: readonly Point[], radius = 0): Shape {
  return insideChain([...points, points[0]], radius);
}

/**
 * The polygon of these corners and their mirror images in the y axis.
 *
 * @param points From the middle (x = 0) outwards and round to the middle again.
 */
export function mirrored(points: readonly Point[], radius = 0): Shape {
  const half = insideChain(points, radius);
  return (x, y) => half(Math.abs(x), y);
}

/** A line through the points, `radius` to either side, with round ends. */
export function line(points: readonly Point[], radius: number): Shape {
  const sides = sidesOf(points);
  return (x, y) => {
    let nearest = Infinity;
    for (let i = 0; i < sides.length; i += 4) {
      nearest = Math.min(nearest, squaredDistance(x, y, sides, i));
    }
    return Math.sqrt(nearest) - radius;
  };
}

/** What a chain of sides encloses, where it is open along a line straight down. */
function insideChain(points: readonly Point[], radius: number): Shape {
  const sides = sidesOf(points);
  return (x, y) => {
    // Distance to the nearest side; each side that a ray to the right crosses turns inside to outside
    // (https://iquilezles.org/articles/distfunctions2d, "Polygon - exact").
    let nearest = Infinity;
    let inside = false;
    for (let i = 0; i < sides.length; i += 4) {
      nearest = Math.min(nearest, squaredDistance(x, y, sides, i));
      const [ay, by] = [sides[i + 1], sides[i + 3]];
      const crosses = (ay > y) !== (by > y) &&
        x < sides[i] + (y - ay) / (by - ay) * (sides[i + 2] - sides[i]);
      if (crosses) inside = !inside;
    }
    const distance = Math.sqrt(nearest);
    return (inside ? -distance : distance) - radius;
  };
}

/** The sides of a chain of points as `[ax, ay, bx, by]` each: a flat array, for speed. */
function sidesOf(points: readonly Point[]): Float64Array {
  return Float64Array.from(points.slice(1).flatMap((end, i) => [...points[i], ...end]));
}

/** An ellipse with axes along x and y; the distance is exact on the edge only, which is where it matters. */
export function ellipse([cx, cy]: Point, rx: number, ry: number): Shape {
  return (x, y) => {
    const [u, v] = [(x - cx) / rx, (y - cy) / ry];
    return (Math.sqrt(u * u + v * v) - 1) * Math.min(rx, ry);
  };
}

/** What lies in any of the shapes. */
export function union(...shapes: readonly Shape[]): Shape {
  return (x, y) => shapes.reduce((nearest, shape) => Math.min(nearest, shape(x, y)), Infinity);
}

/** What lies in all of the shapes. */
export function intersection(...shapes: readonly Shape[]): Shape {
  return (x, y) => shapes.reduce((nearest, shape) => Math.max(nearest, shape(x, y)), -Infinity);
}

/** What lies in `shape` and not in `hole`. */
export function without(shape: Shape, hole: Shape): Shape {
  return (x, y) => Math.max(shape(x, y), -hole(x, y));
}

/** A band of `radius` to either side of the shape's edge. */
export function outline(shape: Shape, radius: number): Shape {
  return (x, y) => Math.abs(shape(x, y)) - radius;
}

/**
 * Paints layers in order onto black, with soft edges one pixel wide.
 *
 * @param size Side of the picture, in pixels.
 * @returns `[size, size]`, brightness 0 to 1.
 *
 * @example
 * ```ts
 * import { ellipse, rasterise } from "./drawing.ts";
 * const disc = { shape: ellipse([0, 0], 0.5, 0.5), tone: () => 1 };
 * const pixels = rasterise([disc], 9, { matrix: [1, 0, 0, 1], shift: [0, 0] });
 * if (pixels[4 * 9 + 4] !== 1 || pixels[0] !== 0) throw new Error(pixels.join());
 * ```
 */
export function rasterise(layers: readonly Layer[], size: number, pose: Pose): Float64Array {
  const [a, b, c, d] = pose.matrix;
  const determinant = a * d - b * c;
  const pixelsPerUnit = Math.sqrt(Math.abs(determinant)) * size / 2;
  const picture = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const px = (2 * column + 1) / size - 1 - pose.shift[0];
      const py = (2 * row + 1) / size - 1 - pose.shift[1];
      const x = (d * px - b * py) / determinant;
      const y = (a * py - c * px) / determinant;
      let value = 0;
      for (const { shape, tone } of layers) {
        const cover = Math.min(1, Math.max(0, 0.5 - shape(x, y) * pixelsPerUnit));
        if (cover > 0) value += cover * (tone(x, y) - value);
      }
      picture[row * size + column] = value;
    }
  }
  return picture;
}

/** Squared distance of (x, y) from the side at `sides[i]`. */
function squaredDistance(x: number, y: number, sides: Float64Array, i: number): number {
  const px = x - sides[i];
  const py = y - sides[i + 1];
  const dx = sides[i + 2] - sides[i];
  const dy = sides[i + 3] - sides[i + 1];
  const t = (px * dx + py * dy) / (dx * dx + dy * dy || 1);
  const clamped = Math.min(1, Math.max(0, t));
  const ex = px - clamped * dx;
  const ey = py - clamped * dy;
  return ex * ex + ey * ey;
}
