/** Pictures with what is to be said of each. @module */

import type { Thumbnail } from "./contact_sheet.ts";
import { pictureMarkup } from "./contact_sheet.ts";
import { escapeMarkup } from "./markup.ts";

/** A picture with a word below it. */
export interface CaptionedThumbnail {
  /** The picture. */
  readonly thumbnail: Thumbnail;
  /** What stands below it, as text. */
  readonly caption: string;
}

/** What is shown of one picture. */
export interface PictureCard {
  /** The picture, and others made of it, side by side. */
  readonly pictures: readonly Thumbnail[];
  /** The line that matters, as text. */
  readonly headline: string;
  /** More lines, as text. */
  readonly lines: readonly string[];
  /** Small pictures to compare with, in a row of their own. @default none */
  readonly beside?: {
    /** What they are, as text. */
    readonly title: string;
    /** The pictures. */
    readonly pictures: readonly CaptionedThumbnail[];
  };
}

/** Longest side of the pictures to compare with, in the page's pixels. */
const SMALL = 56;

/** Style of the cards, for the page's `<style>` element; every rule is bound to them. */
export const PICTURE_CARDS_STYLE: string =
  ".cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,21rem),1fr));gap:1.25rem;margin:0 0 1rem;padding:0;list-style:none}" +
  ".cards>li{border:1px solid var(--line);border-radius:.6rem;padding:.9rem;break-inside:avoid;min-width:0}" +
  ".cards .top{display:flex;gap:.9rem;align-items:flex-start}.cards .pictures{display:flex;gap:4px;flex:none}" +
  ".cards img.pixels{image-rendering:pixelated}.cards img{border-radius:3px;background:#888;display:block}" +
  ".cards p{margin:0;font-size:.8125rem;line-height:1.45;color:var(--quiet)}.cards p.headline{font-size:.9375rem;color:var(--ink);font-weight:600;margin-bottom:.2rem}" +
  ".cards .beside{margin-top:.8rem;padding-top:.7rem;border-top:1px solid var(--line)}" +
  ".cards .row{display:flex;flex-wrap:wrap;gap:.5rem;margin-top:.45rem}.cards .row figure{margin:0;width:3.5rem}" +
  ".cards .row figcaption{margin-top:.25rem;font-size:.75rem;line-height:1.3;color:var(--quiet)}" +
  "@media(max-width:26rem){.cards .top{flex-wrap:wrap}}@media print{.cards{grid-template-columns:1fr 1fr}}";

/**
 * A list of cards as HTML that stands alone: the pictures are in it.
 *
 * @example
 * ```ts
 * import { pictureCards } from "./picture_cards.ts";
 * const png = new Uint8Array(1);
 * const pictures = [{ png, width: 1, height: 1, name: "a.png" }];
 * const html = pictureCards([{ pictures, headline: "cat, taken for a dog", lines: ["<a.png>"] }]);
 * if (!html.includes("&lt;a.png&gt;")) throw new Error(html);
 * ```
 */
export function pictureCards(cards: readonly PictureCard[]): string {
  return `<ul class="cards">\n${cards.map(card).join("\n")}\n</ul>`;
}

function card({ pictures, headline, lines, beside }: PictureCard): string {
  const images = pictures.map((picture) => pictureMarkup(picture)).join("");
  return `<li><div class="top">${
    images === "" ? "" : `<div class="pictures">${images}</div>`
  }<div><p class="headline">${escapeMarkup(headline)}</p>${
    lines.map((line) => `<p>${escapeMarkup(line)}</p>`).join("")
  }</div></div>${beside === undefined ? "" : row(beside)}</li>`;
}

function row({ title, pictures }: NonNullable<PictureCard["beside"]>): string {
  const figures = pictures.map(({ thumbnail, caption }) =>
    `<figure>${pictureMarkup(thumbnail, SMALL)}<figcaption>${
      escapeMarkup(caption)
    }</figcaption></figure>`
  );
  return `<div class="beside"><p>${escapeMarkup(title)}</p><div class="row">${
    figures.join("")
  }</div></div>`;
}
