/**
 * Writes docs/openapi.json from the routes themselves. With `--check`, changes nothing and exits 1 when the
 * committed document is not what the routes say.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startRuntime } from '../local/runtime.ts';
import { readSettings } from '../local/settings.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TARGET = join(ROOT, 'docs/openapi.json');

const folder = mkdtempSync(join(tmpdir(), 'chancery-openapi-'));
const runtime = await startRuntime({
  ...readSettings({}, ROOT),
  port: 0,
  dataFolder: folder,
  logFile: join(folder, 'log.jsonl'),
});
const document = `${JSON.stringify(await (await fetch(`${runtime.url}/openapi.json`)).json(), null, 2)}\n`;
await runtime.stop();
rmSync(folder, { recursive: true });

if (!process.argv.includes('--check')) {
  writeFileSync(TARGET, document);
} else if (readFileSync(TARGET, 'utf8') !== document) {
  console.error('docs/openapi.json is not what the routes say: run `npm run openapi`.');
  process.exitCode = 1;
}
