/** Writes docs/metrics.md from the catalogue: `npm run docs:metrics`. */
import { writeFileSync } from 'node:fs';
import { metricsPage } from '../src/watch/metrics/page.ts';

writeFileSync(new URL('../docs/metrics.md', import.meta.url), metricsPage());
