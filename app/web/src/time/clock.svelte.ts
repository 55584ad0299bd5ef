/**
 * The clock on the wall: ticks once a second and follows the centre's time, because the ages of
 * alerts must agree on every desk whatever the desk's own clock says.
 */

const TICK_MS = 1000;

class WallClock {
  /** The centre's time, UTC milliseconds; reading it in a component redraws it every second. */
  now = $state(Date.now());
  /** How far the desk's own clock is ahead of the centre's (negative) or behind it. */
  #offsetMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  get skewMs(): number {
    return this.#offsetMs;
  }

  /** The centre said what time it is. */
  hear(centreNowMs: number): void {
    this.#offsetMs = centreNowMs - Date.now();
    this.now = this.read();
  }

  /** The centre's time right now, without waiting for the tick. */
  read(): number {
    return Date.now() + this.#offsetMs;
  }

  start(): () => void {
    const tick = () => {
      this.now = this.read();
      this.#timer = setTimeout(tick, TICK_MS - (this.read() % TICK_MS));
    };
    tick();
    return () => clearTimeout(this.#timer);
  }
}

export const clock = new WallClock();
