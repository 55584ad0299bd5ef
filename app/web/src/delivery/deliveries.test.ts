import { describe, expect, it } from 'vitest';

import { conditionOf } from './deliveries';

const AT = '2026-11-26T01:00:00Z';
const well = { kind: 'webhook', waiting_since: null, dead: 0, error: null, tried_at: AT };

describe('the condition of a target', () => {
  it.each([
    [well, 'well'],
    [{ ...well, tried_at: null }, 'untold'],
    [{ ...well, waiting_since: AT }, 'well'],
    [{ ...well, waiting_since: AT, error: 'no answer within 10 s' }, 'late'],
    [{ ...well, dead: 2 }, 'refused'],
    [{ ...well, kind: null, dead: 2 }, 'gone'],
  ] as const)('%o is %s', (target, condition) => expect(conditionOf(target)).toBe(condition));
});
