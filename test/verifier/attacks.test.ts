/** What an export shows of the attacks, both verifiers find in the same words. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyStore } from '../../local/ledger-verify.ts';
import { ATTACKS, keep } from '../ledger/attacks.ts';
import { ATTACKS_IN_COMBINATION } from '../ledger/attacks-in-combination.ts';
import { ATTACKS_ON_RUNS } from '../ledger/attacks-on-runs.ts';
import { ATTACKS_ON_WHAT_IS_KEPT } from '../ledger/attacks-on-what-is-kept.ts';
import { cloneLog, type TestLog, testLog } from '../ledger/log-support.ts';
import { note } from '../ledger/support.ts';
import { hasPython } from './python.ts';

const run = promisify(execFile);

/** Those that touch the log, its copies or the checkpoint that somebody kept. */
const SEEN_IN_AN_EXPORT = [
  'roll the published checkpoint back',
  'sign another tree of the same size with the real checkpoint key',
  'run a second sealer with a key of its own',
  'change a bundle',
  'remove a tile',
  'remove a bundle',
  'remove the newest write-once checkpoint',
  'remove a write-once checkpoint between others',
  'remove all write-once checkpoints',
  "put yesterday's folder back as a whole (a checkpoint was kept elsewhere)",
  'show another history to somebody who kept a checkpoint',
  'give an auditor a checkpoint that is not ours',
  'keep a write-once checkpoint of a tree that is another one',
  'put the checkpoint of another log in the place of ours',
  'put the copy of one checkpoint in the place of another',
  'change the write-once copy of a checkpoint',
  "date a record back with the lane's own key",
  'change a record in the store and in the log alike',
  'the same, with the hash in the tile',
  'append an entry to a bundle, behind those of the tree',
  'append a hash to a tile, behind those of the tree',
  'exchange two bundles, and their tiles with them',
  'put bytes that are no text in the place of a write-once copy',
  'the same, in the log',
  'the same, in the store and in the log alike, with the hashes in the tile',
  'change that mark in the log, so that nobody can take the entry apart (receipts were kept)',
  'let an entry of the log say that it is of another lane (receipts were kept)',
];

describe.runIf(hasPython)('the second verifier', () => {
  let root = '';
  let base: TestLog;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'chancery-second-'));
    base = testLog();
    const lanes = [await base.lane(), await base.lane(), await base.lane()];
    for (let round = 0; round < 4; round += 1) {
      for (const [index, lane] of lanes.entries())
        for (const half of [0, 1]) await lane.append(note(`${index + 1}/${2 * round + half}`));
      base.time.now += 100;
      await base.sealer().seal();
    }
    await lanes[2]?.append(note('not sealed'));
  });
  afterAll(() => rm(root, { recursive: true }));

  const attacks = [
    ...ATTACKS,
    ...ATTACKS_ON_WHAT_IS_KEPT,
    ...ATTACKS_IN_COMBINATION,
    ...ATTACKS_ON_RUNS,
  ].filter(({ name }) => SEEN_IN_AN_EXPORT.includes(name));
  it('is held against each attack that an export shows', () => {
    expect(attacks.map(({ name }) => name).sort()).toEqual([...SEEN_IN_AN_EXPORT].sort());
  });

  it.each(attacks)('finds the same: $name', async ({ name, act, options }) => {
    const log = await cloneLog(base);
    keep(log, []);
    await act(log, []);
    const folder = join(root, String(SEEN_IN_AN_EXPORT.indexOf(name)));
    await mkdir(join(folder, 'worm'), { recursive: true });
    const put = async (path: string, bytes: Uint8Array | string): Promise<void> => {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), bytes);
    };
    for (const [path, bytes] of log.log.files) await put(path, bytes);
    for (const [path, bytes] of log.worm.files) await put(`worm/${path}`, bytes);
    await put('trust.json', JSON.stringify(log.trustAll));
    const { since } = options?.(log) ?? {};
    const ours = await verifyStore(folder, since === undefined ? {} : { since });
    const kept = join(root, 'kept.checkpoint');
    if (since !== undefined) await writeFile(kept, since);
    const args = ['export', folder, ...(since === undefined ? [] : ['--since', kept])];
    const { stdout } = await run('python3', [join(import.meta.dirname, 'verify.py'), ...args]).catch(
      (error: { stdout: string }) => error,
    );
    const theirs = JSON.parse(stdout);
    expect(theirs.verdict).toBe(ours.verdict);
    expect(ours.verdict).not.toBe('OK');
  });
});
