/** Something asked of the centre by a press: whether it runs, and why the last one failed. */

import { ApiError } from '../api/client';
import { i18n } from '../i18n/i18n.svelte';
import { saidOf, saidOfCommand } from '../api/refusal';
import { notices } from '../shell/notices.svelte';

export class Attempt {
  problem = $state('');
  #running = $state(0);

  /** `wording` says what a failure is called; empty where it is told elsewhere. */
  constructor(readonly wording: (error: unknown) => string = (error) => saidOf(error)) {}

  get busy(): boolean {
    return this.#running > 0;
  }

  /** Returns whether it succeeded; why it did not stands in `problem`. `after` follows either way. */
  async run(act: () => unknown, after?: () => unknown): Promise<boolean> {
    this.#running += 1;
    this.problem = '';
    try {
      await act();
      return true;
    } catch (error) {
      this.problem = this.wording(error);
      return false;
    } finally {
      await after?.();
      this.#running -= 1;
    }
  }
}

/** An attempt whose failure is told in a notice, and not in its part of the screen; each open point too. */
export function noticedAttempt(): Attempt {
  return new Attempt((error) => {
    const open = (error instanceof ApiError && error.refusal.open_points) || [];
    const points = open.map((point) => i18n.t.row.points[point]);
    notices.tell([saidOfCommand(error), ...points].join(' · '), 'warning');
    return '';
  });
}
