/** Whoever gives an auditor a folder may have put anything into it: looking at it ends, says what is wrong, and never OK. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFolderBlobs } from '../../adapters/local/folder-blobs.ts';
import { exportLog } from '../../src/ledger/keep/export.ts';
import { signCheckpoint } from '../../src/ledger/tree/checkpoint.ts';
import { type TestLog, testLog } from '../ledger/log-support.ts';
import { note } from '../ledger/support.ts';
import { hasPython } from '../verifier/python.ts';
import { run } from './run.ts';

const pipe = (path: string): void => {
  rmSync(path, { recursive: true, force: true });
  execFileSync('mkfifo', [path]);
};
const link = (path: string, to: string): void => {
  rmSync(path, { recursive: true, force: true });
  symlinkSync(to, path);
};
const SECRET = 'the-secret-of-who-looks';
const FIRST = 'tile/entries/000';

let root = '';
let log: TestLog;
const at = (...names: string[]): string => join(root, ...names);
let number = 0;

/** The export, with something done to it. */
function altered(alter: (folder: string) => void): string {
  number += 1;
  const folder = at(`altered-${number}`);
  cpSync(at('honest'), folder, { recursive: true });
  alter(folder);
  return folder;
}
const look = (...args: string[]) => run(args, { CHANCERY_DATA: at('none'), CHANCERY_CONFIG: at('none') });

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'chancery-given-'));
  log = testLog();
  log.time.now = Date.now() - 60_000;
  const lane = await log.lane();
  for (let index = 0; index < 300; index += 1) await lane.append(note(`${index}`));
  await log.sealer().seal();
  const source = { log: log.log, worm: log.worm, trust: log.trustAll };
  await exportLog(source, await openFolderBlobs(at('honest')));
  writeFileSync(at('secret'), SECRET);
  writeFileSync(at('trust'), JSON.stringify(log.trustAll));
  expect((await look('ledger', 'verify', at('honest'), '--trust', at('trust'))).out).toMatch(/^OK: 301 /);
});
afterAll(() => rm(root, { recursive: true }));

const FINDINGS: [string, (folder: string) => void | Promise<void>][] = [
  ['a pipe where records were', (folder) => pipe(join(folder, FIRST))],
  ['a pipe where a tile was', (folder) => pipe(join(folder, 'tile/0/000'))],
  ['a pipe where the checkpoint was', (folder) => pipe(join(folder, 'checkpoint'))],
  ['a device that never ends', (folder) => link(join(folder, FIRST), '/dev/zero')],
  ['a device in place of the checkpoint', (folder) => link(join(folder, 'checkpoint'), '/dev/zero')],
  ['a link to a file of who looks', (folder) => link(join(folder, FIRST), at('secret'))],
  ['a file of a terabyte', (folder) => truncateSync(join(folder, FIRST), 2 ** 40)],
  [
    'a folder where records were',
    (folder) => {
      rmSync(join(folder, FIRST));
      mkdirSync(join(folder, FIRST));
    },
  ],
  ['tiles that lead back to themselves', (folder) => link(join(folder, 'tile'), 'tile')],
  ['a pipe in place of a store', (folder) => pipe(join(folder, 'store.sqlite'))],
  ['a store that is none', (folder) => writeFileSync(join(folder, 'store.sqlite'), SECRET)],
  ['a pipe among the write-once copies', (folder) => pipe(join(folder, 'worm/checkpoints/999/999/999/698'))],
];

describe.each(FINDINGS)('%s', (_, alter) => {
  it('is found, and nothing of it is shown', async () => {
    const folder = altered(alter);
    const { code, out, err } = await look('ledger', 'verify', folder, '--trust', at('trust'));
    expect([1, 2, 3], err).toContain(code);
    expect(out).not.toMatch(/^OK/m);
    expect(out + err).not.toContain(SECRET);
    for (const line of [['tail'], ['show', '1.5'], ['proof', '1.5'], ['export', at('taken')]])
      expect((await look('ledger', ...line, '--folder', folder)).out).not.toContain(SECRET);
  });

  it.runIf(hasPython)('is found by the second verifier', () => {
    const folder = altered(alter);
    // An export has no store; what is none of its files is none of its business.
    if (_.includes('store')) return;
    const verifier = join(import.meta.dirname, '../verifier/verify.py');
    const script = ['python3', verifier, 'export', folder, '--trust', at('trust')];
    expect(() => execFileSync('timeout', ['20', ...script], { stdio: 'pipe' })).toThrow(
      expect.objectContaining({ status: expect.toSatisfy((status) => status === 1 || status === 2) }),
    );
  });
});

it('keys that are a pipe are not waited for', async () => {
  const folder = altered((made) => pipe(join(made, 'trust.json')));
  expect((await look('ledger', 'verify', folder)).code).toBe(3);
});

it('what others wrote is shown by its number, and begins no line of ours', async () => {
  const text = await signCheckpoint(
    { origin: 'other\u001b[2J\u202e.example/log', size: 1, root: new Uint8Array(32) },
    [log.checkpointKey],
  );
  const folder = altered((made) => {
    writeFileSync(join(made, 'checkpoint'), text);
    writeFileSync(join(made, 'worm/checkpoints/a\nOK: 1 records\u001b[2J'), 'x');
  });
  const { code, out, err } = await look('ledger', 'verify', folder, '--trust', at('trust'));
  expect(code).toBe(1);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there.
  expect(out + err).not.toMatch(/\u001b|\u202e|^OK/m);
});

it('a folder is not restored out of what leads elsewhere', async () => {
  const folder = altered((made) => {
    rmSync(join(made, 'tile'), { recursive: true });
    symlinkSync(at('honest/tile'), join(made, 'tile'));
  });
  const { code, err } = await run(['restore', folder], {
    CHANCERY_DATA: at('restored'),
    CHANCERY_CONFIG: at('none'),
  });
  expect([code, err]).toEqual([3, expect.stringContaining('neither a file nor a folder')]);
  expect(readFileSync(at('honest/checkpoint'))).toHaveLength(readFileSync(join(folder, 'checkpoint')).length);
});
