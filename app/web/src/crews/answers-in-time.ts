/** A network that swallows what is sent gives no error: so long without an answer is none. */

import { Unreachable } from '../api/client';

export const ANSWER_WITHIN_MS = 15_000;
const FILE_WITHIN_MS = 30 * 60_000;

/** What is asked or told in words. */
export function soon(): RequestInit {
  return { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) };
}

/** A film on a slow network. */
export function inTime(): RequestInit {
  return { signal: AbortSignal.timeout(FILE_WITHIN_MS) };
}

/** The same for a question that takes no signal. */
export async function answered<T>(asked: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Unreachable('no answer')), ANSWER_WITHIN_MS);
  });
  return Promise.race([asked, late]).finally(() => clearTimeout(timer));
}
