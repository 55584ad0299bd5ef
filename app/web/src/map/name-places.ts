/** Where the names of pins stand: right of their marks, left where that is narrow, else nowhere. Pure; pixels. */

/** The middle of a pin. */
export interface Mark {
  readonly x: number;
  readonly y: number;
}

export interface NamePlace {
  readonly side: 'right' | 'left';
  readonly room: number;
}

/** From the middle of a pin to where its name begins, and to where the next pin's mark begins. */
const MARK = 46;
const LINE = 44;
/** Closer than this two marks cover one another. */
const SAME = 20;
export const LONGEST_NAME = 320;
/** In less a name is cut to a few letters, and its age lies over the next mark. */
export const LEAST_NAME = 72;

/**
 * Of each pin, the gravest first; null where no name can be read, or where a graver pin stands in
 * the same place. `leftEdge` tells where the map begins at a height. To the first `grave` pins those
 * after them give way: their names are written over lesser marks.
 */
export function namePlaces(
  marks: readonly Mark[],
  leftEdge: (y: number) => number = () => 0,
  grave = 0,
): readonly (NamePlace | null)[] {
  const written: Span[] = [];
  return marks.map((mine, i) => {
    if (marks.slice(0, i).some((one) => isUnder(one, mine))) return null;
    const marked = (i < grave ? marks.slice(0, grave) : marks)
      .filter((one) => isBeside(one, mine) && !isUnder(one, mine))
      .map(({ x, y }) => ({ from: x - MARK, to: x + MARK, y }));
    const free = between([...marked, ...written.filter((one) => isBeside(one, mine))], mine.x);
    const [from, to] = [mine.x - MARK, mine.x + MARK];
    const right = roomOf(free.to - to);
    const left = roomOf(from - Math.max(free.from, leftEdge(mine.y)));
    if (right < LEAST_NAME && left < LEAST_NAME) return null;
    const place: NamePlace =
      right >= LEAST_NAME ? { side: 'right', room: right } : { side: 'left', room: left };
    const begin = place.side === 'right' ? to : from - left;
    written.push({ from: begin, to: begin + place.room, y: mine.y });
    return place;
  });
}

/** What is taken of a line, from left to right. */
interface Span {
  readonly from: number;
  readonly to: number;
  readonly y: number;
}

/** What is free of a line around `x`. */
function between(taken: readonly Span[], x: number): Pick<Span, 'from' | 'to'> {
  let [from, to] = [-Infinity, Infinity];
  for (const one of taken) {
    if ((one.from + one.to) / 2 > x) to = Math.min(to, one.from);
    else from = Math.max(from, one.to);
  }
  return { from, to };
}

function roomOf(free: number): number {
  return Math.floor(Math.min(free, LONGEST_NAME));
}

function isUnder(a: Mark, b: Mark): boolean {
  return Math.abs(a.x - b.x) < SAME && isBeside(a, b);
}

function isBeside(a: Pick<Mark, 'y'>, b: Pick<Mark, 'y'>): boolean {
  return Math.abs(a.y - b.y) < LINE;
}
