/** The cameras that a screen knows, brought up to date with what changed: a city's list is 16 MB. */

import { api } from '../api/client';
import type { Camera, CameraNews } from '../api/types';

/** What changed comes by the stream; else it is asked for, one question at a time. */
const GAP_MS = 250;
export const LOOK_MS = 5_000;
const AT_LEAST_MS = 60_000;

interface Told {
  items: readonly Camera[];
  gone?: readonly string[] | null;
}

/** Whether what the stream says can be put upon the list of this version; else the centre is asked. */
export function follows(news: CameraNews, version: string | null): boolean {
  return version !== null && news.after.includes(version);
}

/** The list after an answer. Phones are told whole each time: one that is not named sends no more. */
export function merged(before: readonly Camera[], told: Told): readonly Camera[] {
  if (told.gone == null) return told.items;
  const left = before.some((camera) => camera.ends_at != null);
  if (told.items.length === 0 && told.gone.length === 0 && !left) return before;
  const gone = new Set(told.gone);
  const news = new Map(told.items.map((camera) => [camera.id, camera]));
  const kept = before
    .filter((camera) => !gone.has(camera.id) && (camera.ends_at == null || news.has(camera.id)))
    .map((camera) => news.get(camera.id) ?? camera);
  const known = new Set(kept.map((camera) => camera.id));
  return [...kept, ...told.items.filter((camera) => !known.has(camera.id))];
}

/** The cameras, kept current. */
export class CameraWatch {
  all = $state.raw<readonly Camera[]>([]);
  #at = 0;
  #asks = false;
  #asksAgain = false;
  #version: string | null = null;
  #stopped = false;
  #again: ReturnType<typeof setTimeout> | undefined;

  /** While an answer is awaited, which may be newer or older, the heartbeat that follows decides. */
  changed(news: CameraNews): void {
    if (this.#asks || !follows(news, this.#version)) return;
    this.#take(news);
    this.#at = Date.now();
  }

  /** Asks where another version is in force, or where it was asked for long ago. */
  look(version: string | null = this.#version): void {
    if (version !== this.#version || Date.now() - this.#at >= AT_LEAST_MS) this.refresh();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#again);
  }

  /** A change that comes while an answer is awaited is asked for after it: no answer is thrown away. */
  refresh(): void {
    this.#asksAgain = this.#asks;
    if (this.#asks) return;
    this.#asks = true;
    this.#at = Date.now();
    void api
      .cameraChanges(this.#version)
      .then(
        (told) => this.#take(told),
        (error: unknown) => {
          console.error('cameras were not loaded', error);
          this.#at = 0; // the next look comes with the timer
        },
      )
      .finally(() => {
        this.#asks = false;
        if (this.#asksAgain && !this.#stopped)
          this.#again = setTimeout(() => this.refresh(), GAP_MS);
      });
  }

  #take(told: Told & { version: string }): void {
    this.all = merged(this.all, told);
    this.#version = told.version;
  }
}
