/** The keys of this desk: which are in force, and the memory of what the officer changed. */

import { COMMANDS, DEFAULT_KEYS, readKeys, remap, type Command } from './keymap';

const MEMORY = 'thapcanh.keys';
const SINGLE = 'thapcanh.single-keys';

class Keys {
  map = $state.raw(readKeys(localStorage.getItem(MEMORY)));
  /** Single letters act; off for officers who speak their commands (WCAG 2.1.4). */
  singleKeys = $state(localStorage.getItem(SINGLE) !== 'off');

  move(command: Command, chord: string): boolean {
    const next = remap(this.map, command, chord);
    if (next === null) return false;
    this.map = next;
    const changed = COMMANDS.filter((each) => next[each] !== DEFAULT_KEYS[each]);
    localStorage.setItem(
      MEMORY,
      JSON.stringify(Object.fromEntries(changed.map((each) => [each, next[each]]))),
    );
    return true;
  }

  reset(): void {
    this.map = DEFAULT_KEYS;
    localStorage.removeItem(MEMORY);
  }

  setSingleKeys(on: boolean): void {
    this.singleKeys = on;
    localStorage.setItem(SINGLE, on ? 'on' : 'off');
  }
}

export const keys = new Keys();
