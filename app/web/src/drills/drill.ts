/** Drills as the centre tells of them, and what a leader asks of it. Throws what it refuses. */

import { api } from '../api/client';
import type { components } from '../api/schema';

type Schemas = components['schemas'];

export type Drill = Schemas['DrillResponse'];
export type Drills = Schemas['DrillListResponse'];
export type Scenario = Schemas['ScenarioResponse'];

const JSON_BODY = { 'Content-Type': 'application/json' };

export async function scenarios(): Promise<readonly Scenario[]> {
  const response = await api.send('GET', '/drills/scenarios');
  return ((await response.json()) as { items: Scenario[] }).items;
}

export async function drills(): Promise<Drills> {
  const response = await api.send('GET', '/drills?limit=30');
  return (await response.json()) as Drills;
}

export async function start(scenario: string, camera: string): Promise<void> {
  const body = JSON.stringify({ scenario, camera });
  await api.send('POST', '/drills', { headers: JSON_BODY, body });
}

export async function end(id: string): Promise<void> {
  await api.send('POST', `/drills/${encodeURIComponent(id)}/end`);
}
