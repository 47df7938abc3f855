/** Many small pictures on a page. @module */

import { encodeBase64 } from "../core/base64.ts";
import { escapeMarkup } from "./markup.ts";

/** A small picture. */
export interface Thumbnail {
  /** The picture as a PNG file. */
  readonly png: Uint8Array;
  /** Columns of the picture. */
  readonly width: number;
  /** Rows of the picture. */
  readonly height: number;
  /** What it is, as text: what is read aloud, and shown where the pointer rests on it. */
  readonly name: string;
}

/** Pictures that belong together. */
export interface ContactGroup {
  /** The pictures, from left to right. */
  readonly thumbnails: readonly Thumbnail[];
  /** What stands below them, as text; a line break starts a new line. */
  readonly caption: string;
}

/** Longest side on the page, in its own pixels. */
const SIDE = 96;

/** Style of a sheet, for the page's `<style>` element; every rule is bound to sheets. */
export const CONTACT_SHEET_STYLE: string =
  ".sheet{display:flex;flex-wrap:wrap;gap:.75rem 1rem;margin:.75rem 0}" +
  ".sheet figure{margin:0}.sheet .pictures{display:flex;flex-wrap:wrap;gap:2px}" +
  ".sheet figcaption{font-size:.8rem;line-height:1.3;white-space:pre-line;max-width:16rem}" +
  ".sheet img{background:#888}.sheet img.pixels{image-rendering:pixelated}";

/**
 * Groups of pictures as HTML that stands alone: the pictures are in it. Small ones are shown a whole number of times their
 * size, large ones at most 96 pixels wide and high.
 *
 * @example
 * ```ts
 * import { encodePng } from "../data/encode_png.ts";
 * import { contactSheet } from "./contact_sheet.ts";
 * const png = await encodePng({ data: Uint8Array.of(0), height: 1, width: 1, channels: 1 });
 * const html = contactSheet([{ thumbnails: [{ png, width: 1, height: 1, name: "a.png" }], caption: "<a>" }]);
 * if (!html.includes("data:image/png;base64,") || !html.includes("&lt;a&gt;")) throw new Error(html);
 * ```
 */
export function contactSheet(groups: readonly ContactGroup[]): string {
  const figures = groups.map(({ thumbnails, caption }) =>
    `<figure><div class="pictures">${thumbnails.map((one) => pictureMarkup(one)).join("")}</div>` +
    `<figcaption>${escapeMarkup(caption)}</figcaption></figure>`
  );
  return `<div class="sheet">\n${figures.join("\n")}\n</div>`;
}

/**
 * One picture as HTML. Small ones are shown a whole number of times their size.
 *
 * @param side Longest side on the page, in its own pixels.
 */
export function pictureMarkup({ png, width, height, name }: Thumbnail, side = SIDE): string {
  const fit = side / Math.max(width, height);
  const scale = fit >= 1 ? Math.floor(fit) : fit;
  const pixels = (length: number) => Math.max(1, Math.round(length * scale));
  const text = escapeMarkup(name);
  return `<img src="data:image/png;base64,${encodeBase64(png)}" width="${pixels(width)}" ` +
    `height="${pixels(height)}" alt="${text}" title="${text}"${
      scale >= 2 ? ' class="pixels"' : ""
    }>`;
}
