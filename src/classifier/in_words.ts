/** Times as people say them. @module */

/** `45 s`, `3 min 20 s`; rounded up to whole seconds. */
export function inWords(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const rest = whole % 60;
  return `${Math.floor(whole / 60)} min${rest > 0 ? ` ${rest} s` : ""}`;
}
