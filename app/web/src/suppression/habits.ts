/** The map of what is usual on a camera, as squares to draw. Pure. */

export const HABIT_KINDS = ['fire', 'smoke'] as const;
export type HabitKind = (typeof HABIT_KINDS)[number];

export const HOURS: readonly number[] = Array.from({ length: 24 }, (_, hour) => hour);

/** Less than this is not drawn. */
const LEAST = 0.02;

export interface HabitCell {
  readonly key: string;
  readonly x: number;
  readonly y: number;
  /** 0 never, 1 always. */
  readonly share: number;
}

/** The cells in which something is usual; rows from the top, columns from the left. */
export function cellsOf(grid: readonly (readonly number[])[]): readonly HabitCell[] {
  return grid.flatMap((row, y) =>
    row.flatMap((share, x) =>
      share < LEAST ? [] : [{ key: `${x} ${y}`, x, y, share: Math.min(1, share) }],
    ),
  );
}
