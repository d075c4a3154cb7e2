/** What `npm start` makes before it starts: loaded while every source is as it was, and no other than the sources. */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readAhead, readCharter } from '../../adapters/bundled-files.ts';
import { PROJECT } from '../runtime/support.ts';
import { startProcess } from '../support/process.ts';

interface Ready {
  readyFolder(): string | undefined;
  sourceOf(path: string): readonly [string, number, number, string];
}
const load = createRequire(import.meta.url);
const folders: string[] = [];
const emptyFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-ready-'));
  folders.push(folder);
  return folder;
};
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A project of one source, of which `made` was made. */
function projectOfOne(): { readonly source: string; readonly made: string; readonly ready: Ready } {
  const project = emptyFolder();
  mkdirSync(join(project, 'bin'));
  cpSync(join(PROJECT, 'bin/ready.cjs'), join(project, 'bin/ready.cjs'));
  const ready: Ready = load(join(project, 'bin/ready.cjs'));
  const source = join(project, 'one.ts');
  writeFileSync(source, 'export const one = 1;');
  const cache = join(project, 'node_modules/.cache/chancery');
  mkdirSync(cache, { recursive: true });
  const sources = [ready.sourceOf('one.ts')];
  writeFileSync(join(cache, 'ready.json'), JSON.stringify({ folder: 'made', sources }));
  return { source, made: join(cache, 'made'), ready };
}

describe('what was made of the sources', () => {
  it('is loaded while they are as they were', () => {
    const { made, ready } = projectOfOne();
    expect(ready.readyFolder()).toBe(made);
  });

  it('is loaded where they have other times, as in the layers of an image', () => {
    const { source, made, ready } = projectOfOne();
    utimesSync(source, 1, 1);
    expect(ready.readyFolder()).toBe(made);
  });

  it.each<[string, (source: string, ready: Ready) => void]>([
    ['has other bytes', (source) => writeFileSync(source, 'export const one = 1 + 1;')],
    [
      'has as many other bytes',
      (source) => {
        writeFileSync(source, 'export const one = 2;');
        utimesSync(source, 1, 1);
      },
    ],
    ['is gone', (source) => rmSync(source)],
  ])('is passed over when a source %s', (_, change) => {
    const { source, ready } = projectOfOne();
    change(source, ready);
    expect(ready.readyFolder()).toBeUndefined();
  });

  it('is passed over where the list of it cannot be read', () => {
    const { made, ready } = projectOfOne();
    writeFileSync(join(made, '../ready.json'), '{"folder"');
    expect(ready.readyFolder()).toBeUndefined();
  });

  it('serves, with its threads, and is made once', async () => {
    const make = () =>
      execFileSync(process.execPath, [join(PROJECT, 'scripts/ready.mjs')], { encoding: 'utf8' });
    make();
    const { readyFolder }: Ready = load(join(PROJECT, 'bin/ready.cjs'));
    const made = readyFolder();
    if (made === undefined) throw new Error('nothing was made');
    for (const file of ['main.mjs', 'seal-worker.mjs', '.charter'])
      expect(existsSync(join(made, file)), file).toBe(true);
    make();
    expect(readyFolder()).toBe(made);
    const folder = emptyFolder();
    const loaded = join(folder, 'loaded');
    const runtime = await startProcess(join(folder, 'data'), { LOADED: loaded }, [
      '--import',
      `data:text/javascript,${encodeURIComponent(LIST)}`,
    ]);
    try {
      expect((await fetch(`${runtime.url}/health/ready`)).status).toBe(200);
    } finally {
      await runtime.kill('SIGTERM');
    }
    const files = readFileSync(loaded, 'utf8').split('\n');
    expect(files.filter((url) => url.startsWith(`file://${made}/`)).length).toBeGreaterThan(0);
    expect(files.filter((url) => url.endsWith('.ts') && !url.endsWith('/bin/chancery.ts'))).toEqual([]);
  });
});

/** Lists what a process loads. */
const LIST = `
  import { registerHooks } from 'node:module';
  import { appendFileSync } from 'node:fs';
  registerHooks({ load(url, context, next) { appendFileSync(process.env.LOADED, url + '\\n'); return next(url, context); } });
`;

describe('a charter that was read ahead', () => {
  const shipped = join(PROJECT, 'charter');
  const ahead = (): string => join(emptyFolder(), 'ahead');

  it('is the one that is read', () => {
    const path = ahead();
    readAhead(shipped, path);
    expect(existsSync(path)).toBe(true);
    const { engine: _, ...read } = readCharter(shipped, path);
    const { engine: __, ...anew } = readCharter(shipped, ahead());
    expect(read).toEqual(anew);
  });

  it('is not taken for another', () => {
    const path = ahead();
    readAhead(shipped, path);
    const other = emptyFolder();
    cpSync(shipped, other, { recursive: true });
    const roles = join(other, 'roles.yaml');
    writeFileSync(roles, `${readFileSync(roles, 'utf8')}\nstray: true\n`);
    expect(() => readCharter(other, path)).toThrow(expect.objectContaining({ code: 'VALIDATION_ERROR' }));
  });

  it('is not kept when it is not valid', () => {
    const path = ahead();
    readAhead(emptyFolder(), path);
    expect(existsSync(path)).toBe(false);
  });
});
