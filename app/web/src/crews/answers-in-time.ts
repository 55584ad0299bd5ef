/** A network that swallows what is sent gives no error: so long without an answer is none. */

interface Timed {
  readonly signal: AbortSignal;
}

export const ANSWER_WITHIN_MS = 15_000;
const FILE_WITHIN_MS = 30 * 60_000;

/** What is asked or told in words. */
export function soon(): Timed {
  return { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) };
}

/** A film on a slow network. */
export function inTime(): Timed {
  return { signal: AbortSignal.timeout(FILE_WITHIN_MS) };
}
