import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFolderBlobs } from '../../adapters/local/folder-blobs.ts';
import { verifyStore } from '../../local/ledger-verify.ts';
import { exportLog } from '../../src/ledger/keep/export.ts';
import { testLog } from '../ledger/log-support.ts';
import { note } from '../ledger/support.ts';
import { hasPython } from './python.ts';
import { makeVectors } from './vectors.ts';

const run = promisify(execFile);
const here = import.meta.dirname;
const python = (...args: string[]) => run('python3', [join(here, 'verify.py'), ...args]);

describe('the golden vectors', () => {
  it('are what fixed seeds give today: a format that changed would break every old ledger', async () => {
    const committed = JSON.parse(await readFile(join(here, 'vectors.json'), 'utf8'));
    expect(JSON.parse(JSON.stringify(await makeVectors()))).toEqual(committed);
  });
});

describe.runIf(hasPython)('the second verifier, in another language', () => {
  const folders: string[] = [];
  let folder = '';

  beforeAll(async () => {
    const log = testLog();
    folder = await mkdtemp(join(tmpdir(), 'chancery-verifier-'));
    folders.push(folder);
    const lanes = [await log.lane(), await log.lane()];
    const sealer = log.sealer();
    for (let round = 0; round < 3; round += 1) {
      for (const lane of lanes)
        if (round === 0) for (let index = 0; index < 10; index += 1) await lane.append(note(`${index}`));
        else await Promise.all(Array.from({ length: 10 }, (_, index) => lane.append(note(`${index}`))));
      await sealer.seal();
    }
    await lanes[0]?.close();
    await sealer.seal();
    await exportLog({ log: log.log, worm: log.worm, trust: log.trustAll }, await openFolderBlobs(folder));
  });

  afterAll(async () => {
    for (const one of folders) await rm(one, { recursive: true });
  });

  it('agrees with ours on every vector', async () => {
    const { stdout } = await python('vectors', join(here, 'vectors.json'));
    expect(stdout).toMatch(/^22\d vectors agree$/m);
  });

  it('comes to the same verdict on an export, and on one that was changed', async () => {
    const ours = await verifyStore(folder);
    expect(ours).toMatchObject({ verdict: 'OK', entries: 63, lanes: 2 });
    expect(JSON.parse((await python('export', folder)).stdout)).toEqual({
      verdict: 'OK',
      entries: 63,
      lanes: 2,
      findings: [],
    });
    const bundle = join(folder, 'tile/entries/000.p/63');
    const bytes = await readFile(bundle, 'latin1');
    // A record that was signed alone, and the first one of a run: its signature.
    for (const [seq, other] of [
      [8, bytes.replace('"note":"7"', '"note":"8"')],
      [11, bytes.replace(/(?<="v":2\})./s, (first) => String.fromCharCode(first.charCodeAt(0) ^ 1))],
    ] as const) {
      await writeFile(bundle, other, 'latin1');
      const theirs = await python('export', folder).catch((error: { stdout: string }) => error);
      const changed = await verifyStore(folder);
      expect(changed.findings).toMatchObject([{ verdict: 'MODIFIED', lane: 1, seq }]);
      const { verdict, findings } = JSON.parse(theirs.stdout);
      expect(verdict).toBe('MODIFIED');
      expect(findings).toContainEqual(expect.objectContaining({ verdict: 'MODIFIED', lane: 1, seq }));
    }
  });
});
