/** Round ends for the axis of a chart, and where its lines stand. Pure. */

const STEPS = [1, 2, 5];

/** The smallest of 1, 2, 5, 10, 20 … whose `most` steps reach the value; at least 1. */
export function stepFor(value: number, most = 4): number {
  for (let power = 1; ; power *= 10) {
    for (const step of STEPS) {
      if (step * power * most >= value) return step * power;
    }
  }
}

/** The lines of an axis from 0 to a round end that holds the value. */
export function ticks(value: number, most = 4): number[] {
  const step = stepFor(value, most);
  const count = Math.max(1, Math.ceil(value / step));
  return Array.from({ length: count + 1 }, (_, i) => i * step);
}

/** Every n-th label, so that no more than `most` stand under the bars. */
export function labelEvery(bars: number, most: number): number {
  return Math.max(1, Math.ceil(bars / most));
}
