import { describe, expect, it } from 'vitest';

import { THEMES } from '../shell/theme.svelte';
import { FONT, streetStyle } from './street-style';

const URL = 'pmtiles://https://site/api/v1/map/a.pmtiles';

describe.each(THEMES)('the street style in %s', (theme) => {
  const STYLE = streetStyle(URL, theme);
  const SYMBOLS = STYLE.layers.flatMap((layer) => (layer.type === 'symbol' ? [layer] : []));

  it('asks nobody for glyphs or icons', () => {
    expect(STYLE).not.toHaveProperty('glyphs');
    expect(STYLE).not.toHaveProperty('sprite');
    const keys = SYMBOLS.flatMap((layer) => Object.keys(layer.layout ?? {}));
    expect(keys.filter((key) => key.startsWith('icon-'))).toEqual([]);
    expect(JSON.stringify(STYLE).match(/https?:[^"]*/g)).toEqual([
      'https://site/api/v1/map/a.pmtiles',
    ]);
  });

  it('writes every name in the screens’ font, in Vietnamese where there is such a name', () => {
    for (const layer of SYMBOLS) expect(layer.layout?.['text-font']).toEqual([FONT]);
    const streets = SYMBOLS.filter((layer) => layer['source-layer'] === 'roads');
    expect(streets.length).toBeGreaterThan(1);
    for (const layer of streets)
      expect(layer.layout?.['text-field']).toEqual([
        'coalesce',
        ['get', 'name:vi'],
        ['get', 'name'],
      ]);
  });
});
