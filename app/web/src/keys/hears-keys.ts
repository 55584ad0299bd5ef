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

/** A dialog stands before the screen: keys belong to it, and Escape closes it. */
function isCovered(): boolean {
  return document.querySelector('dialog[open]') !== null;
}
