/** Where the names of drawn shapes stand, so that none covers another or the line with the hour. Pure. */

export interface Named {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
}

export interface LabelPlace {
  readonly name: string;
  readonly x: number;
  readonly y: number;
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Of a letter's height: how wide one is on average, and how far lines are apart. */
const LETTER = 0.62;
const LINE = 1.3;
const BESIDE = 8;

/**
 * Each name at its shape's highest corner, moved down past what is there already. `wide` and `tall`
 * are the drawing's size, `size` the letters' height; `taken` is kept free.
 */
export function labelPlaces(
  shapes: readonly Named[],
  wide: number,
  tall: number,
  size: number,
  taken: readonly Box[] = [],
): LabelPlace[] {
  const filled = [...taken];
  return shapes.map(({ name, points }) => {
    const [x, y] = [...points].sort((a, b) => a[1] - b[1])[0] ?? [0, 0];
    const length = name.length * size * LETTER;
    const left = Math.max(0, Math.min(x * wide + BESIDE, wide - length));
    let box = boxOf(left, Math.min(y * tall, tall - size * LINE), length, size);
    for (let met = meeting(filled, box); met; met = meeting(filled, box)) {
      if (met.bottom + size * LINE > tall) break;
      box = boxOf(left, met.bottom, length, size);
    }
    filled.push(box);
    return { name, x: box.left, y: box.top + size };
  });
}

function boxOf(left: number, top: number, length: number, size: number): Box {
  return { left, top, right: left + length, bottom: top + size * LINE };
}

function meeting(filled: readonly Box[], box: Box): Box | undefined {
  return filled.find(
    (one) =>
      one.left < box.right && box.left < one.right && one.top < box.bottom && box.top < one.bottom,
  );
}
