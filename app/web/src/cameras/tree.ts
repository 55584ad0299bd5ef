/** The cameras by owner and by area, blind ones first, each branch with its count. Pure. */

import { isSeeing } from '../alert/blindness';
import { matches } from '../alert/triage';
import type { Camera } from '../api/types';

export interface Branch {
  /** Agency and area; empty where the site named none. */
  readonly agency: string;
  readonly area: string;
  readonly cameras: readonly Camera[];
  readonly seeing: number;
}

export interface Names {
  readonly agency: (id: string | null) => string;
  readonly area: (id: string | null) => string;
}

export interface Question {
  readonly text: string;
  readonly blindOnly: boolean;
}

/** Branches with the most blind cameras first; within a branch blind ones first, then by name. */
export function treeOf(
  cameras: readonly Camera[],
  names: Names,
  question: Question,
): readonly Branch[] {
  const branches = new Map<string, Camera[]>();
  for (const camera of cameras) {
    const key = JSON.stringify([camera.agency ?? '', camera.area ?? '']);
    branches.set(key, [...(branches.get(key) ?? []), camera]);
  }
  return [...branches]
    .map(([key, here]) => branchOf(JSON.parse(key) as [string, string], here, names, question))
    .filter((branch) => branch.cameras.length > 0)
    .sort(
      (a, b) => blindIn(b) - blindIn(a) || label(a, names).localeCompare(label(b, names), 'vi'),
    );
}

function branchOf(
  [agency, area]: [string, string],
  here: readonly Camera[],
  names: Names,
  { text, blindOnly }: Question,
): Branch {
  const wanted = here.filter((camera) => {
    if (blindOnly && isSeeing(camera)) return false;
    const told = [camera.name, camera.id, names.agency(camera.agency), names.area(camera.area)];
    return matches(text, told.join(' '));
  });
  const cameras = wanted.sort(
    (a, b) => Number(isSeeing(a)) - Number(isSeeing(b)) || a.name.localeCompare(b.name, 'vi'),
  );
  return { agency, area, cameras, seeing: cameras.filter(isSeeing).length };
}

function blindIn({ cameras, seeing }: Branch): number {
  return cameras.length - seeing;
}

function label({ agency, area }: Branch, names: Names): string {
  return `${names.agency(agency || null)} ${names.area(area || null)}`;
}
