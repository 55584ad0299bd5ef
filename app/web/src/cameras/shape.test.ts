import { describe, expect, it } from 'vitest';

import {
  emptyDrawing,
  insideOf,
  nearest,
  problemsOf,
  shapesWith,
  toToml,
  withMoved,
  without,
  withPoint,
  type Drawing,
  type Point,
  type Tool,
  patchWith,
} from './shape';

function drawn(tool: Tool, ...points: [number, number][]): Drawing {
  return points.reduce((drawing, [x, y]) => withPoint(drawing, { x, y }), emptyDrawing(tool));
}

const NAMED = { name: 'Cổng sau', taken: [] };
const TRIANGLE: [number, number][] = [
  [0.1, 0.5],
  [0.9, 0.5],
  [0.9, 1],
];

describe('the shapes of a picture', () => {
  const mask: [number, number][] = [
    [0, 0],
    [1, 0],
    [1, 1],
  ];
  const zone = { id: 'cong', name: 'Cổng', polygon: mask };
  const line = {
    id: 'vach',
    name: 'Vạch',
    points: mask.slice(0, 2),
    inside: [0, 1] as [number, number],
  };
  const inForce = { zones: [zone], lines: [line], masks: [mask] };

  it('keep what is in force beside the zones of an area', () => {
    const own = { id: 'rieng-cong', name: 'Cổng', polygon: mask };
    const shown = shapesWith(inForce, { zones: [own] });
    expect(shown?.zones.map((each) => each.id)).toEqual(['cong', 'rieng-cong']);
    expect(shown).toMatchObject({ lines: [line], masks: [mask] });
  });

  it('are each shown once, as the entry has them', () => {
    const renamed = { ...zone, name: 'Cổng chính' };
    const shown = shapesWith(inForce, { zones: [renamed], lines: [line], masks: [mask] });
    expect(shown).toEqual({ zones: [renamed], lines: [line], masks: [mask] });
  });

  it('are those in force where nothing may be saved', () => {
    expect(shapesWith(inForce, null)).toBe(inForce);
    expect(shapesWith(null, null)).toBe(null);
  });
});

describe('a drawing in the registry', () => {
  it('joins what is drawn already', () => {
    const points = [
      { x: 0, y: 0 },
      { x: 0.33333, y: 0 },
      { x: 1, y: 1 },
    ];
    const old = { id: 'a', name: 'A', polygon: [] };
    const polygon = [
      [0, 0],
      [0.333, 0],
      [1, 1],
    ];
    expect(patchWith({ zones: [old] }, { tool: 'zone', points, flipped: false }, ' Cổng ')).toEqual(
      {
        zones: [old, { id: 'cong', name: 'Cổng', polygon }],
      },
    );
    expect(
      patchWith({ privacy_masks: [[]] }, { tool: 'privacy', points, flipped: false }, ''),
    ).toEqual({ privacy_masks: [[], polygon] });
    expect(patchWith({}, { tool: 'mask', points, flipped: false }, '')).toEqual({
      masks: [polygon],
    });
  });
});

describe('the configuration text', () => {
  it('says a zone', () => {
    expect(toToml(drawn('zone', ...TRIANGLE), ' Cổng "sau" ')).toBe(
      '[[cameras.zones]]\nid = "cong-sau"\nname = "Cổng \\"sau\\""\npolygon = [[0.1, 0.5], [0.9, 0.5], [0.9, 1.0]]\n',
    );
  });

  it('says a line with a point on its inside', () => {
    expect(toToml(drawn('line', [0.1, 0.6], [0.9, 0.6]), 'Vạch')).toBe(
      '[[cameras.lines]]\nid = "vach"\nname = "Vạch"\npoints = [[0.1, 0.6], [0.9, 0.6]]\ninside = [0.5, 0.72]\n',
    );
  });

  it('says a mask', () => {
    expect(toToml(drawn('privacy', [0, 0], [0.5, 0], [0, 0.2]), '')).toBe(
      'privacy_masks = [[[0.0, 0.0], [0.5, 0.0], [0.0, 0.2]]]\n',
    );
    expect(toToml(drawn('mask', [0, 0], [1 / 3, 0], [0, 0.2]), '')).toBe(
      'masks = [[[0.0, 0.0], [0.333, 0.0], [0.0, 0.2]]]\n',
    );
  });
});

describe('drawing', () => {
  it('keeps points on the picture and lines at two points', () => {
    const line = drawn('line', [-1, 2], [0.5, 0.5], [0.9, 0.9]);
    expect(line.points).toEqual([
      { x: 0, y: 1 },
      { x: 0.5, y: 0.5 },
    ]);
  });

  it('moves and takes away', () => {
    const zone = drawn('zone', ...TRIANGLE);
    expect(withMoved(zone, 1, { x: 3, y: 0.2 }).points[1]).toEqual({ x: 1, y: 0.2 });
    expect(without(zone, 0).points).toHaveLength(2);
  });

  it('finds the point under the hand, if there is one', () => {
    const zone = drawn('zone', ...TRIANGLE);
    expect(nearest(zone, { x: 0.89, y: 0.52 }, 0.03, 16 / 9)).toBe(1);
    expect(nearest(zone, { x: 0.5, y: 0.5 }, 0.03, 16 / 9)).toBeNull();
  });

  it('has the inside on the side that was chosen', () => {
    const line = drawn('line', [0.5, 0], [0.5, 1]);
    const [here, there] = [insideOf(line), insideOf({ ...line, flipped: true })] as [Point, Point];
    expect((here.x - 0.5) * (there.x - 0.5)).toBeLessThan(0);
    expect(insideOf(drawn('line', [0.5, 0]))).toBeNull();
  });
});

describe('what is wrong', () => {
  it.each([
    [drawn('zone', ...TRIANGLE), NAMED, []],
    [drawn('zone', [0, 0], [1, 1]), NAMED, ['too_few']],
    [drawn('zone', [0, 0], [0.5, 0.5], [1, 1]), NAMED, ['no_area']],
    [drawn('zone', [0, 0], [1, 0.9], [1, 0], [0, 1]), NAMED, ['crosses_itself']],
    [drawn('line', [0.2, 0.2], [0.2, 0.2]), NAMED, ['same_point']],
    [drawn('zone', ...TRIANGLE), { name: ' ', taken: [] }, ['no_name']],
    [drawn('zone', ...TRIANGLE), { name: 'Cổng sau', taken: ['cong-sau'] }, ['id_taken']],
    [drawn('mask', ...TRIANGLE), { name: '', taken: [] }, []],
    [drawn('privacy', ...TRIANGLE), { name: '', taken: [] }, []],
  ])('%#', (drawing, named, problems) => expect(problemsOf(drawing, named)).toEqual(problems));
});
