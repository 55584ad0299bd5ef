/** Drills as the centre tells of them, and what a leader asks of it. Throws what it refuses. */

import { api } from '../api/client';
import type { components } from '../api/schema';

type Schemas = components['schemas'];

export type Drill = Schemas['DrillResponse'];
export type Drills = Schemas['DrillListResponse'];
export type Scenario = Schemas['ScenarioResponse'];

export const scenarios = async () => (await api.get('/drills/scenarios')).items;
export const drills = () => api.get('/drills', { query: { limit: 30 } });
export const start = (scenario: string, camera: string) =>
  api.post('/drills', { body: { scenario, camera } });
export const end = (id: string) => api.post('/drills/{drill_id}/end', { path: { drill_id: id } });
