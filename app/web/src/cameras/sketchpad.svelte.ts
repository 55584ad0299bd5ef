/** The hand on the picture: what is drawn, which point is held, where the keyboard's cross stands. */

import {
  emptyDrawing,
  isFull,
  nearest,
  withMoved,
  without,
  withPoint,
  type Drawing,
  type Point,
  type Tool,
} from './shape';

const STEP = 0.01;
const LARGE_STEP = 0.05;
/** How near the hand must come to a point to hold it, as a share of the picture's width. */
const REACH = 0.018;

const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

export class Sketchpad {
  drawing = $state.raw<Drawing>(emptyDrawing('zone'));
  /** The point that the keyboard or the hand moves; null while new ones are set. */
  held = $state<number | null>(null);
  cross = $state.raw<Point>({ x: 0.5, y: 0.5 });
  ratio = $state(16 / 9);
  #dragging = false;

  choose(tool: Tool): void {
    this.drawing = emptyDrawing(tool);
    this.held = null;
  }

  clear(): void {
    this.choose(this.drawing.tool);
  }

  flip(): void {
    this.drawing = { ...this.drawing, flipped: !this.drawing.flipped };
  }

  press(at: Point): void {
    this.cross = at;
    this.held = nearest(this.drawing, at, REACH, this.ratio);
    if (this.held === null && !isFull(this.drawing)) {
      this.drawing = withPoint(this.drawing, at);
      this.held = this.drawing.points.length - 1;
    }
    this.#dragging = this.held !== null;
  }

  drag(to: Point): void {
    if (!this.#dragging || this.held === null) return;
    this.cross = to;
    this.drawing = withMoved(this.drawing, this.held, to);
  }

  release(): void {
    this.#dragging = false;
    this.held = null;
  }

  /** Whether the key meant something here. */
  key(event: Pick<KeyboardEvent, 'key' | 'shiftKey'>): boolean {
    const arrow = ARROWS[event.key];
    if (arrow) return this.#move(arrow, event.shiftKey ? LARGE_STEP : STEP);
    switch (event.key) {
      case 'Enter':
      case ' ':
        if (this.held !== null) this.held = null;
        else this.drawing = withPoint(this.drawing, this.cross);
        return true;
      case 'Delete':
      case 'Backspace':
        return this.#remove();
      case 'PageDown':
        return this.#hold(1);
      case 'PageUp':
        return this.#hold(-1);
      case 'Escape':
        if (this.held === null) return false;
        this.held = null;
        return true;
    }
    return false;
  }

  #move(arrow: Point, step: number): boolean {
    // A step up is as long on the screen as a step to the side.
    const { x, y } = this.cross;
    const to = { x: x + arrow.x * step, y: y + arrow.y * step * this.ratio };
    this.cross = { x: Math.min(1, Math.max(0, to.x)), y: Math.min(1, Math.max(0, to.y)) };
    if (this.held !== null) this.drawing = withMoved(this.drawing, this.held, this.cross);
    return true;
  }

  #remove(): boolean {
    const index = this.held ?? this.drawing.points.length - 1;
    if (index >= 0) this.drawing = without(this.drawing, index);
    this.held = null;
    return true;
  }

  /** Takes the next or the last point in hand. */
  #hold(by: 1 | -1): boolean {
    const count = this.drawing.points.length;
    if (count === 0) return true;
    const from = this.held ?? (by === 1 ? -1 : 0);
    this.held = (from + by + count) % count;
    this.cross = this.drawing.points[this.held] ?? this.cross;
    return true;
  }
}
