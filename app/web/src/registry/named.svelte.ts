/** What agencies, areas, times and switches of the registry are called: screens show names, ids beside them. */

import { i18n } from '../i18n/i18n.svelte';
import { instant } from '../time/format';
import { shownMoment } from '../time/moment-field';
import { MOMENTS } from './entry';
import type { Named } from './names';
import { everyNamed } from './registry-api';

class RegistryNames {
  agencies = $state.raw<readonly Named[]>([]);
  areas = $state.raw<readonly Named[]>([]);

  async load(): Promise<void> {
    [this.agencies, this.areas] = await Promise.all([everyNamed('agencies'), everyNamed('areas')]);
  }

  agency(id: string | undefined): string {
    return nameOf(this.agencies, id);
  }

  area(id: string | undefined): string {
    return nameOf(this.areas, id);
  }
}

/** An id that nobody knows is shown: it has to be put right. */
function nameOf(named: readonly Named[], id: string | undefined): string {
  return named.find((each) => each.id === id)?.name ?? id ?? '';
}

export const registryNames = new RegistryNames();

/** What a value of an entry is called, for `differences`. */
export function readValue(key: string, value: unknown): string | null {
  if (typeof value === 'boolean') return value ? i18n.t.registry.yes : i18n.t.registry.no;
  if (typeof value !== 'string') return null;
  if (key === 'agency') return registryNames.agency(value);
  if (key === 'area' || key === 'parent') return registryNames.area(value);
  const at = MOMENTS.has(key) ? instant(value) : null;
  return at === null ? null : shownMoment(at);
}
