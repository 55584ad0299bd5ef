/**
 * The kinds of alert as the centre publishes them: names, and who answers them. Before it has told
 * its own, those that it had when the screens were built are known.
 */

import type { Locale } from '../time/format';
import { BUILT_KINDS, type AlertKind } from './built-kinds';

class AlertKinds {
  #known = $state.raw<ReadonlyMap<string, AlertKind>>(BUILT_KINDS);

  /** Takes in what the centre tells of its kinds. */
  learn(kinds: readonly AlertKind[]): void {
    this.#known = new Map([...BUILT_KINDS, ...kinds.map((each) => [each.kind, each] as const)]);
  }

  get all(): readonly AlertKind[] {
    return [...this.#known.values()];
  }

  of(kind: string): AlertKind | undefined {
    return this.#known.get(kind);
  }

  /** What an alert of the kind is called; undefined where no such kind is known. */
  name(kind: string, locale: Locale, isConfirmed = false): string | undefined {
    const known = this.of(kind);
    return ((isConfirmed ? known?.confirmed_name : null) ?? known?.name)?.[locale];
  }
}

export const alertKinds = new AlertKinds();

/** The system's own troubles, as against the city's. */
export function isSystemKind(kind: string): boolean {
  return alertKinds.of(kind)?.is_system ?? false;
}

/** Kinds that the fire service answers. */
export function isFireKind(kind: string): boolean {
  return alertKinds.of(kind)?.is_fire ?? false;
}
