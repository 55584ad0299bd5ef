/**
 * What a part of a screen asks the centre when it opens. A question that got no answer is put again
 * until it has one, so that a part opened in a bad moment does not stay empty. A refusal is final,
 * except of what is asked from time to time: that goes on. No late answer replaces a newer one.
 */

import { api, ApiError } from './client';
import { features } from './features.svelte';

/** After this a question without an answer is put again. */
export const AGAIN_AFTER_MS = 5_000;
const TOO_MANY = 429;

export class Asked<T> {
  /** The last answer; null before there was one. */
  value = $state.raw<T | null>(null);
  /** Why the last attempt brought none; null when it did. */
  problem = $state.raw<unknown>(null);
  #question: (() => Promise<T>) | null = null;
  #everyMs = 0;
  #round = 0;
  /** The newest round whose answer was taken; what comes of rounds up to it is old. */
  #taken = 0;
  #latest: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Puts a question in place of an earlier one, and once more every `everyMs` if that is given.
   * Returns what ends the asking. In an effect, what the question reads puts it again.
   */
  ask(question: () => Promise<T>, everyMs = 0): () => void {
    this.#question = question;
    this.#everyMs = everyMs;
    this.#taken = this.#round;
    void this.again();
    return () => {
      this.#question = null;
      this.#taken = ++this.#round;
      this.#latest = Promise.resolve();
      clearTimeout(this.#timer);
    };
  }

  /** As `ask`, once nothing was typed for so long. */
  askAfter(ms: number, question: () => Promise<T>): () => void {
    if (ms === 0) return this.ask(question);
    let end: (() => void) | undefined;
    const timer = setTimeout(() => (end = this.ask(question)), ms);
    return () => {
      clearTimeout(timer);
      end?.();
    };
  }

  /**
   * As `ask`, for who is logged in: what ends the asking forgets the answer, which was for them.
   * Ask nothing on a site without `feature`.
   */
  askForUser(question: () => Promise<T>, everyMs: number, feature?: string): () => void {
    if (feature !== undefined && !features.has(feature)) return () => undefined;
    const end = this.ask(question, everyMs);
    return () => {
      end();
      this.value = null;
      this.problem = null;
    };
  }

  /**
   * Puts the question now, as after a command or a change; done when the newest question is answered.
   * Answers are taken in the order of their questions: what changes all the time is shown meanwhile.
   * Before the question is put for the first time this asks nothing.
   */
  again(): Promise<void> {
    clearTimeout(this.#timer);
    this.#latest = this.#attempt(++this.#round);
    return this.#latest;
  }

  async #attempt(round: number): Promise<void> {
    const answer = this.#question?.();
    if (!answer) return;
    try {
      this.#take(round, await answer);
    } catch (error) {
      if (round === this.#round) this.#failed(round, error);
    }
    if (round !== this.#round) await this.#latest;
  }

  #take(round: number, value: T): void {
    if (round <= this.#taken) return;
    this.#taken = round;
    this.value = value;
    this.problem = null;
    if (round === this.#round && this.#everyMs > 0) this.#later(this.#everyMs);
  }

  #failed(round: number, error: unknown): void {
    console.warn('the centre did not answer a question', error);
    this.#taken = round;
    this.problem = error;
    if (!isFinal(error)) this.#later(AGAIN_AFTER_MS);
    else if (this.#everyMs > 0) this.#later(Math.max(this.#everyMs, AGAIN_AFTER_MS));
  }

  #later(ms: number): void {
    this.#timer = setTimeout(() => void this.again(), ms);
  }
}

/** The JSON that stands at a path. */
export async function getJson<T>(path: string, init: RequestInit = {}): Promise<T> {
  return (await (await api.send('GET', path, init)).json()) as T;
}

function isFinal(error: unknown): boolean {
  return error instanceof ApiError && error.status < 500 && error.status !== TOO_MANY;
}
