import { describe, expect, it } from 'vitest';

import { PartReader } from './multipart';

function stream(...pictures: number[][]): Uint8Array {
  const encoder = new TextEncoder();
  const bytes: number[] = [...encoder.encode('--picture\r\n')];
  pictures.forEach((picture, second) => {
    const at = `2026-11-24T07:02:0${second}.000Z`;
    const head = `Content-Type: image/jpeg\r\nContent-Length: ${picture.length}\r\nX-Captured-At: ${at}`;
    bytes.push(...encoder.encode(`${head}\r\n\r\n`), ...picture);
    bytes.push(...encoder.encode('\r\n--picture\r\n'));
  });
  return Uint8Array.from(bytes);
}

describe('PartReader', () => {
  it('gives each picture with its time, however the bytes are cut', () => {
    const bytes = stream([255, 216, 13, 10, 13, 10, 1], [255, 216, 2]);
    for (const size of [1, 7, 64, bytes.length]) {
      const reader = new PartReader();
      const found = [];
      for (let at = 0; at < bytes.length; at += size)
        found.push(...reader.take(bytes.slice(at, at + size)));
      expect(found.map((part) => [...part.jpeg])).toEqual([
        [255, 216, 13, 10, 13, 10, 1],
        [255, 216, 2],
      ]);
      expect(found.map((part) => part.capturedAt)).toEqual([
        Date.parse('2026-11-24T07:02:00Z'),
        Date.parse('2026-11-24T07:02:01Z'),
      ]);
    }
  });

  it('refuses what is no such stream', () => {
    expect(() => new PartReader().take(new TextEncoder().encode('<html>\r\n\r\n'))).toThrow(
      RangeError,
    );
  });
});
