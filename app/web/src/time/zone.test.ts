import { describe, expect, it } from 'vitest';

const SOURCES = import.meta.glob<string>(['../**/*.{svelte,ts}', '!../**/*.test.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
});
/** What reads a moment by the clock of the machine that the browser runs on, or has its own zone. */
const OF_THE_MACHINE =
  /\.[gs]et(FullYear|Month|Date|Day|Hours|Minutes|TimezoneOffset)\(|new Date\([^()]+,|7 \* 3_?600_?000|\.to(Date|Time)String\(/;
const OWNER = './periods.ts';

describe('the clock of Hà Nội', () => {
  it.each(Object.entries(SOURCES).filter(([path]) => path !== OWNER))(
    'is asked of one place by %s',
    (_, source) => expect(OF_THE_MACHINE.exec(source)?.[0]).toBeUndefined(),
  );

  it('is found to be passed over', () => {
    expect('year: now.getFullYear()').toMatch(OF_THE_MACHINE);
    expect('new Date(2026, 10, 29)').toMatch(OF_THE_MACHINE);
    expect('new Date(at + HANOI_OFFSET_MS).getUTCDate()').not.toMatch(OF_THE_MACHINE);
  });
});
