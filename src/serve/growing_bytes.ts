/** Bytes that arrive in pieces. @module */

/**
 * Bytes in one buffer that grows: pieces are copied rather than held, since a piece of one byte costs a hundred, and a stranger chooses
 * the pieces.
 */
export class GrowingBytes {
  #buffer = new Uint8Array(0);
  #length = 0;

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  /** Appends a copy. */
  push(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#buffer.length));
      larger.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = larger;
    }
    this.#buffer.set(piece, this.#length);
    this.#length = length;
  }

  /** All bytes, without room for more; nothing may be appended afterwards. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.#length === this.#buffer.length
      ? this.#buffer
      : this.#buffer = this.#buffer.slice(0, this.#length);
  }
}
