/** The registry's requests. Refusals are thrown as everywhere; their words are the centre's. */

import { api, ApiError, saidOf, type components } from '../api';
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

export const page = (kind: Kind, filter: Asked, cursor?: string) =>
  api.get('/registry/{kind}', {
    path: { kind },
    query: {
      limit: PAGE,
      ...Object.fromEntries(Object.entries(filter).filter(([, value]) => value)),
      ...(cursor && { cursor }),
    },
  });

/** Every kind of rule, with the settings that its form is drawn from. */
export async function ruleKindsOfCentre(): Promise<readonly RuleKind[]> {
  return (await api.get('/site/rule-kinds')).items;
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

/** A camera's entry: what it may hold is told by the registry, and not in the API's document. */
export function rowOf(answer: Schemas['RegistryEntryResponse']): Row {
  return answer as unknown as Row;
}

export const one = async (id: string) =>
  rowOf(await api.get('/registry/{kind}/{entry_id}', at({ id }, 'cameras')));
export const add = async (kind: Kind, table: Patch) =>
  rowOf(await api.post('/registry/{kind}', { path: { kind }, body: table }));

/** What stands in the registry: a camera, or an agency or area with its name. */
type Known = Pick<Row, 'id' | 'revision'>;

export const change = async (row: Known, patch: Patch, kind: Kind = 'cameras') =>
  rowOf(await api.patch('/registry/{kind}/{entry_id}', { ...at(row, kind), body: patch }));
export const remove = (row: Known, kind: Kind = 'cameras') =>
  api.delete('/registry/{kind}/{entry_id}', at(row, kind));
export const changeMany = (ids: readonly string[], patch: Patch) =>
  api.post('/registry/cameras/bulk', { body: { ids: [...ids], ...patch } });
export const history = async (id: string, kind: Kind = 'cameras') =>
  (await api.get('/registry/{kind}/{entry_id}/history', at({ id }, kind))).items;
export const undo = async (revision: number) =>
  rowOf(await api.post('/registry/changes/{revision}/undo', { path: { revision } }));
export const importFile = (file: File, dryRun: boolean) =>
  api.post('/registry/cameras/import', {
    query: { format: file.name.toLowerCase().split('.').at(-1) ?? '', dry_run: dryRun },
    body: file,
  });

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

/** An entry's place; with the revision that the change is made to, where there is one. */
function at({ id, revision }: { id: string; revision?: number }, kind: Kind) {
  const path = { kind, entry_id: id };
  return revision === undefined ? { path } : { path, headers: { 'If-Match': `"${revision}"` } };
}
