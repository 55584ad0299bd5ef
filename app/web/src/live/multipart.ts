/**
 * Pictures out of `multipart/x-mixed-replace`, read by hand because an `<img>` does not say when a
 * picture came or of when it is. Pure: bytes in, whole parts out.
 */

export interface Part {
  jpeg: Uint8Array<ArrayBuffer>;
  /** When the picture was taken, UTC milliseconds; NaN if the centre did not say. */
  capturedAt: number;
}

/** More than any head or picture of ours: what grows beyond is not our stream. */
const MOST_BYTES = 4_000_000;
const HEAD_END = '\r\n\r\n';

export class PartReader {
  #held: Uint8Array<ArrayBuffer> = new Uint8Array(0);

  /** Takes the next bytes; returns the parts that are whole now. Throws on what is no such stream. */
  take(bytes: Uint8Array): Part[] {
    const joined = new Uint8Array(this.#held.length + bytes.length);
    joined.set(this.#held);
    joined.set(bytes, this.#held.length);
    this.#held = joined;
    const parts: Part[] = [];
    for (let part = this.#next(); part !== null; part = this.#next()) parts.push(part);
    if (this.#held.length > MOST_BYTES) throw new RangeError('a part without an end');
    return parts;
  }

  #next(): Part | null {
    // A head is short; looking further would decode pictures as text again and again.
    const start = new TextDecoder('latin1').decode(this.#held.subarray(0, 1024));
    const headEnd = start.indexOf(HEAD_END);
    if (headEnd < 0) return null;
    const head = start.slice(0, headEnd);
    const length = Number(header(head, 'content-length'));
    if (!Number.isInteger(length) || length < 1) throw new RangeError('a part without a length');
    const from = headEnd + HEAD_END.length;
    if (this.#held.length < from + length) return null;
    const jpeg = this.#held.slice(from, from + length);
    this.#held = this.#held.slice(from + length);
    return { jpeg, capturedAt: Date.parse(header(head, 'x-captured-at')) };
  }
}

function header(head: string, name: string): string {
  const line = head.split('\r\n').find((each) => each.toLowerCase().startsWith(`${name}:`));
  return line === undefined ? '' : line.slice(name.length + 1).trim();
}
