/** Tables for RESULTS.md. @module */
import { type Contender, type Size, SIZES } from "./contenders.ts";
import { type Comparison, type Measurement, median } from "./interleave.ts";
import { describeMachine } from "./machine.ts";

/**
 * One table per number of threads: seconds per 1,000 pictures and, in brackets, how many times longer
 * than ours (above 1: we are faster), then peak memory over all sizes.
 */
export function featureTables(
  contenders: readonly Contender[],
  comparison: Comparison,
): string {
  const find = (contender: Contender, size: Size): Measurement | undefined =>
    comparison.measurements.find((one) => one.contender === contender && one.size === size);
  const sizes = SIZES.filter((size) => comparison.measurements.some((one) => one.size === size));
  const parts: string[] = [];
  for (const threads of new Set(contenders.map((one) => one.threads))) {
    const peers = contenders.filter((one) => one.threads === threads);
    const us = peers.find((one) => one.ours);
    const head = ["1,000 pictures, seconds", ...sizes.map((size) => `${size} px`), "peak MiB"];
    const rows = peers.map((contender) => {
      const cells = sizes.map((size) => {
        const measured = find(contender, size);
        if (measured === undefined) return "–";
        const seconds = median(measured.perImage);
        const ourSeconds = us && find(us, size);
        const ratio = ourSeconds && !contender.ours
          ? ` (${(seconds / median(ourSeconds.perImage)).toFixed(2)})`
          : "";
        return `${format(seconds)}${ratio} · b${measured.batch}`;
      });
      return [contender.name, ...cells, comparison.peaks[contenders.indexOf(contender)].toFixed(0)];
    });
    parts.push(`**${threads} thread${threads === 1 ? "" : "s"}**\n\n${table(head, rows)}`);
  }
  const speedUps = threadSpeedUps(contenders, comparison, sizes);
  if (speedUps !== "") parts.push(speedUps);
  return parts.join("\n\n");
}

/** Date, machine, versions and command: what every table needs above it. */
export async function heading(title: string, versions: readonly string[]): Promise<string> {
  const date = new Date().toISOString().slice(0, 10);
  const command = ["deno task bench", ...Deno.args].join(" ");
  return [
    `## ${title}`,
    "",
    `- ${date}, ${await describeMachine()}`,
    `- \`${command}\``,
    `- ${[...new Set(versions)].join("; ")}`,
  ].join("\n");
}

/** How quiet it was: a line for below the {@linkcode heading}. */
export function foreignLine(comparison: Comparison): string {
  const foreign = comparison.measurements.flatMap((one) => one.foreign);
  const share = `${(100 * median(foreign)).toFixed(1)} % (median), ` +
    `${(100 * Math.max(...foreign)).toFixed(0)} % (worst)`;
  return `- share of the machine used by others during the measurements: ${share}`;
}

/** A markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => i === 0 ? "---" : "--:")), ...rows.map(line)]
    .join("\n");
}

/** Puts `section` between its markers in a file, or at its end when it has none yet. */
export async function writeSection(file: URL, name: string, section: string): Promise<void> {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const text = await Deno.readTextFile(file);
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  const block = `${begin}\n${section}\n${end}`;
  const written = from < 0 || to < from
    ? `${text.trimEnd()}\n\n${block}\n`
    : text.slice(0, from) + block + text.slice(to + end.length);
  await Deno.writeTextFile(file, written);
}

function threadSpeedUps(
  contenders: readonly Contender[],
  comparison: Comparison,
  sizes: readonly Size[],
): string {
  const seconds = (threads: number, size: Size) => {
    const found = comparison.measurements.find((one) =>
      one.contender.ours && one.contender.threads === threads && one.size === size
    );
    return found && median(found.perImage);
  };
  const counts = contenders.filter((one) => one.ours).map((one) => one.threads);
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)];
  if (counts.length < 2) return "";
  const cells = sizes.map((size) => {
    const [one, many] = [seconds(fewest, size), seconds(most, size)];
    return one && many ? `${(one / many).toFixed(2)}x at ${size} px` : "";
  });
  return `graft, ${most} threads over ${fewest}: ${cells.join(", ")}.`;
}

function format(seconds: number): string {
  return seconds.toPrecision(3);
}
