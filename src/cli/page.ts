/** What results are printed on: a terminal of some width, or a file of any. @module */

/** Where a result goes, as far as its text depends on it. */
export interface Page {
  /** Columns of a line; Infinity where lines may be of any length. */
  readonly width: number;
  /** Lifts a text out of its surroundings. */
  readonly strong: (text: string) => string;
  /** Puts a text behind its surroundings. */
  readonly faint: (text: string) => string;
}

/** A file or a pipe: lines of any length, no colours. */
export const PLAIN_PAGE: Page = {
  width: Infinity,
  strong: (text) => text,
  faint: (text) => text,
};

/**
 * A terminal.
 *
 * @param width Its columns.
 */
export function terminalPage(width: number, { color }: { readonly color: boolean }): Page {
  if (!color) return { ...PLAIN_PAGE, width };
  return {
    width,
    strong: (text) => `\x1b[1m${text}\x1b[22m`,
    faint: (text) => `\x1b[2m${text}\x1b[22m`,
  };
}

/** The page that stdout is: colours unless NO_COLOR is set, and only on a terminal. */
export function pageOfStdout(): Page {
  if (!Deno.stdout.isTerminal()) return PLAIN_PAGE;
  return terminalPage(columnsOfProcess(), { color: !Deno.noColor });
}

/** Columns of the process's terminal; 80 where they are not known. */
export function columnsOfProcess(): number {
  try {
    return Deno.consoleSize().columns || 80;
  } catch {
    return 80; // no stream of the process is a terminal
  }
}
