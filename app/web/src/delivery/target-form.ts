/** A delivery target as its form has it, and the table that is sent. Pure. */

import type { components } from '../api/schema';
import type { Patch } from '../registry/entry';
import { fieldsOf, settingsOf, valuesOf } from '../registry/rule-settings';
import type { Values } from '../registry/rule-settings';

export type TargetKind = components['schemas']['TargetKindResponse'];

/** What the form shows of a target that is there, or of a new one. */
export function valuesOfTarget(kind: TargetKind, target: Patch = {}): Values {
  return valuesOf(fieldsOf(kind), target);
}

/** The target as a file would have it. */
export function targetOf(kind: TargetKind, id: string, values: Values): Patch {
  return { id: id.trim(), kind: kind.kind, ...settingsOf(fieldsOf(kind), values) };
}

/** What turns the target that is there into what the form says; null takes a key away. */
export function changeOfTarget(kind: TargetKind, values: Values, before: Patch): Patch {
  const after = settingsOf(fieldsOf(kind), values);
  const unchanged = settingsOf(fieldsOf(kind), valuesOfTarget(kind, before));
  const keys = new Set([...Object.keys(after), ...Object.keys(unchanged)]);
  const differs = [...keys].filter(
    (key) => JSON.stringify(after[key]) !== JSON.stringify(unchanged[key]),
  );
  return Object.fromEntries(differs.map((key) => [key, after[key] ?? null]));
}
