/** The kinds of alert that the centre had when the screens were built. Pure. */

import built from '../api/alert-kinds.json';
import type { components } from '../api/schema';

export type AlertKind = components['schemas']['AlertKindResponse'];

export const BUILT_KINDS: ReadonlyMap<string, AlertKind> = new Map(
  built.map((each) => [each.kind, each]),
);
