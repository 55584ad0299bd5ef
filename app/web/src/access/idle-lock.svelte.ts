/**
 * A desk that nobody touched for a while locks what can be done at it, until its officer gives the
 * password again. It goes on showing and sounding: a lock never makes a desk blind or mute.
 */

import { api } from '../api/client';

const LOCK_AFTER_MS = 15 * 60_000;
const LOOK_EVERY_MS = 5_000;
/** A reload of the page does not unlock. */
const MEMORY = 'thapcanh.locked';

class IdleLock {
  locked = $state(false);
  #touchedAt = Date.now();

  /** Begins for this officer; returns what ends it. */
  start(username: string): () => void {
    this.#touchedAt = Date.now();
    this.locked = sessionStorage.getItem(MEMORY) === memory(username);
    const timer = setInterval(() => this.#look(username), LOOK_EVERY_MS);
    return () => {
      clearInterval(timer);
      this.locked = false;
    };
  }

  /** A hand is on the desk. */
  touch(): void {
    this.#touchedAt = Date.now();
  }

  unlock(): void {
    this.locked = false;
    sessionStorage.removeItem(MEMORY);
    this.touch();
  }

  #look(username: string): void {
    if (this.locked || Date.now() - this.#touchedAt < LOCK_AFTER_MS) return;
    this.locked = true;
    sessionStorage.setItem(MEMORY, memory(username));
  }
}

/** Whoever logged in anew has shown who they are: their desk is not locked any longer. */
function memory(username: string): string {
  return `${username} ${api.mark}`;
}

export const lock = new IdleLock();
