/** What a hand-over's dialog shows, decided from what the centre says. Pure. */

import type { components } from '../api/schema';

type Handover = components['schemas']['HandoverResponse'];

/** The hand-overs that this person may accept: offered by others, to them or to anybody. */
export function acceptable(offered: readonly Handover[], username: string): Handover[] {
  return offered.filter(
    (each) =>
      each.from_person.username !== username &&
      (each.to_person === null || each.to_person.username === username),
  );
}

/** One's own hand-over that nobody has accepted yet. */
export function waiting(offered: readonly Handover[], username: string): Handover | null {
  return offered.find((each) => each.from_person.username === username) ?? null;
}
