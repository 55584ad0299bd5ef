/** Something asked of the centre by a press: whether it runs, and why the last one failed. */

import { saidOf } from '../api/refusal';

export class Attempt {
  problem = $state('');
  #running = $state(0);

  /** `wording` says what a failure is called. */
  constructor(readonly wording: (error: unknown) => string = (error) => saidOf(error)) {}

  get busy(): boolean {
    return this.#running > 0;
  }

  /** Returns whether it succeeded; why it did not stands in `problem`. */
  async run(act: () => unknown): Promise<boolean> {
    this.#running += 1;
    this.problem = '';
    try {
      await act();
      return true;
    } catch (error) {
      this.problem = this.wording(error);
      return false;
    } finally {
      this.#running -= 1;
    }
  }
}
