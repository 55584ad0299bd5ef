import { describe, expect, it } from 'vitest';

import { parentsFor, treeOf, type Named } from './names';

const AREAS: readonly Named[] = [
  { id: 'tay-ho', name: 'Tây Hồ', parent: 'hanoi' },
  { id: 'hanoi', name: 'Hà Nội' },
  { id: 'quang-an', name: 'Quảng An', parent: 'tay-ho' },
  { id: 'ba-dinh', name: 'Ba Đình', parent: 'hanoi' },
  { id: 'lost', name: 'Xa', parent: 'gone' },
];

describe('the tree', () => {
  it('puts each below its own, by name, and loses none', () => {
    expect(treeOf(AREAS).map(({ item, depth }) => [item.id, depth])).toEqual([
      ['hanoi', 0],
      ['ba-dinh', 1],
      ['tay-ho', 1],
      ['quang-an', 2],
      ['lost', 0],
    ]);
  });

  it('shows areas that lie in each other', () => {
    const circle = [
      { id: 'a', name: 'A', parent: 'b' },
      { id: 'b', name: 'B', parent: 'a' },
    ];
    expect(treeOf(circle).map(({ item }) => item.id)).toEqual(['a', 'b']);
    expect(parentsFor(circle, 'c')).toHaveLength(2);
  });
});

it('moves an area neither into itself nor into what lies in it', () => {
  const ids = parentsFor(AREAS, 'tay-ho').map((area) => area.id);
  expect(ids).toEqual(['hanoi', 'ba-dinh', 'lost']);
  expect(parentsFor(AREAS, null)).toHaveLength(5);
});
