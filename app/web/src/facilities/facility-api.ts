/** Facilities as the screens use them: the centre's shapes and its requests. */

import { api, type components } from '../api';

type Schemas = components['schemas'];

export type Facility = Schemas['FacilityResponse'];
export type FacilityList = Schemas['FacilityListResponse'];
export type OneFacility = Schemas['OneFacilityResponse'];
export type FacilityRequest = Schemas['FacilityRequest'];
export type FacilityImport = Schemas['FacilityImportResponse'];

const at = (id: string) => ({ path: { facility_id: id } });

export const facilityApi = {
  list: (words: string, skip = 0) =>
    api.get('/facilities', { query: { q: words, skip, limit: 50 } }),

  near: (lat: number, lon: number, withinM: number) =>
    api.get('/facilities', { query: { lat, lon, within_m: withinM } }),

  one: (id: string) => api.get('/facilities/{facility_id}', at(id)),

  async save(id: string | null, body: FacilityRequest): Promise<string> {
    if (id === null) return (await api.post('/facilities', { body })).id;
    await api.patch('/facilities/{facility_id}', { ...at(id), body });
    return id;
  },

  remove: (id: string) => api.delete('/facilities/{facility_id}', at(id)),

  attach: (id: string, file: File, inspectedOn: string) =>
    api.post('/facilities/{facility_id}/documents', {
      ...at(id),
      query: { name: file.name, ...(inspectedOn && { inspected_on: inspectedOn }) },
      body: file,
    }),

  detach: (id: string, document: string) =>
    api.delete('/facilities/{facility_id}/documents/{document_id}', {
      path: { facility_id: id, document_id: document },
    }),

  import: (file: File, { dryRun, skipWrong }: { dryRun: boolean; skipWrong: boolean }) =>
    api.post('/facilities/import', {
      query: { format: formOf(file.name), dry_run: dryRun, skip_wrong: skipWrong },
      body: file,
    }),
};

/** The form of a file by its name: `json` is GeoJSON here. */
export function formOf(name: string): string {
  const ending = name.toLowerCase().split('.').at(-1) ?? '';
  return ending === 'json' ? 'geojson' : ending;
}
