/** Room beside what lies over the left edge of a map, so that nothing on the map is under it. Pure. */

/** What lies in a corner at the left edge, in pixels from there. */
export interface Corner {
  readonly at: 'top' | 'bottom';
  readonly width: number;
  readonly height: number;
}

/** What is kept free at the edges of the map. */
export interface Room {
  readonly left: number;
  readonly top: number;
  readonly bottom: number;
}

const ALL: Room = { left: 0, top: 0, bottom: 0 };

/** Every way to stay clear of the corners: beside each of them, or above and below it. */
export function roomsBeside(corners: readonly Corner[]): readonly Room[] {
  return corners
    .filter(({ width, height }) => width > 0 && height > 0)
    .reduce<readonly Room[]>(
      (rooms, { at, width, height }) =>
        rooms.flatMap((room) => [
          { ...room, left: Math.max(room.left, width) },
          { ...room, [at]: Math.max(room[at], height) },
        ]),
      [ALL],
    );
}

/** How far what lies over the left edge reaches at a height of a map that is so high. */
export function reachAt(corners: readonly Corner[], y: number, height: number): number {
  const here = corners.filter((one) =>
    one.at === 'top' ? y < one.height : y > height - one.height,
  );
  return Math.max(0, ...here.map(({ width }) => width));
}
