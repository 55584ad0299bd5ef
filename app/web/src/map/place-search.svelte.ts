/** Streets, wards and former names from the site's list, and cameras by name, as one types. */

import { matches } from '../alert/triage';
import { api } from '../api/client';
import type { components } from '../api/schema';
import type { Camera } from '../api/types';

type KnownPlace = components['schemas']['KnownPlaceResponse'];

export interface FoundPlace {
  readonly kind: 'ward' | 'street' | 'place' | 'camera';
  readonly name: string;
  readonly beside: string;
  readonly note: string;
  /** Null where the list has no coordinates. */
  readonly at: { readonly lat: number; readonly lon: number } | null;
}

const AFTER_TYPING_MS = 200;
const MOST_CAMERAS = 5;

export class PlaceSearch {
  text = $state('');
  found = $state.raw<readonly FoundPlace[] | null>(null);
  failed = $state(false);
  #asked = 0;

  /** Call it with each change of the text; only the newest answer is shown. */
  ask(cameras: readonly Camera[]): () => void {
    const text = this.text.trim();
    const mine = ++this.#asked;
    if (text === '') {
      this.found = null;
      return () => undefined;
    }
    const timer = setTimeout(() => {
      this.#answer(text, cameras).then(
        (found) => {
          if (mine !== this.#asked) return;
          this.found = found;
          this.failed = false;
        },
        (error: unknown) => {
          console.warn('the search did not come', error);
          if (mine === this.#asked) this.failed = true;
        },
      );
    }, AFTER_TYPING_MS);
    return () => clearTimeout(timer);
  }

  async #answer(text: string, cameras: readonly Camera[]): Promise<readonly FoundPlace[]> {
    const { items } = await api.get('/places', { query: { q: text.slice(0, 100) } });
    return [...items.map(ofList), ...camerasNamed(text, cameras)];
  }
}

export function camerasNamed(text: string, cameras: readonly Camera[]): readonly FoundPlace[] {
  if (text.trim() === '') return [];
  return cameras
    .filter((camera) => matches(text, `${camera.name} ${camera.id}`))
    .slice(0, MOST_CAMERAS)
    .map(({ name, id, lat, lon }) => ({
      kind: 'camera',
      name,
      beside: id,
      note: '',
      at: lat === null || lon === null ? null : { lat, lon },
    }));
}

function ofList({ kind, name, ward, note, lat, lon }: KnownPlace): FoundPlace {
  return {
    kind: kind === 'ward' || kind === 'street' ? kind : 'place',
    name,
    beside: ward ?? '',
    note: note ?? '',
    at: lat === null || lon === null ? null : { lat, lon },
  };
}

/** `?at=21.0285,105.8542`; null for anything that is no place. */
export function placeOf(search: string): { lat: number; lon: number } | null {
  const [lat = NaN, lon = NaN] = (new URLSearchParams(search).get('at') ?? '')
    .split(',')
    .map((part) => (part.trim() === '' ? NaN : Number(part)));
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { lat, lon } : null;
}
