/** The requests about temporary watch areas. Refusals are thrown; their words are the centre's. */

import { getJson } from '../api/asked.svelte';
import { api } from '../api/client';
import type { components } from '../api/schema';
import type { Area, Detail, Proposal, ZoneChoice } from './area';

export type AreaList = components['schemas']['WatchAreaListResponse'];
type Shapes = components['schemas']['CameraShapesResponse'];

const PATH = '/watch-areas';

export function list(): Promise<AreaList> {
  return getJson<AreaList>(PATH);
}

export function detail(id: string): Promise<Detail> {
  return getJson<Detail>(`${PATH}/${encodeURIComponent(id)}`);
}

export async function propose(proposal: Proposal): Promise<Area> {
  return read(await api.send('POST', PATH, json(proposal)));
}

export async function approve(area: Area): Promise<Area> {
  return step(area, 'approve');
}

export async function extend(area: Area, endsAt: string, reason: string): Promise<Area> {
  return step(area, 'extend', { ends_at: endsAt, reason });
}

export async function end(area: Area, reason: string): Promise<Area> {
  return step(area, 'end', { reason });
}

/** What is drawn on these cameras, for a rule to name. */
export async function zonesOf(cameras: readonly string[]): Promise<readonly ZoneChoice[]> {
  const found = await Promise.all(
    cameras.map(async (camera) => {
      const shapes = await getJson<Shapes>(`/cameras/${encodeURIComponent(camera)}/shapes`);
      return shapes.zones.map(({ id, name }) => ({ camera, id, name }));
    }),
  );
  return found.flat();
}

async function step(area: Area, name: string, body?: unknown): Promise<Area> {
  const sent: RequestInit & { headers?: Record<string, string> } = body ? json(body) : {};
  const headers = { ...sent.headers, 'If-Match': `"${area.revision}"` };
  const path = `${PATH}/${encodeURIComponent(area.id)}/${name}`;
  return read(await api.send('POST', path, { ...sent, headers }));
}

async function read(response: Response): Promise<Area> {
  return (await response.json()) as Area;
}

function json(body: unknown): { body: string; headers: Record<string, string> } {
  return { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
}
