/**
 * A dashboard as a page of its own: the panels with the data of one run, drawn in the browser by uPlot (lines) and
 * plain SVG (the rest). No Grafana is needed, and nothing is fetched.
 */
import { flow } from '../layout.ts';
import { stepsOf } from '../limits.ts';
import type { Dashboard } from '../panel.ts';

export interface PageParts {
  /** Text of uPlot's bundle and style sheet, of `draw.js` and `style.css`. */
  readonly uplot: string;
  readonly uplotStyle: string;
  readonly draw: string;
  readonly style: string;
}

export interface PageData {
  /** By panel title. */
  readonly lines: Readonly<
    Record<
      string,
      readonly {
        readonly name: string;
        readonly labels: Readonly<Record<string, string>>;
        readonly values: readonly (readonly [number, number])[];
      }[]
    >
  >;
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** JSON inside a script element: `</script>` in a label must not end it. */
const inScript = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

export function previewPage(dashboard: Dashboard, data: PageData, parts: PageParts): string {
  const places = flow(dashboard.panels);
  const panels = dashboard.panels.map((panel, index) => ({
    title: panel.title,
    kind: panel.kind,
    unit: panel.unit,
    steps: stepsOf(panel),
    stack: panel.stack === true,
    min: panel.min ?? null,
    max: panel.max ?? null,
    columns: panel.columns ?? null,
    words: panel.words ?? null,
    aws: panel.queries.length === 0,
    place: places[index],
    lines: data.lines[panel.title] ?? [],
  }));
  const cells = dashboard.panels.map((panel, index) => {
    const { x, y, w, h } = places[index] ?? { x: 0, y: 0, w: 1, h: 1 };
    return `<section class="panel" id="p${index}" style="grid-area:${y + 1}/${x + 1}/span ${h}/span ${w}" title="${escapeHtml(panel.description)}"><h2>${escapeHtml(panel.title)}</h2><div class="body"></div></section>`;
  });
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(dashboard.title)}</title>
<style>${parts.uplotStyle}${parts.style}</style></head>
<body><header><h1>${escapeHtml(dashboard.title)}</h1><p>${escapeHtml(dashboard.description)}</p></header>
<main>${cells.join('')}</main>
<script>${parts.uplot}</script>
<script>const PAGE = ${inScript({ from: data.from, to: data.to, step: data.step, panels })};
${parts.draw}</script></body></html>
`;
}
