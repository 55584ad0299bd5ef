/** Whether a screen's own keys count now: a desk that is locked, or covered, does nothing by them. */

import { lock } from '../access/idle-lock.svelte';
import { keeper } from '../access/session.svelte';
import { mayAct } from '../alert/life';

/** Nobody touched this desk for long, and nothing can be done at it until its officer is back. */
export function isLocked(): boolean {
  return lock.locked && keeper.shiftTaken && keeper.user !== null && mayAct(keeper.user);
}

export function hearsKeys(): boolean {
  return !isLocked() && !isCovered();
}

/** Whether a press is for the screen: no field keeps it, and it is no chord of the browser. */
export function isForScreen(event: KeyboardEvent): boolean {
  const isChord = event.ctrlKey || event.altKey || event.metaKey;
  return hearsKeys() && !isChord && !isTypedInto(event.target);
}

/** A field that keeps what is pressed; a slider and a box to tick leave letters to the screen. */
export function isTypedInto(target: EventTarget | null): boolean {
  const fields = 'textarea, select, input:not([type=range], [type=checkbox])';
  return target instanceof Element && target.matches(fields);
}

/** A dialog stands before the screen: keys belong to it, and Escape closes it. */
function isCovered(): boolean {
  return document.querySelector('dialog[open]') !== null;
}
