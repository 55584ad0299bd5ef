/** The requests about temporary watch areas. Refusals are thrown; their words are the centre's. */

import { api, type components } from '../api';
import type { Area, Proposal, ZoneChoice } from './area';

export type AreaList = components['schemas']['WatchAreaListResponse'];

export const list = () => api.get('/watch-areas');
export const detail = (id: string) => api.get('/watch-areas/{area_id}', { path: { area_id: id } });
export const propose = (proposal: Proposal) => api.post('/watch-areas', { body: proposal });
export const approve = (area: Area) => api.post('/watch-areas/{area_id}/approve', asItIs(area));
export const extend = (area: Area, endsAt: string, reason: string) =>
  api.post('/watch-areas/{area_id}/extend', { ...asItIs(area), body: { ends_at: endsAt, reason } });
export const end = (area: Area, reason: string) =>
  api.post('/watch-areas/{area_id}/end', { ...asItIs(area), body: { reason } });

/** What is drawn on these cameras, for a rule to name. */
export async function zonesOf(cameras: readonly string[]): Promise<readonly ZoneChoice[]> {
  const found = await Promise.all(
    cameras.map(async (camera) => {
      const { zones } = await api.get('/cameras/{camera_id}/shapes', {
        path: { camera_id: camera },
      });
      return zones.map(({ id, name }) => ({ camera, id, name }));
    }),
  );
  return found.flat();
}

function asItIs(area: Area) {
  return { path: { area_id: area.id }, headers: { 'If-Match': `"${area.revision}"` } };
}
