import { describe, expect, it } from 'vitest';

import type { components } from '../api/schema';
import { acceptable, waiting } from './step';

type Handover = components['schemas']['HandoverResponse'];

const person = (username: string) => ({ username, name: username });
const offer = (from: string, to: string | null): Handover =>
  ({
    id: `${from}-${to}`,
    from_person: person(from),
    to_person: to === null ? null : person(to),
  }) as Handover;

describe('hand-overs on offer', () => {
  const offered = [offer('an', null), offer('chi', 'le'), offer('le', 'an')];
  it('are accepted by whom they name, or by anybody, never by who offers', () => {
    expect(acceptable(offered, 'an').map((each) => each.id)).toEqual(['le-an']);
    expect(acceptable(offered, 'le').map((each) => each.id)).toEqual(['an-null', 'chi-le']);
  });
  it('wait for somebody else', () => {
    expect(waiting(offered, 'an')?.id).toBe('an-null');
    expect(waiting(offered, 'binh')).toBeNull();
  });
});
