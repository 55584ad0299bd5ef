/**
 * One camera that is turned from this page. While the page has the right to, it says so every
 * second; while a move lasts, it is said again every half second, and the centre stops the camera
 * when it hears no more. Requests go one after the other, so that a stop never passes a move.
 */

import { api, ApiError } from '../api/client';
import type { components } from '../api/schema';
import type { Velocity } from './keys';

export type PtzState = components['schemas']['PtzResponse'];

const ASK_EVERY_MS = 1_000;
const RENEW_EVERY_MS = 500;

export class PtzControl {
  state = $state.raw<PtzState | null>(null);
  /** The centre's word for the last refusal; empty where there was none. */
  refusal = $state('');
  readonly #path: string;
  #velocity: Velocity | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #timers: ReturnType<typeof setInterval>[] = [];

  constructor(cameraId: string) {
    this.#path = `/cameras/${encodeURIComponent(cameraId)}/ptz`;
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
    return this.#told('PUT', '/lease', { take_over: takeOver });
  }

  /** Gives the right back; also when the page goes. */
  leave(): void {
    this.#velocity = null;
    if (!this.mine) return;
    if (this.state) this.state = { ...this.state, holder: null };
    void this.#send('DELETE', '/lease', undefined, true).catch(() => undefined);
  }

  /** Turns so until another word. */
  move(velocity: Velocity | null): void {
    const was = this.#velocity;
    this.#velocity = velocity;
    if (velocity) void this.#told('POST', '/move', velocity);
    else if (was) void this.#told('POST', '/stop');
  }

  /** Stops it, whatever it does: on its way to a preset too. */
  stop(): void {
    this.#velocity = null;
    void this.#told('POST', '/stop');
  }

  /** To a preset, or home without one. */
  go(preset: string | null): void {
    this.#velocity = null;
    void this.#told('POST', '/go', { preset });
  }

  #renew(): void {
    if (this.#velocity) void this.#told('POST', '/move', this.#velocity);
  }

  async #ask(): Promise<void> {
    if (this.mine) await this.#told('PUT', '/lease', { renew: true });
    else await this.#told('GET', '');
  }

  async #told(method: string, rest: string, body?: object): Promise<void> {
    const turn = this.#last.then(() => this.#send(method, rest, body));
    this.#last = turn.catch(() => undefined);
    try {
      this.state = (await (await turn).json()) as PtzState;
      if (method !== 'GET') this.refusal = '';
    } catch (error) {
      if (!(error instanceof ApiError)) return; // asked again within a second
      if (method !== 'GET') this.refusal = error.message;
      this.#velocity = null;
      if (this.mine && this.state) this.state = { ...this.state, holder: null };
    }
  }

  #send(method: string, rest: string, body?: object, keepalive = false): Promise<Response> {
    const init: RequestInit = { keepalive };
    if (body) {
      init.body = JSON.stringify(body);
      init.headers = { 'Content-Type': 'application/json' };
    }
    return api.send(method, this.#path + rest, init);
  }
}
