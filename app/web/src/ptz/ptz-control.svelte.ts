/**
 * One camera that is turned from this page. While the page has the right to, it says so every
 * second; while a move lasts, it is said again every half second, and the centre stops the camera
 * when it hears no more. Requests go one after the other, so that a stop never passes a move.
 */

import { api, ApiError, type components } from '../api';
import type { Velocity } from './keys';

export type PtzState = components['schemas']['PtzResponse'];

const ASK_EVERY_MS = 1_000;
const RENEW_EVERY_MS = 500;

export class PtzControl {
  state = $state.raw<PtzState | null>(null);
  /** The centre's word for the last refusal; empty where there was none. */
  refusal = $state('');
  readonly #at: { path: { camera_id: string } };
  #velocity: Velocity | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #timers: ReturnType<typeof setInterval>[] = [];

  constructor(cameraId: string) {
    this.#at = { path: { camera_id: cameraId } };
  }

  get mine(): boolean {
    return this.state?.holder?.mine ?? false;
  }

  /** Follows the camera until the returned function is called. */
  start(): () => void {
    void this.#ask();
    this.#timers = [
      setInterval(() => void this.#ask(), ASK_EVERY_MS),
      setInterval(() => this.#renew(), RENEW_EVERY_MS),
    ];
    return () => {
      for (const timer of this.#timers) clearInterval(timer);
      this.leave();
    };
  }

  take(takeOver: boolean): Promise<void> {
    return this.#told(() => this.#lease({ take_over: takeOver, renew: false }));
  }

  /** Gives the right back; also when the page goes. */
  leave(): void {
    this.#velocity = null;
    if (!this.mine) return;
    if (this.state) this.state = { ...this.state, holder: null };
    void api
      .delete('/cameras/{camera_id}/ptz/lease', { ...this.#at, keepalive: true })
      .catch(() => undefined);
  }

  /** Turns so until another word. */
  move(velocity: Velocity | null): void {
    const was = this.#velocity;
    this.#velocity = velocity;
    if (velocity) this.#turn(velocity);
    else if (was) this.#halt();
  }

  /** Stops it, whatever it does: on its way to a preset too. */
  stop(): void {
    this.#velocity = null;
    this.#halt();
  }

  /** To a preset, or home without one. */
  go(preset: string | null): void {
    this.#velocity = null;
    void this.#told(() =>
      api.post('/cameras/{camera_id}/ptz/go', { ...this.#at, body: { preset } }),
    );
  }

  #renew(): void {
    if (this.#velocity) this.#turn(this.#velocity);
  }

  async #ask(): Promise<void> {
    if (this.mine) await this.#told(() => this.#lease({ take_over: false, renew: true }));
    else await this.#told(() => api.get('/cameras/{camera_id}/ptz', this.#at), true);
  }

  #lease(body: { take_over: boolean; renew: boolean }): Promise<PtzState> {
    return api.put('/cameras/{camera_id}/ptz/lease', { ...this.#at, body });
  }

  #turn(body: Velocity): void {
    void this.#told(() => api.post('/cameras/{camera_id}/ptz/move', { ...this.#at, body }));
  }

  #halt(): void {
    void this.#told(() => api.post('/cameras/{camera_id}/ptz/stop', this.#at));
  }

  /** What it says now; `asked`: nothing was wanted of it, and no refusal is told. */
  async #told(send: () => Promise<PtzState>, asked = false): Promise<void> {
    const turn = this.#last.then(send);
    this.#last = turn.catch(() => undefined);
    try {
      this.state = await turn;
      if (!asked) this.refusal = '';
    } catch (error) {
      if (!(error instanceof ApiError)) return; // asked again within a second
      if (!asked) this.refusal = error.message;
      this.#velocity = null;
      if (this.mine && this.state) this.state = { ...this.state, holder: null };
    }
  }
}
