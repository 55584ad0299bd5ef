/** Asks the centre now and then how it is, and loads the page anew when the watchdog says so. */

import { reach } from '../api/transport';
import { judge, versionOf, type Watched } from './watchdog';

const EVERY_MS = 20_000;
/** A new version is looked for less often than the centre's health. */
const VERSION_EVERY = 15;

type Seen = Pick<Watched, 'brokenSince' | 'cutSince' | 'openUrgent'>;

export class Reloader {
  readonly #startedAt = Date.now();
  readonly #version = versionOf(document.documentElement.outerHTML);
  #newVersion = false;
  #rounds = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly seen: () => Seen) {}

  start(): void {
    this.#timer = setInterval(() => void this.#round(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #round(): Promise<void> {
    const centreAnswers = await answers();
    this.#rounds += 1;
    if (centreAnswers && this.#rounds % VERSION_EVERY === 0)
      this.#newVersion = await this.#isReplaced();
    const verdict = judge({
      ...this.seen(),
      now: Date.now(),
      startedAt: this.#startedAt,
      centreAnswers,
      newVersion: this.#newVersion,
    });
    if (verdict === 'stay') return;
    console.warn(`the wall is loaded anew: ${verdict}`);
    location.reload();
  }

  async #isReplaced(): Promise<boolean> {
    try {
      const page = await reach('/wall', { cache: 'no-store' });
      const version = page.ok ? versionOf(await page.text()) : '';
      // The page adds its own style sheets as it runs: every script it began with must still be there.
      return version !== '' && !version.split(' ').every((each) => this.#version.includes(each));
    } catch {
      return false; // the next round says whether the centre answers
    }
  }
}

async function answers(): Promise<boolean> {
  try {
    const answer = await reach('/healthz', { cache: 'no-store' });
    // A centre that says that nobody watches is up: its wall shows that, and is loaded again.
    return answer.ok || 'status' in ((await answer.json()) as object);
  } catch {
    return false;
  }
}
