/** Several films in step: one moment and one speed for all; it waits for the one that is behind. */

import { clock } from '../time/clock.svelte';
import { Film } from './film.svelte';
import { afterCommonGap, newest, stretchAround, type Stretch } from './stretch';

const STEP_MS = 100;
/** A film that does not come holds the others no longer than this. */
const LONGEST_WAIT_MS = 4000;

export class Playback {
  at = $state(0);
  rate = $state(1);
  playing = $state(true);
  stretch = $state.raw<Stretch>({ from: 0, to: 0 });
  films = $state.raw<readonly Film[]>([]);
  #timer: ReturnType<typeof setInterval> | undefined;
  #last = 0;
  #waited = 0;

  constructor(cameras: readonly string[], at: number) {
    this.films = cameras.map((camera) => new Film(camera));
    this.at = Math.min(at, newest(clock.now));
    this.stretch = stretchAround(this.at, clock.now);
  }

  start(): void {
    this.#last = performance.now();
    this.#timer = setInterval(() => this.#step(), STEP_MS);
  }

  end(): void {
    clearInterval(this.#timer);
    for (const film of this.films) film.end();
  }

  /** Shows another moment; one outside the stretch moves the stretch. */
  jump(at: number): void {
    this.at = Math.min(at, newest(clock.now));
    if (this.at < this.stretch.from || this.at > this.stretch.to) {
      this.stretch = stretchAround(this.at, clock.now);
    }
    for (const film of this.films) film.follow(this.at, this.rate, false);
  }

  #step(): void {
    const now = performance.now();
    const passed = now - this.#last;
    this.#last = now;
    const held = this.films.some((film) => film.isBehind) && this.#waited < LONGEST_WAIT_MS;
    this.#waited = held ? this.#waited + passed : 0;
    if (this.playing && !held) this.#advance(passed);
    for (const film of this.films) film.follow(this.at, this.rate, this.playing);
  }

  #advance(passed: number): void {
    const at = this.at + passed * this.rate;
    const shown = this.films.filter((film) => film.state !== 'loading').map((film) => film.gaps);
    this.at = Math.min(afterCommonGap(shown, at), this.stretch.to, newest(clock.now));
    if (this.at >= this.stretch.to) this.playing = false;
  }
}
