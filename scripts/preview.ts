/**
 * `npm run preview`: a local runtime under traffic, watched by Prometheus, drawn page by page and
 * photographed by Chromium. Pages go to .real/preview/, pictures to docs/images/.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { DASHBOARDS } from '../dashboards/all.ts';
import { type PageParts, previewPage } from '../dashboards/preview/page.ts';
import { debianTool } from '../test/real/debian.ts';
import { type Watched, watch } from './preview-run.ts';

const root = join(import.meta.dirname, '..');
const here = (name: string): string => readFileSync(join(root, 'dashboards/preview', name), 'utf8');
const uplot = dirname(createRequire(import.meta.url).resolve('uplot'));

export const parts = (): PageParts => ({
  uplot: readFileSync(join(uplot, 'uPlot.iife.min.js'), 'utf8'),
  uplotStyle: readFileSync(join(uplot, 'uPlot.min.css'), 'utf8'),
  draw: here('draw.js'),
  style: here('style.css'),
});

/** Draws and photographs every dashboard; throws when a page has an error or leaves a panel undrawn. */
export async function photograph(watched: Watched, pages: string, pictures: string): Promise<string[]> {
  mkdirSync(pages, { recursive: true });
  mkdirSync(pictures, { recursive: true });
  const browser = await chromium.launch({
    executablePath: await debianTool('chromium', 'chromium'),
    args: ['--no-sandbox', '--force-color-profile=srgb'],
  });
  const made: string[] = [];
  try {
    for (const dashboard of DASHBOARDS) {
      const file = join(pages, `${dashboard.uid}.html`);
      const lines = watched.data[dashboard.uid] ?? {};
      writeFileSync(file, previewPage(dashboard, { lines, ...watched.span }, parts()));
      const page = await browser.newPage({ viewport: { width: 1560, height: 900 }, timezoneId: 'UTC' });
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      await page.goto(`file://${file}`);
      const drawn = await page.evaluate('document.body.dataset.drawn');
      if (errors.length > 0 || drawn !== String(dashboard.panels.length)) {
        throw new Error(`${dashboard.uid}: ${drawn} panels drawn; ${errors.join('; ')}`);
      }
      const picture = join(pictures, `${dashboard.uid.replace('chancery-', 'dashboard-')}.png`);
      await page.screenshot({ path: picture, fullPage: true });
      await page.close();
      made.push(picture);
    }
  } finally {
    await browser.close();
  }
  return made;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '240' },
      rate: { type: 'string', default: '12' },
      data: { type: 'string' },
    },
  });
  const watched: Watched =
    values.data === undefined
      ? await watch(root, Number(values.seconds), Number(values.rate))
      : JSON.parse(readFileSync(values.data, 'utf8'));
  const pages = join(root, '.real/preview');
  const pictures = await photograph(watched, pages, join(root, 'docs/images'));
  if (values.data === undefined) writeFileSync(join(pages, 'data.json'), JSON.stringify(watched));
  for (const picture of pictures) console.log(picture);
}
