/** Which way a key turns a camera. Pure. */

export interface Velocity {
  readonly pan: number;
  readonly tilt: number;
  readonly zoom: number;
}

/** A direction without its speed: each -1, 0 or 1; right, up and closer are positive. */
export type Direction = Velocity;

export const way = (pan: number, tilt: number, zoom = 0): Direction => ({ pan, tilt, zoom });

const KEYS: Readonly<Record<string, Direction>> = {
  ArrowLeft: way(-1, 0),
  ArrowRight: way(1, 0),
  ArrowUp: way(0, 1),
  ArrowDown: way(0, -1),
  '+': way(0, 0, 1),
  '=': way(0, 0, 1),
  '-': way(0, 0, -1),
  PageUp: way(0, 0, 1),
  PageDown: way(0, 0, -1),
};

/** The sum of what the keys that are down ask for; null where none of them turns a camera. */
export function directionOf(keys: Iterable<string>): Direction | null {
  const asked = [...keys].flatMap((key) => (turns(key) ? (KEYS[key] ?? []) : []));
  if (asked.length === 0) return null;
  const sum = (of: (one: Direction) => number): number =>
    Math.max(
      -1,
      Math.min(
        1,
        asked.reduce((total, one) => total + of(one), 0),
      ),
    );
  return way(
    sum((one) => one.pan),
    sum((one) => one.tilt),
    sum((one) => one.zoom),
  );
}

export function turns(key: string): boolean {
  return Object.hasOwn(KEYS, key);
}

export function at(direction: Direction, speed: number): Velocity {
  return way(direction.pan * speed, direction.tilt * speed, direction.zoom * speed);
}
