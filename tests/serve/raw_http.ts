/** Requests that no client library sends. @module */

/** Sends bytes over a connection of its own and reads until it ends, or for `forMs`. */
export async function sendRaw(
  port: number,
  message: string | Uint8Array,
  forMs = 20_000,
): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const bytes = typeof message === "string" ? latin1(message) : message;
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
  const timer = setTimeout(() => connection.close(), forMs);
  let text = "";
  const buffer = new Uint8Array(65_536);
  try {
    for (let length; (length = await connection.read(buffer)) !== null;) {
      text += new TextDecoder().decode(buffer.subarray(0, length));
    }
  } catch (error) {
    if (text === "") throw error;
  } finally {
    clearTimeout(timer);
  }
  return text;
}

/** One byte for each character. */
export function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/** The status of a raw answer; `undefined` where there is none. */
export function statusOf(answer: string): number | undefined {
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1];
  return status === undefined ? undefined : Number(status);
}
