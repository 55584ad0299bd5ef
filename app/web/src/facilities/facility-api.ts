/** Facilities as the screens use them: the centre's shapes and its requests. */

import { getJson } from '../api/asked.svelte';
import { api } from '../api/client';
import type { components } from '../api/schema';

type Schemas = components['schemas'];

export type Facility = Schemas['FacilityResponse'];
export type FacilityList = Schemas['FacilityListResponse'];
export type OneFacility = Schemas['OneFacilityResponse'];
export type FacilityRequest = Schemas['FacilityRequest'];
export type FacilityImport = Schemas['FacilityImportResponse'];

const JSON_TYPE = { 'Content-Type': 'application/json' };
const BYTES_TYPE = { 'Content-Type': 'application/octet-stream' };

export const facilityApi = {
  list: (words: string, skip = 0): Promise<FacilityList> =>
    getJson(`/facilities?${new URLSearchParams({ q: words, skip: String(skip), limit: '50' })}`),

  near: (lat: number, lon: number, withinM: number): Promise<FacilityList> =>
    getJson(`/facilities?lat=${lat}&lon=${lon}&within_m=${withinM}`),

  one: (id: string): Promise<OneFacility> => getJson(`/facilities/${encodeURIComponent(id)}`),

  async save(id: string | null, body: FacilityRequest): Promise<string> {
    const sent = { headers: JSON_TYPE, body: JSON.stringify(body) };
    if (id !== null) {
      await api.send('PATCH', `/facilities/${encodeURIComponent(id)}`, sent);
      return id;
    }
    const answer = await api.send('POST', '/facilities', sent);
    return ((await answer.json()) as { id: string }).id;
  },

  async remove(id: string): Promise<void> {
    await api.send('DELETE', `/facilities/${encodeURIComponent(id)}`);
  },

  async attach(id: string, file: File, inspectedOn: string): Promise<void> {
    const query = new URLSearchParams({ name: file.name });
    if (inspectedOn) query.set('inspected_on', inspectedOn);
    const sent = { headers: BYTES_TYPE, body: file };
    await api.send('POST', `/facilities/${encodeURIComponent(id)}/documents?${query}`, sent);
  },

  async detach(id: string, document: string): Promise<void> {
    await api.send('DELETE', `/facilities/${encodeURIComponent(id)}/documents/${document}`);
  },

  async import(file: File, how: { dryRun: boolean; skipWrong: boolean }): Promise<FacilityImport> {
    const query = new URLSearchParams({
      format: formOf(file.name),
      dry_run: String(how.dryRun),
      skip_wrong: String(how.skipWrong),
    });
    const sent = { headers: BYTES_TYPE, body: file };
    const answer = await api.send('POST', `/facilities/import?${query}`, sent);
    return (await answer.json()) as FacilityImport;
  },
};

/** The form of a file by its name: `json` is GeoJSON here. */
export function formOf(name: string): string {
  const ending = name.toLowerCase().split('.').at(-1) ?? '';
  return ending === 'json' ? 'geojson' : ending;
}
