/** What is drawn as elements over the map: an alert's pin, a blind camera's cross. */

import type { NamePlace } from './name-places';
import type { Pin } from './pins';

const SHAPES = {
  p1: { path: 'M11 1h14l10 10v14l-10 10H11L1 25V11z', text: '1', y: 24 },
  p2: { path: 'M18 2.5 35.5 33.5H.5z', text: '2', y: 29 },
  p3: { path: 'M18 1a17 17 0 1 1 0 34 17 17 0 0 1 0-34z', text: '3', y: 24 },
  system: { path: 'M2 2h32v32H2z', text: 'S', y: 24 },
} as const;

export interface NamedPin extends Pin {
  /** What tells of it, in words. */
  readonly told: string;
}

export function pinElement(pin: NamedPin): HTMLElement {
  const shape = SHAPES[pin.severity];
  const element = document.createElement('div');
  const standing = [
    pin.unanswered ? 'unanswered' : '',
    pin.doubted ? 'doubted' : '',
    pin.sure ? 'sure' : '',
  ];
  element.className = ['pin', pin.severity, ...standing].filter(Boolean).join(' ');
  const svg = svgOf('svg', { viewBox: '0 0 36 36', 'aria-hidden': 'true' });
  const text = svgOf('text', { x: '18', y: String(shape.y), 'text-anchor': 'middle' });
  text.textContent = shape.text;
  svg.append(svgOf('path', { d: shape.path }), text);
  if (pin.sure) svg.append(svgOf('path', { class: 'tick', d: 'M25 5l4 5 8-10' }));
  const words = document.createElement('span');
  words.className = 'pin-words';
  const name = document.createElement('b');
  name.textContent = pin.count > 1 ? `${pin.name} ×${pin.count}` : pin.name;
  const age = document.createElement('span');
  age.className = 'pin-age figures';
  const told = document.createElement('span');
  told.className = 'pin-told';
  told.textContent = pin.told && ` · ${pin.told}`;
  const line = document.createElement('span');
  line.append(age, told);
  words.append(name, line);
  element.append(svg, words);
  return element;
}

/** A pin's name ends before the next pin begins. */
export function placeName(element: HTMLElement | undefined, place: NamePlace | null): void {
  element?.style.setProperty('--room', `${place?.room ?? 0}px`);
  element?.classList.toggle('unnamed', place === null);
  element?.classList.toggle('leftward', place?.side === 'left');
}

export function crossElement(): SVGElement {
  const svg = svgOf('svg', { viewBox: '0 0 18 18', 'aria-hidden': 'true' });
  svg.append(svgOf('path', { d: 'M3 3l12 12M3 15 15 3' }));
  return svg as SVGElement;
}

function svgOf(name: string, attributes: Record<string, string>): Element {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
