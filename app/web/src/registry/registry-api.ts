/** The registry's requests. Refusals are thrown as everywhere; their words are the centre's. */

import { api, ApiError } from '../api/client';
import { saidOf } from '../api/refusal';
import type { components } from '../api/schema';
import { getJson } from '../api/asked.svelte';
import { i18n } from '../i18n/i18n.svelte';
import type { CameraEntry, Patch } from './entry';
import { placeName } from './key-words';
import type { Named } from './names';
import type { RuleKind } from './rule-settings';

type Schemas = components['schemas'];
export type Page = Schemas['RegistryPageResponse'];
export type Change = Schemas['RegistryChangeResponse'];
export type ImportAnswer = Schemas['ImportResponse'];
export type Kind = Schemas['EntryKind'];
export type Row = Omit<Schemas['RegistryEntryResponse'], 'entry'> & { entry: CameraEntry };

export interface Filter {
  readonly text: string;
  readonly agency: string;
  readonly area: string;
  readonly enabled: '' | 'true' | 'false';
}

/** What a page is asked for; of rules, the camera that they apply to. */
type Asked = Partial<Filter> & { readonly camera?: string };

const PAGE = 500;

export async function page(kind: Kind, filter: Asked, cursor?: string): Promise<Page> {
  const query = new URLSearchParams({ limit: String(PAGE) });
  for (const [key, value] of Object.entries(filter)) if (value) query.set(key, value);
  if (cursor) query.set('cursor', cursor);
  return read<Page>(await api.send('GET', `/registry/${kind}?${query}`));
}

/** Every kind of rule, with the settings that its form is drawn from. */
export async function ruleKindsOfCentre(): Promise<readonly RuleKind[]> {
  return (await getJson<Schemas['RuleKindsResponse']>('/site/rule-kinds')).items;
}

/** An agency or an area. */
export interface NamedEntry extends Named {
  readonly revision: number;
}

/** All agencies or all areas, however many pages they take. */
export async function everyNamed(kind: 'agencies' | 'areas'): Promise<readonly NamedEntry[]> {
  const found: NamedEntry[] = [];
  let cursor: string | undefined;
  do {
    const next = await page(kind, {}, cursor);
    for (const { revision, entry } of next.items)
      found.push({ ...(entry as unknown as Named), revision });
    cursor = next.next ?? undefined;
  } while (cursor);
  return found;
}

export async function one(id: string): Promise<Row> {
  return read<Row>(await api.send('GET', pathOf('cameras', id)));
}

export async function add(kind: Kind, table: Patch): Promise<Row> {
  return read<Row>(await api.send('POST', `/registry/${kind}`, json(table)));
}

/** What stands in the registry: a camera, or an agency or area with its name. */
type Known = Pick<Row, 'id' | 'revision'>;

export async function change(row: Known, patch: Patch, kind: Kind = 'cameras'): Promise<Row> {
  return read<Row>(await api.send('PATCH', pathOf(kind, row.id), json(patch, row.revision)));
}

export async function remove(row: Known, kind: Kind = 'cameras'): Promise<void> {
  const headers = { 'If-Match': `"${row.revision}"` };
  await api.send('DELETE', pathOf(kind, row.id), { headers });
}

export async function changeMany(ids: readonly string[], patch: Patch): Promise<number> {
  const answer = await api.send('POST', '/registry/cameras/bulk', json({ ids, ...patch }));
  return (await read<{ changed: number }>(answer)).changed;
}

export async function history(id: string, kind: Kind = 'cameras'): Promise<readonly Change[]> {
  const path = `${pathOf(kind, id)}/history`;
  return (await read<{ items: Change[] }>(await api.send('GET', path))).items;
}

export async function undo(revision: number): Promise<Row> {
  return read<Row>(await api.send('POST', `/registry/changes/${revision}/undo`));
}

export async function importFile(file: File, dryRun: boolean): Promise<ImportAnswer> {
  const format = file.name.toLowerCase().split('.').at(-1) ?? '';
  const query = new URLSearchParams({ format, dry_run: String(dryRun) });
  const headers = { 'Content-Type': 'application/octet-stream' };
  const sent = { body: file, headers };
  return read<ImportAnswer>(await api.send('POST', `/registry/cameras/import?${query}`, sent));
}

/** What to tell the person of a refusal: each finding of the centre, or its sentence. */
export function saidOfEntry(error: unknown): string {
  if (!(error instanceof ApiError)) return saidOf(error);
  const { problems = [] } = error.refusal;
  if (error.refusal.error !== 'entry_refused' || problems.length === 0) return error.message;
  const said = problems.map(({ path, message }) =>
    path ? `${placeName(path)}: ${message}` : message,
  );
  return i18n.t.registry.notSaved([...new Set(said)].join('; '));
}

function pathOf(kind: Kind, id: string): string {
  return `/registry/${kind}/${encodeURIComponent(id)}`;
}

async function read<T>(response: Response): Promise<T> {
  return (await response.json()) as T;
}

function json(body: unknown, revision?: number): RequestInit {
  const headers: Record<string, string> = { 'Content-Type': 'application/json' };
  if (revision !== undefined) headers['If-Match'] = `"${revision}"`;
  return { body: JSON.stringify(body), headers };
}
