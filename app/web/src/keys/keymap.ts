/**
 * Which key does what. Letters and digits are told by their place on the keyboard (`code`), not by
 * what they would type: a Vietnamese input method turns s, r, x, j, a into marks. A key means one
 * thing on every screen; a digit chooses the nth of the choices that stand open.
 */

export const COMMANDS = [
  'next',
  'previous',
  'open',
  'acknowledge',
  'confirm',
  'reject',
  'dispatch',
  'close',
  'join',
  'separate',
  'note',
  'pick',
  'pick_group',
  'silence',
  'held',
  'live',
  'play',
  'search',
  'help',
  'cancel',
] as const;
export type Command = (typeof COMMANDS)[number];

export type KeyMap = Readonly<Record<Command, string>>;

export const DEFAULT_KEYS: KeyMap = {
  next: 'KeyJ',
  previous: 'KeyK',
  open: 'Enter',
  acknowledge: 'KeyA',
  confirm: 'KeyC',
  reject: 'KeyR',
  dispatch: 'KeyV',
  close: 'KeyX',
  join: 'KeyG',
  separate: 'KeyU',
  note: 'KeyM',
  pick: 'KeyY',
  pick_group: 'KeyD',
  silence: 'KeyS',
  held: 'KeyN',
  live: 'KeyL',
  play: 'Space',
  search: 'Slash',
  help: 'Shift+Slash',
  cancel: 'Escape',
};

/** Keys that keep their meaning, so that an officer can always get out. */
const FIXED: ReadonlySet<Command> = new Set<Command>(['open', 'cancel', 'help', 'search']);

/** Commands that must not repeat while the key stays down. */
const ONCE: ReadonlySet<Command> = new Set<Command>([
  'acknowledge',
  'confirm',
  'reject',
  'dispatch',
  'close',
  'join',
  'separate',
  'note',
  'pick',
  'pick_group',
  'silence',
  'open',
  'held',
]);

export interface Press {
  readonly code: string;
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  readonly repeat: boolean;
}

/** The name of a press in a key map; empty when it belongs to the browser. */
export function chordOf(press: Press): string {
  if (press.ctrlKey || press.altKey || press.metaKey) return '';
  if (press.key === '?') return 'Shift+Slash';
  if (press.key === '/') return 'Slash';
  return press.shiftKey ? `Shift+${press.code}` : press.code;
}

export function commandFor(press: Press, keys: KeyMap): Command | null {
  const chord = chordOf(press);
  if (chord === '') return null;
  const command = COMMANDS.find((each) => keys[each] === chord) ?? null;
  return command !== null && press.repeat && ONCE.has(command) ? null : command;
}

/** The digit of a press on the row above the letters or on the number pad. */
export function digitOf(press: Press): number | null {
  const found = /^(?:Digit|Numpad)([0-9])$/.exec(press.code);
  return chordOf(press) !== '' && found ? Number(found[1]) : null;
}

export function canRemap(command: Command): boolean {
  return !FIXED.has(command);
}

/** The map with the command on this chord; null when another command has it already. */
export function remap(keys: KeyMap, command: Command, chord: string): KeyMap | null {
  const usable =
    canRemap(command) && /^(Key[A-Z]|F\d{1,2}|Comma|Period|Space|Semicolon)$/.test(chord);
  if (!usable || COMMANDS.some((each) => each !== command && keys[each] === chord)) return null;
  return { ...keys, [command]: chord };
}

/** What is printed on the key. */
export function keyCap(chord: string): string {
  const caps: Record<string, string> = {
    'Shift+Slash': '?',
    Slash: '/',
    Comma: ',',
    Period: '.',
    Semicolon: ';',
    Escape: 'Esc',
    Space: '␣',
  };
  return caps[chord] ?? chord.replace(/^(Key|Digit)/, '');
}

/** A map read back from the desk's own memory; anything odd gives the default. */
export function readKeys(text: string | null): KeyMap {
  let saved: unknown = null;
  try {
    saved = JSON.parse(text ?? 'null');
  } catch {
    return DEFAULT_KEYS;
  }
  let keys = DEFAULT_KEYS;
  for (const [name, chord] of Object.entries(saved ?? {})) {
    const command = COMMANDS.find((each) => each === name);
    if (command && typeof chord === 'string') keys = remap(keys, command, chord) ?? keys;
  }
  return keys;
}
