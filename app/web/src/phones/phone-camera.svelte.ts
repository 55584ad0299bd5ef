/**
 * This phone as a camera of the centre: asks for the lens, sends, begins again when the line breaks,
 * and says truly where it stands. It never says that it sends before the line stands.
 */

import { ApiError } from '../api/client';
import { Whip } from './whip';

const AGAIN_AFTER_MS = 2_000;
const PICTURE: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 15, max: 30 },
};

export type PhoneState =
  | 'ready' // nothing is sent; a press begins
  | 'asking' // the browser asks whether the lens may be used
  | 'connecting'
  | 'sending'
  | 'broken' // tried again by itself
  | 'refused' // no leave to use the lens, or there is none
  | 'insecure' // the browser gives no lens to a page without https
  | 'used' // another phone has this link
  | 'over'; // the link's time has ended

export type Facing = 'environment' | 'user';

export class PhoneCamera {
  state = $state<PhoneState>(window.isSecureContext ? 'ready' : 'insecure');
  facing = $state<Facing>('environment');
  stream = $state.raw<MediaStream | null>(null);
  /** Since when pictures go out without a break. */
  since = $state<number | null>(null);
  #whip: Whip | null = null;
  #again: ReturnType<typeof setTimeout> | undefined;
  #lock: WakeLockSentinel | null = null;

  constructor(private readonly code: string) {}

  async begin(): Promise<void> {
    this.state = 'asking';
    if (!(await this.#look())) return;
    await this.#stayAwake();
    await this.#connect();
  }

  /** Stops sending and lets the lens go; a press begins again. */
  end(state: PhoneState = 'ready'): void {
    clearTimeout(this.#again);
    this.#whip?.close();
    this.#whip = null;
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.since = null;
    this.state = state;
    void this.#lock?.release();
    this.#lock = null;
  }

  /** The other side of the phone. */
  async turn(): Promise<void> {
    this.facing = this.facing === 'environment' ? 'user' : 'environment';
    const [track] = (await this.#look()) ? (this.stream?.getVideoTracks() ?? []) : [];
    if (track) await this.#whip?.change(track);
  }

  async #look(): Promise<boolean> {
    this.stream?.getTracks().forEach((track) => track.stop());
    try {
      const video = { ...PICTURE, facingMode: this.facing };
      this.stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
      return true;
    } catch (error) {
      console.error('no lens', error);
      this.end('refused');
      return false;
    }
  }

  async #connect(): Promise<void> {
    const [track] = this.stream?.getVideoTracks() ?? [];
    if (!track) return;
    this.state = 'connecting';
    const whip = (this.#whip = new Whip());
    try {
      await whip.open(this.code, track, (sends) => this.#whip === whip && this.#moved(sends));
    } catch (error) {
      if (this.#whip === whip) this.#failed(error);
    }
  }

  #moved(sends: boolean): void {
    if (!sends) return this.#broke();
    this.state = 'sending';
    this.since = Date.now();
  }

  #failed(error: unknown): void {
    const status = error instanceof ApiError ? error.status : 0;
    if (status === 404) this.end('over');
    else if (status === 410) this.end('used');
    else this.#broke();
  }

  #broke(): void {
    this.#whip?.close();
    this.#whip = null;
    this.since = null;
    this.state = 'broken';
    this.#again = setTimeout(() => void this.#connect(), AGAIN_AFTER_MS);
  }

  /** A phone that sleeps sends nothing; where it cannot be kept awake the page says what to do. */
  async #stayAwake(): Promise<void> {
    try {
      this.#lock = await navigator.wakeLock.request('screen');
    } catch (error) {
      console.warn('the phone may fall asleep', error);
    }
  }
}
