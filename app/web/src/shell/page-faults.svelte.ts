/**
 * Faults of the page itself. What nobody else tells of is told here: a part that can no longer be
 * drawn stands as it last was, or empty, and looks calm.
 */

import { ApiError, saidOfCommand, Unreachable } from '../api';
import { clock } from '../time/clock.svelte';
import { notices } from './notices.svelte';

class PageFaults {
  /** When the first was, by the centre's clock; null while there was none. */
  at = $state<number | null>(null);

  start(): () => void {
    const failed = ({ error }: ErrorEvent): void => {
      if (error instanceof Error) this.heard(error); // the browser's own remarks carry none
    };
    const forgotten = ({ reason }: PromiseRejectionEvent): void => {
      if (reason instanceof ApiError || reason instanceof Unreachable)
        notices.tell(saidOfCommand(reason), 'warning');
      else if (reason instanceof Error && !(reason instanceof DOMException)) this.heard(reason);
    };
    window.addEventListener('error', failed);
    window.addEventListener('unhandledrejection', forgotten);
    return () => {
      window.removeEventListener('error', failed);
      window.removeEventListener('unhandledrejection', forgotten);
    };
  }

  heard(error: unknown): void {
    console.error('the page is broken', error);
    this.at ??= clock.read();
  }
}

export const pageFaults = new PageFaults();

/** A part that says by itself, where it stands, that it cannot be drawn: the rest is as it was. */
export function partFailed(error: unknown): void {
  console.error('a part of the page cannot be drawn', error);
}
