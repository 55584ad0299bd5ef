/** The site's own names and map, asked for once; screens show names, never ids. */

import { alertKinds } from '../alert/alert-kinds.svelte';
import { api, type components } from '../api';
import type { Locale } from '../time/format';

type ShownSite = components['schemas']['SiteResponse'];
export type MapFacts = components['schemas']['MapFacts'];

const AGAIN_AFTER_MS = 10_000;

class Places {
  site = $state.raw<ShownSite | null>(null);
  #asked = false;

  /** Asks once; a centre that does not answer is asked again later. */
  load(): void {
    if (this.#asked) return;
    this.#asked = true;
    this.#ask().catch((error: unknown) => {
      console.warn('the site’s names were not loaded', error);
      setTimeout(() => {
        this.#asked = false;
        this.load();
      }, AGAIN_AFTER_MS);
    });
  }

  area(id: string | null): string {
    return nameOf(this.site?.areas, id);
  }

  agency(id: string | null): string {
    return nameOf(this.site?.agencies, id);
  }

  agencyPhone(id: string | null): string {
    return this.site?.agencies.find((agency) => agency.id === id)?.phone ?? '';
  }

  /** How far apart two cameras may stand that see one fire; none agree before it is known. */
  get agreesWithinM(): number {
    return this.site?.agrees_within_m ?? 0;
  }

  /** What a kind of facility is called; one that the site made up is called as it wrote it. */
  facilityKind(kind: string, locale: Locale): string {
    return this.site?.facility_kinds[kind]?.[locale] ?? kind;
  }

  facilityKinds(locale: Locale): readonly string[] {
    return Object.values(this.site?.facility_kinds ?? {}).map((name) => name[locale]);
  }

  async #ask(): Promise<void> {
    this.site = await api.get('/site');
    alertKinds.learn(this.site.kinds, this.site.classes);
  }
}

/** Before the names are known, nothing is better than an id. */
function nameOf(
  named: readonly { id: string; name: string }[] | undefined,
  id: string | null,
): string {
  return id === null ? '' : (named?.find((each) => each.id === id)?.name ?? '');
}

export const places = new Places();
