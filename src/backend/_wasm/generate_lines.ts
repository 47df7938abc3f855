/** What the generators of AssemblyScript share. @module */

/** The whole numbers below `n`. */
export const range = (n: number): number[] => [...Array(n).keys()];
/** Lines of source. */
export const lines = (...parts: (string | string[])[]): string => parts.flat().join("\n") + "\n";
