import { describe, expect, it } from 'vitest';

import { sectionAt, sectionsOf } from './sections';

describe('the sections of the settings', () => {
  it('are those of all roles of a person', () => {
    expect(sectionsOf({ roles: ['operator'] })).not.toContain('walls');
    expect(sectionsOf({ roles: ['admin', 'operator'] })).toEqual(
      expect.arrayContaining(['walls', 'phones']),
    );
    expect(sectionsOf({ roles: ['viewer'] })).not.toContain('walls');
  });

  it('open at the one that is named, else at the first', () => {
    expect(sectionAt('phones', { roles: ['leader'] })).toBe('phones');
    expect(sectionAt('made-up', { roles: ['leader'] })).toBe(sectionsOf({ roles: ['leader'] })[0]);
    expect(sectionAt('walls', { roles: ['operator'] })).not.toBe('walls');
  });
});
