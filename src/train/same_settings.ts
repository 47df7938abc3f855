/** Whether a run is resumed as it was begun, and if not, what is different. @module */
import { UserError } from "../core/errors.ts";
import { clip } from "../core/quoted.ts";
import type { SettingsText } from "./settings_text.ts";

/** What differs: its value when the run was begun, and now. */
interface Difference {
  readonly name: string;
  readonly found: unknown;
  readonly now: unknown;
}

/** What is known by its hash, or needs more words than its name. */
const IN_WORDS: Readonly<Record<string, string>> = {
  weights: "other weights",
  head: "another head to start from",
  pictures: "other pictures to learn from",
  "pictures.data": "other pictures or labels to learn from",
  "pictures.size": "another size of the pictures",
  "pictures.fit": "another way to fit the pictures",
  "pictures.views": "another augmentation",
  validation: "other pictures to validate on",
  "validation.data": "other pictures or labels to validate on",
};

/** What follows from other differences, and is told where there are none. */
const FOLLOWS =
  /^(head|network|learning|decays|validation\.(size|fit|preprocessing.*)|(pictures|validation)\.data)$/;

/** Differences that a message names. */
const MOST = 3;

/**
 * Refuses settings under which a run would not take the course it began.
 *
 * @param source What messages call the state that is resumed.
 * @throws {UserError} Naming what differs: options by their names and values, data and weights in words.
 *
 * @example
 * ```ts
 * import { checkSameSettings } from "./same_settings.ts";
 * try {
 *   checkSameSettings({ epochs: "9", head: "a0b1c2" }, { epochs: "8", head: "d3e4f5" }, "run");
 * } catch (error) {
 *   console.log(error); // Cannot resume the training from run: it was begun with epochs 9 (now 8); …
 * }
 * ```
 */
export function checkSameSettings(found: SettingsText, now: SettingsText, source: string): void {
  const all = [...new Set([...Object.keys(now), ...Object.keys(found)])].flatMap((name) =>
    found[name] === now[name] ? [] : differences(name, parsed(found[name]), parsed(now[name]))
  );
  if (all.length === 0) return;
  const causes = all.filter(({ name }) => !FOLLOWS.test(name));
  // Other pictures are a cause where no option is one: then the head and the network follow from them.
  const data = all.filter(({ name }) => name.endsWith(".data"));
  const told = causes.length > 0 ? causes : data.length > 0 ? data : all;
  const words = [...new Set(told.map(inWords))];
  const more = words.length > MOST ? [`${words.length - MOST} more`] : [];
  const listed = [...words.slice(0, MOST), ...more];
  const text = listed.length < 2
    ? listed[0]
    : `${listed.slice(0, -1).join(", ")} and ${listed.at(-1)}`;
  const parts = told === data ? ", and the same parts of them for test and validation" : "";
  throw new UserError(
    `Cannot resume the training from ${source}: it was begun with ${text}; give the same options and data${parts}, or train into another place`,
  );
}

/** The parts that differ of what is made of parts. */
function differences(name: string, found: unknown, now: unknown): Difference[] {
  if (!isRecord(found) || !isRecord(now)) return [{ name, found, now }];
  return [...new Set([...Object.keys(now), ...Object.keys(found)])].flatMap((part) => {
    if (JSON.stringify(found[part]) === JSON.stringify(now[part])) return [];
    return differences(name === "best" ? part : `${name}.${part}`, found[part], now[part]);
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Parts and texts as they are; a number stays its digits, since a hash may be nothing else. */
function parsed(text: string | undefined): unknown {
  try {
    return text !== undefined && /^[{"]/.test(text) ? JSON.parse(text) : text;
  } catch {
    return text;
  }
}

function inWords({ name, found, now }: Difference): string {
  const words = IN_WORDS[name];
  const [before, after] = [shown(found), shown(now)];
  if (before === undefined || after === undefined || before === after) {
    return words ?? `another ${name}`;
  }
  return words ? `${words} (${before}, now ${after})` : `${name} ${before} (now ${after})`;
}

/** A value as text; undefined for a hash, which says nothing to anybody. */
function shown(value: unknown): string | undefined {
  if (value === undefined) return "not given";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (/^[0-9a-f]{12,}$/.test(text)) return undefined;
  return clip(text.replace(/ \([0-9a-f]{12}\)$/, ""), 100);
}
