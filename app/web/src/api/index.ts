/** What the screens ask the centre with. */

export { Asked } from './asked.svelte';
export { api, ApiError, newKey, Unreachable } from './client';
export { features } from './features.svelte';
export { saidOf, saidOfCommand } from './refusal';
export type { Answer } from './routes';
export type { components } from './schema';
export type * from './types';
