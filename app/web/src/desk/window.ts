/** Which rows of a long list stand on screen, and where to scroll to show one. Pure. */

export interface Viewport {
  readonly top: number;
  readonly height: number;
  readonly rowHeight: number;
}

/** Rows drawn beyond the edges, so that a flick of the wheel shows no hole. */
const MARGIN_ROWS = 6;

export function visibleRange(count: number, view: Viewport): { from: number; to: number } {
  const first = Math.floor(view.top / view.rowHeight) - MARGIN_ROWS;
  const last = Math.ceil((view.top + view.height) / view.rowHeight) + MARGIN_ROWS;
  const from = Math.max(0, Math.min(first, count - 1));
  return { from, to: Math.max(from, Math.min(count, last)) };
}

/** The scroll position that shows the row whole, moving as little as possible. */
export function scrollToShow(top: number, view: Viewport): number {
  if (top < view.top) return top;
  const bottom = top + view.rowHeight;
  return bottom > view.top + view.height ? bottom - view.height : view.top;
}
