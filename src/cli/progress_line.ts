/** The line that shows how far work is. @module */

import type { Progress } from "../core/progress.ts";
import { isComplete, paceOf, type RunningStage } from "./running_stage.ts";
import { sparkline } from "./sparkline.ts";
import { clipText, textWidth } from "./text_width.ts";

/** What the line may use. */
export interface ProgressLineOptions {
  /** Columns that it may take. */
  readonly width: number;
  /** Whether blocks and bars may be drawn, or plain ASCII only. @default {true} */
  readonly unicode?: boolean;
  /** Whether colours are wanted. @default {false} */
  readonly color?: boolean;
}

const GAP = "  ";
const BAR_CELLS = 10;
/** A curve of fewer cells shows nothing, one of more is a chart. */
const CURVE_CELLS = [3, 24] as const;

const DIM = ["\x1b[2m", "\x1b[22m"] as const;
const CYAN = ["\x1b[36m", "\x1b[39m"] as const;

/** Part of a line. */
interface Part {
  /** The place it takes in {@linkcode ORDER}. */
  readonly kind: (typeof ORDER)[number];
  readonly text: string;
  readonly style?: readonly [on: string, off: string];
}

/** Parts from left to right. */
const ORDER = [
  "stage",
  "bar",
  "count",
  "share",
  "figures",
  "cost",
  "curve",
  "rate",
  "left",
] as const;
/** Parts by how much they are missed where there is no room for all, most first. */
const IMPORTANCE = [
  ...["stage", "share", "count", "cost", "left", "rate", "figures", "curve", "bar"] as const,
];

/**
 * `features  ━━━╸──────  320/900 images  36 %  152/s  4 s left`, as far as it is known and fits; training adds its
 * loss and the curve of it: `train  420/1500 steps  28 %  epoch 5  loss 0.4312  █▅▃▂▁  3.1/s  6 min left`.
 */
export function progressLine(
  stage: RunningStage,
  now: number,
  { width, unicode = true, color = false }: ProgressLineOptions,
): string {
  const chosen: Part[] = [];
  let room = width;
  for (const kind of IMPORTANCE) {
    const part = partOf(kind, stage, { now, room: room - GAP.length, unicode });
    if (part === undefined) continue;
    const taken = textWidth(part.text) + (chosen.length === 0 ? 0 : GAP.length);
    if (taken > room) break; // what is missed less is not put in its place
    chosen.push(part);
    room -= taken;
  }
  if (chosen.length === 0) return clipText(stage.name, width);
  chosen.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  return chosen.map(({ text, style }) => color && style ? style[0] + text + style[1] : text)
    .join(GAP);
}

function partOf(
  kind: Part["kind"],
  stage: RunningStage,
  { now, room, unicode }: {
    readonly now: number;
    readonly room: number;
    readonly unicode: boolean;
  },
): Part | undefined {
  const { last: { done, total, unit = "", detail = {} }, costs } = stage;
  const part = (text: string | undefined, style?: Part["style"]) =>
    text === undefined || text === "" ? undefined : { kind, text, style };
  const costName = "loss" in detail ? "loss" : "cost";
  switch (kind) {
    case "stage":
      return part(stage.name);
    case "bar":
      return total ? part(bar(done / total, unicode), CYAN) : undefined;
    case "count":
      return part(countText(stage.last));
    case "share":
      return total ? part(`${Math.floor(100 * done / total)} %`) : undefined;
    case "figures":
      return part(
        Object.entries(detail).filter(([name]) => name !== costName)
          .map(([name, value]) => figure(name, value)).join(GAP),
        DIM,
      );
    case "cost":
      return costName in detail ? part(figure(costName, detail[costName])) : undefined;
    case "curve": {
      const cells = Math.min(room, CURVE_CELLS[1]);
      if (!unicode || costs.length < CURVE_CELLS[0] || cells < CURVE_CELLS[0]) return undefined;
      return part(sparkline(costs, cells), CYAN);
    }
    case "rate": {
      const { perSecond } = paceOf(stage, now);
      return perSecond === undefined ? undefined : part(rateText(perSecond, unit), DIM);
    }
    case "left": {
      const { secondsLeft } = paceOf(stage, now);
      return secondsLeft === undefined || isComplete(stage)
        ? undefined
        : part(`${durationText(secondsLeft)} left`);
    }
  }
}

/** `320/900 images`, `5.0/21.4 MB`, `320 images`. */
export function countText({ done, total, unit = "" }: Progress): string {
  const number = (value: number) => unit === "bytes" ? (value / 1e6).toFixed(1) : `${value}`;
  const of = total === undefined ? number(done) : `${number(done)}/${number(total)}`;
  return `${of} ${unit === "bytes" ? "MB" : unit}`.trim();
}

/** `45 s`, `6 min`, `1 h 40 min`: no finer than an estimate is. */
export function durationText(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 100) return `${whole} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `152/s`, `1.3/s`, `2.1 MB/s`: of the units that are counted beside it. */
function rateText(perSecond: number, unit: string): string {
  const value = unit === "bytes" ? perSecond / 1e6 : perSecond;
  const digits = value >= 10 ? 0 : value >= 1 ? 1 : 2;
  return `${value.toFixed(digits)}${unit === "bytes" ? " MB" : ""}/s`;
}

/** `loss 0.4310`, `epoch 5`: as wide as before wherever only digits change. `validationLoss` becomes words. */
function figure(name: string, value: number): string {
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return `${words} ${Number.isInteger(value) ? value : value.toPrecision(4)}`;
}

/** A bar of {@linkcode BAR_CELLS} cells. */
function bar(share: number, unicode: boolean): string {
  const halves = Math.floor(Math.min(1, Math.max(0, share)) * BAR_CELLS * 2);
  const full = Math.floor(halves / 2);
  if (!unicode) return `[${"#".repeat(full)}${".".repeat(BAR_CELLS - full)}]`;
  const half = halves % 2 === 1 ? "╸" : "";
  return "━".repeat(full) + half + "─".repeat(BAR_CELLS - full - half.length);
}
