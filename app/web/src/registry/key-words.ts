/** Keys of the registry's entries in words: fields that a form shows, and those that stand in a file only. */

import { i18n } from '../i18n/i18n.svelte';

/** What a key of an entry is called. */
export function keyName(key: string): string {
  const words = i18n.t.registry;
  const names: Readonly<Record<string, string>> = {
    ...i18n.t.watchAreas.fields,
    ...words.fields,
    ...words.otherKeys,
  };
  return names[key] ?? key;
}

/** The place of a finding in words: its key, and the rest of the path as it is. */
export function placeName(path: string): string {
  const key = /^\w+/.exec(path)?.[0] ?? path;
  const rest = path.slice(key.length).replace(/^\./, '');
  return rest ? `${keyName(key)} (${rest})` : keyName(key);
}
