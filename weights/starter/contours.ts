/**
 * Nested outlines around a centre, a kind for each number of corners and roughness (after Kataoka et al. 2022, "Replacing Labeled
 * Real-image Datasets with Auto-generated Contours").
 *
 * @module
 */

import { line, type Point, rasterise } from "../../src/data/drawn/drawing.ts";
import { type Dice, type Kind, whole } from "./kind.ts";

/** Corners of the outlines; many make a round one. */
const CORNERS = [3, 4, 5, 6, 8, 16] as const;
/** How far corners lie off their circle, as a share of its radius. */
const ROUGHNESS = { smooth: 0, rough: 0.3 } as const;

/** All kinds. */
export function contourKinds(): Kind[] {
  return CORNERS.flatMap((corners) =>
    Object.entries(ROUGHNESS).map(([name, roughness]) => ({
      name: `${name} contours of ${corners}`,
      draw: (dice: Dice, side: number) => {
        const layers = outlines(dice, corners, roughness).map((points) => {
          const tone = dice.between(0.5, 1);
          return { shape: line(points, dice.between(0.015, 0.05)), tone: () => tone };
        });
        return rasterise(layers, side, {
          matrix: [1, 0, 0, 1],
          shift: [dice.between(-0.2, 0.2), dice.between(-0.2, 0.2)],
        });
      },
    }))
  );
}

/** Two to six closed lines, the outer ones first. */
function outlines(dice: Dice, corners: number, roughness: number): Point[][] {
  const turn = dice.between(0, 2 * Math.PI);
  const [stretchX, stretchY] = [dice.between(0.6, 1), dice.between(0.6, 1)];
  const outer = dice.between(0.6, 0.95);
  const count = whole(dice, 2, 6);
  const off = Array.from({ length: corners }, () => dice.between(-1, 1));
  return Array.from({ length: count }, (_, nest) => {
    const radius = outer * (1 - nest / count);
    const points: Point[] = off.map((share, i) => {
      const angle = turn + 2 * Math.PI * i / corners;
      const r = radius * (1 + roughness * (0.7 * share + 0.3 * dice.between(-1, 1)));
      return [stretchX * r * Math.cos(angle), stretchY * r * Math.sin(angle)];
    });
    return [...points, points[0]];
  });
}
