/** Files of a folder, an archive or a list, each of which may be a picture. @module */

/** A file that is left out, and why. */
export interface SkippedFile {
  /** Its path. */
  readonly name: string;
  /** Why, in words that follow a colon: `the JPEG is cut off or damaged; get it again`. */
  readonly reason: string;
}

/** Files by number, read when they are asked for. */
export interface PictureFiles {
  /** What holds them, in words: `folder`, `zip archive`. */
  readonly kind: string;
  /** Their paths inside of it, `/` between the parts, in the order of the data set. */
  readonly paths: readonly string[];
  /** Files that are nobody's pictures: dot-files, folders of the system. */
  readonly passedOver: number;
  /** What could not be looked into. */
  readonly troubles: readonly SkippedFile[];
  /** What to call a file in messages. */
  name(index: number): string;
  /** The first bytes of a file, {@linkcode HEAD_BYTES} or more unless it is shorter. @throws {UserError} When it cannot be read. */
  head(index: number): Promise<Uint8Array>;
  /** A whole file. @throws {UserError} When it cannot be read or is larger than {@linkcode MAX_FILE_BYTES}. */
  read(index: number): Promise<Uint8Array>;
}

/** Enough to tell what kind of file it is. */
export const HEAD_BYTES = 16;

/** A larger file is no picture of the pixels that are allowed; 64 megapixels of noise as PNG are 192 MB. */
export const MAX_FILE_BYTES: number = 1 << 28;

/** Sorts by path, part by part, as sorted listings of folders do: by code unit, whatever the machine's language. */
export function sortByPath<T>(items: readonly T[], pathOf: (item: T) => string): T[] {
  return items
    // The separator sorts before all that may stand in a name.
    .map((item) => ({ item, key: pathOf(item).replaceAll("/", "\0") }))
    .sort(({ key: a }, { key: b }) => a < b ? -1 : a > b ? 1 : 0)
    .map(({ item }) => item);
}

/** Files and folders that systems put beside pictures: hidden ones, thumbnails, what macOS adds to archives. */
export function isSystemName(name: string): boolean {
  return /^(\.|__MACOSX$|@eaDir$|Thumbs\.db(:encryptable)?$|desktop\.ini$|ehthumbs\.db$|\$RECYCLE\.BIN$)/i
    .test(name);
}

/** Names that say that a file is a picture, of a kind that can be decoded or not. */
const PICTURE_NAME =
  /\.(jpe?g|jpe|jfif|png|gif|bmp|dib|webp|hei[cf]|avif|tiff?|jp2|j2k|jxl|ico|psd|svg)$/i;

/** Whether a file's name says that it is a picture. */
export function hasPictureName(path: string): boolean {
  return PICTURE_NAME.test(path);
}

/** A path without the ending that says that it is a picture. */
export function withoutEnding(path: string): string {
  return path.replace(PICTURE_NAME, "");
}
