/** The desk's loudspeaker: unlocked by a touch, loops what the plan says, and always says its state. */

import type { Audio, Loop, Silence } from './plan';
import { isSilent, SILENCE_MS } from './plan';
import { LOOP_MS, Tones, type Tone } from './tones';

/** A speaker that was not heard stays broken for this window until a later test is heard. */
const BROKEN_MEMORY = 'thapcanh.speaker-broken';

class Sound {
  audio = $state<Audio>(sessionStorage.getItem(BROKEN_MEMORY) ? 'failed' : 'locked');
  silence = $state.raw<Silence | null>(null);
  #tones = new Tones();
  #loop: Loop = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** The browser lets sounds out. */
  get isOpen(): boolean {
    return this.#tones.state === 'running';
  }

  /** From a click or a key only. */
  async unlock(): Promise<boolean> {
    try {
      const running = await this.#tones.unlock();
      if (this.audio !== 'failed') this.audio = running ? 'running' : 'locked';
      return running;
    } catch (error) {
      console.error('no sound', error);
      this.audio = 'failed';
      return false;
    }
  }

  /** The officer says whether the test was heard. */
  heard(yes: boolean): void {
    this.audio = yes ? 'running' : 'failed';
    if (yes) sessionStorage.removeItem(BROKEN_MEMORY);
    else sessionStorage.setItem(BROKEN_MEMORY, 'yes');
  }

  play(tone: Tone): void {
    this.#tones.play(tone);
  }

  /** Loops this sound from now on; the same again changes nothing. */
  loop(wanted: Loop): void {
    if (wanted === this.#loop) return;
    this.#loop = wanted;
    clearInterval(this.#timer);
    if (wanted === null) return;
    this.#tones.play(wanted);
    this.#timer = setInterval(() => this.#tones.play(wanted), LOOP_MS[wanted]);
  }

  /** Quiet on this desk for a minute, or sounding again if it is quiet. */
  toggleSilence(now: number): boolean {
    const quiet = isSilent(this.silence, now);
    this.silence = quiet ? null : { from: now, until: now + SILENCE_MS };
    return !quiet;
  }
}

export const sound = new Sound();
