/** Backups as people make them, of a runtime that is in use, and what each gives back. */
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { verifyStore } from '../../local/ledger-verify.ts';
import { dataPaths } from '../../local/stores.ts';
import { governed, PROJECT, startTestRuntime, type TestRuntime } from './support.ts';

const settings = (dataFolder: string) => ({
  dataFolder,
  workflowsFolder: join(PROJECT, 'test/fixtures/workflows'),
});

let root = '';
let live: TestRuntime;
let loading = true;
let load: Promise<number>;
/** The last receipt that was sealed before anything was copied. */
let sealed: { id: string } & Record<string, unknown>;

interface Ended {
  readonly code: number;
  readonly out: string;
}

const chancery = (dataFolder: string, args: readonly string[], environment = {}): Promise<Ended> =>
  new Promise((resolve) => {
    const env = { ...process.env, CHANCERY_DATA: dataFolder, ...environment };
    execFile(process.execPath, [join(PROJECT, 'bin/chancery.ts'), ...args], { env }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out: `${out}${err}` }),
    );
  });

const json = ({ out }: Ended) => JSON.parse(out.slice(out.indexOf('{'), out.lastIndexOf('}') + 1));

/** A runtime on this folder takes work, and its ledger is in order afterwards. */
async function goesOn(folder: string): Promise<void> {
  const runtime = await startTestRuntime(settings(folder));
  try {
    await vi.waitFor(
      async () => expect((await runtime.execute(governed({ workflow_name: 'hello' }))).status).toBe(200),
      15_000,
    );
    await vi.waitFor(async () => expect(await runtime.faults()).toEqual([]), 15_000);
  } finally {
    await runtime.runtime.stop();
  }
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'chancery-backup-'));
  live = await startTestRuntime(settings(join(root, 'live')));
  const { body } = await live.execute(governed({ workflow_name: 'hello' }));
  sealed = body.receipt;
  await vi.waitFor(async () => expect((await live.audit()).verdict).toBe('OK'), 15_000);
  load = (async () => {
    let answered = 0;
    // In use, and not flat out: what is verified grows with it.
    for (; loading; answered += 1) {
      await live.execute(governed({ workflow_name: 'hello' }));
      await sleep(20);
    }
    return answered;
  })();
}, 60_000);

afterAll(async () => {
  loading = false;
  await load;
  await live.runtime.stop();
  await rm(root, { recursive: true });
});

describe('of a runtime in use', () => {
  it('a backup is one moment: it verifies as it is, and restored it goes on with nothing missing', async () => {
    const [backup, restored] = [join(root, 'backup'), join(root, 'restored')];
    const made = await chancery(join(root, 'live'), ['backup', backup, '--json']);
    expect(made.code).toBe(0);
    expect((await verifyStore(backup)).findings.filter(({ verdict }) => verdict !== 'PENDING')).toEqual([]);
    const back = await chancery(restored, ['restore', backup, '--json']);
    expect([back.code, json(back)]).toMatchObject([
      0,
      {
        status: 'restored',
        tree_size: json(made).tree_size,
        records: 0,
        differing: [],
        missing: [],
        until: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      },
    ]);
    expect((await chancery(restored, ['ledger', 'show', sealed.id])).code).toBe(0);
    await goesOn(restored);
    expect((await chancery(join(root, 'live'), ['backup', backup])).code).not.toBe(0);
    expect((await chancery(restored, ['restore', backup])).code).not.toBe(0);
  }, 120_000);

  it('a sealed log alone gives the records back, and what it lacks is told', async () => {
    const [exported, restored] = [join(root, 'exported'), join(root, 'from-log')];
    expect((await chancery(join(root, 'live'), ['ledger', 'export', exported])).code).toBe(0);
    const { code, out } = await chancery(restored, ['restore', exported]);
    expect(code).toBe(0);
    expect(out).toMatch(
      /missing: the store: .*\n.*missing: the keys of persons.*\n.*missing: the signing keys/,
    );
    expect((await chancery(restored, ['ledger', 'show', sealed.id])).code).toBe(0);
    const { findings } = await verifyStore(restored);
    expect(findings.every(({ detail }) => detail.startsWith('the key of its personal fields'))).toBe(true);
  }, 120_000);

  it('a copy of the folder by hand gives back what is in it, and names what was signed after it', async () => {
    const [copy, restored] = [join(root, 'copy'), join(root, 'from-copy')];
    // By another process, as people do it: one that closes a file of its own store gives up its locks on it. Files
    // that come and go meanwhile it may miss.
    await new Promise((done) => execFile('cp', ['-r', join(root, 'live'), copy], done));
    const { code, out } = await chancery(restored, ['restore', copy]);
    expect([code, out]).toEqual([0, expect.stringContaining('records were missing and are back')]);
    expect((await chancery(restored, ['ledger', 'show', sealed.id])).code).toBe(0);
    await goesOn(restored);
  }, 120_000);

  it('the ledger is held to a checkpoint that was kept: yesterday’s folder is no ledger of today', async () => {
    const [older, kept] = [join(root, 'backup'), join(root, 'kept.checkpoint')];
    await copyFile(join(dataPaths(join(root, 'live')).log, 'checkpoint'), kept);
    const now = await chancery(join(root, 'live'), ['ledger', 'verify', '--since', kept, '--json']);
    expect(now.code).toBe(0);
    const then = await chancery(older, ['ledger', 'verify', '--since', kept, '--json']);
    expect([then.code, json(then).verdict]).toEqual([1, 'TRUNCATED']);
    await writeFile(kept, 'nothing');
    expect((await chancery(older, ['ledger', 'verify', '--since', kept])).code).toBe(1);
  }, 120_000);

  it('verifying leaves no file behind, and receipts and proofs work by URL and token alone', async () => {
    const backup = join(root, 'backup');
    const before = (await readdir(backup)).sort();
    expect((await chancery(backup, ['ledger', 'tail', '-n', '2'])).code).toBe(0);
    expect((await readdir(backup)).sort()).toEqual(before);
    const nowhere = join(root, 'nowhere');
    const receipt = join(root, 'receipt.json');
    await writeFile(receipt, JSON.stringify({ receipt: sealed }));
    const own = { CHANCERY_URL: live.runtime.url, CHANCERY_TOKEN: await live.token() };
    expect(await chancery(nowhere, ['ledger', 'audit-receipt', receipt], own)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^kept: /),
    });
    expect((await chancery(nowhere, ['ledger', 'show', sealed.id], own)).code).toBe(0);
    expect((await chancery(nowhere, ['ledger', 'proof', sealed.id], own)).out).toMatch(
      /^c2sp.org\/tlog-proof@v1/,
    );
    expect((await chancery(nowhere, ['ledger', 'tail'], own)).out).toMatch(/INSUFFICIENT_SCOPE/);
    const token = await live.token({ sub: 'ada', roles: ['auditor'] });
    const auditor = { CHANCERY_URL: live.runtime.url, CHANCERY_TOKEN: token };
    expect((await chancery(nowhere, ['ledger', 'tail', '-n', '3'], auditor)).code).toBe(0);
    expect(await chancery(nowhere, ['ledger', 'verify'], auditor)).toMatchObject({ code: 0 });
    const other = await live.token({ sub: 'eve', roles: ['operator'] });
    const eve = { CHANCERY_URL: live.runtime.url, CHANCERY_TOKEN: other };
    expect((await chancery(nowhere, ['ledger', 'show', sealed.id], eve)).out).toMatch(/INSUFFICIENT_SCOPE/);
    await rename(receipt, `${receipt}.used`);

    // What only the keeper can see is told by the service, as its own word.
    const copies = join(dataPaths(join(root, 'live')).worm, 'checkpoints');
    const names = (await readdir(copies, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    // The newest is listed first.
    await rm(names.at(-2) ?? '');
    const told = await chancery(nowhere, ['ledger', 'verify'], auditor);
    expect(told).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^MISSING: .*\n {2}MISSING: the service says: /m),
    });
    expect(told.out).toMatch(/is the service’s own word/);
  }, 120_000);
});
