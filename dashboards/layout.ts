/** Panels flow from left to right in 24 columns, as one reads. */
import type { Panel } from './panel.ts';

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export function flow(panels: readonly Panel[]): Place[] {
  let x = 0;
  let y = 0;
  let tallest = 0;
  return panels.map(({ w, h }) => {
    if (x + w > 24) {
      x = 0;
      y += tallest;
      tallest = 0;
    }
    const place = { x, y, w, h };
    x += w;
    tallest = Math.max(tallest, h);
    return place;
  });
}
