/**
 * All that an auditor does, over the API, on a read-only folder and on an export: each works, or says which way does. Looking leaves
 * nothing behind. `docs/tutorial-auditor.md` has the same table.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { fromBase64 } from '../../client/verify/bytes.ts';
import { verifyEntry } from '../../client/verify/entry.ts';
import type { TreeHead } from '../../client/verify/tree.ts';
import { openCheckpoint } from '../../src/ledger/tree/checkpoint.ts';
import { cosignatures } from '../../src/ledger/tree/witness.ts';
import { trustSchema } from '../../src/ledger/trust.ts';
import { governed, PROJECT, startTestRuntime, type TestRuntime } from '../runtime/support.ts';
import { type RuntimeProcess, startProcess } from '../support/process.ts';
import { hasPython } from '../verifier/python.ts';
import { type Ran, run } from './run.ts';

const PLACES = ['url', 'folder', 'export'] as const;
type Place = (typeof PLACES)[number];

/** Works, and what it prints; or the exit code of a refusal, and the way that it names; or nobody can ask it there. */
type Cell = RegExp | { readonly refused: number; readonly names: RegExp } | 'no way';

const ASKS_A_SYSTEM: Cell = { refused: 2, names: /CHANCERY_URL/ };
const NEEDS_A_STORE: Cell = { refused: 2, names: /metrics verify FOLDER/ };

interface Row {
  /** As the document has it. */
  readonly does: string;
  /** As it is typed: AT is the place. Or what else an auditor does. */
  readonly line: string | ((place: Place) => Promise<Ran>);
  readonly cells: Readonly<Record<Place, Cell>>;
}
const everywhere = (says: RegExp): Row['cells'] => ({ url: says, folder: says, export: says });

const ROWS: readonly Row[] = [
  { does: 'ledger verify', line: 'ledger verify AT', cells: everywhere(/^OK: \d+ records in [23] lanes/) },
  { does: 'ledger verify --json', line: 'ledger verify AT --json', cells: everywhere(/^\{"verdict":"OK"/) },
  {
    does: 'ledger verify --trust FILE',
    line: 'ledger verify AT --trust TRUST --fresh 3600',
    cells: everywhere(/^OK: /),
  },
  {
    does: 'ledger verify --since FILE',
    line: 'ledger verify AT --since KEPT',
    cells: everywhere(/^OK: \d+ records in [23] lanes/),
  },
  {
    does: 'ledger verify --since FILE --incremental',
    line: 'ledger verify AT --since KEPT --incremental',
    cells: everywhere(/^OK: \d+ records in [1-3] lanes/),
  },
  {
    does: 'ledger verify --fresh SECONDS',
    line: 'ledger verify AT --fresh 3600',
    cells: everywhere(/^OK: /),
  },
  {
    does: 'ledger checkpoint',
    line: 'ledger checkpoint AT',
    cells: everywhere(/^chancery\.local\/\w+\n\d+\n/),
  },
  {
    does: 'ledger checkpoint --json',
    line: 'ledger checkpoint AT --json',
    cells: everywhere(/"cosigned":\[\{"name":"chancery\.local\/\w+\/witness","time":"20/),
  },
  { does: 'ledger tail', line: 'ledger tail AT -n 2', cells: everywhere(/^ENTRY .*\n\d+\.\d+ /) },
  {
    does: 'ledger tail, filtered',
    line: 'ledger tail AT --type decision.* --outcome deny --mode grunt --from 2020-01-01T00:00:00+01:00',
    cells: everywhere(/decision\.made +deny compliance-report/),
  },
  { does: 'ledger show', line: 'ledger show ID AT', cells: everywhere(/"id": "1\.\d+"/) },
  { does: 'ledger proof', line: 'ledger proof ID AT', cells: everywhere(/^c2sp\.org\/tlog-proof@v1/) },
  {
    does: 'ledger proof --check FILE',
    line: 'ledger proof --check PROOF AT',
    cells: everywhere(/^it holds: entry \d+$/m),
  },
  { does: 'ledger export', line: 'ledger export INTO AT', cells: everywhere(/^\d+ records are in /) },
  {
    does: 'ledger audit-receipt',
    line: 'ledger audit-receipt RECEIPT AT',
    cells: everywhere(/^kept: 1\.\d+ is entry \d+ of the signed tree/),
  },
  { does: 'report quarterly', line: 'report quarterly AT', cells: everywhere(/^# Governance report/) },
  {
    does: 'report quarterly --check FILE',
    line: 'report quarterly AT --check REPORT',
    cells: everywhere(/^the same to the byte: /),
  },
  {
    does: 'metrics verify',
    line: 'metrics verify FOLDER',
    cells: { url: NEEDS_A_STORE, folder: /^equal: /, export: NEEDS_A_STORE },
  },
  {
    does: 'state verify',
    line: 'state verify AT',
    cells: { url: /^OK: /, folder: ASKS_A_SYSTEM, export: ASKS_A_SYSTEM },
  },
  {
    does: 'slo report',
    line: 'slo report AT',
    cells: { url: /^OBJECTIVE/, folder: ASKS_A_SYSTEM, export: ASKS_A_SYSTEM },
  },
  {
    does: 'GET /ledger/consistency',
    line: consistency,
    cells: { url: /^\{"from":\d+,"to":\d+,"proof":\["/, folder: 'no way', export: 'no way' },
  },
  {
    does: '/console',
    line: inTheBrowser,
    cells: { url: /^ok: checkpoint, history, inclusion,/, folder: 'no way', export: 'no way' },
  },
  ...(hasPython
    ? [
        {
          does: 'verify.py export',
          line: byTheSecondVerifier,
          cells: {
            url: 'no way',
            folder: { refused: 2, names: /chancery ledger export/ },
            export: /"verdict": "OK"/,
          },
        } as const,
      ]
    : []),
];

const NOBODY = 65_534;

/**
 * As whom the commands run: who is not root keeps to a file's mode; root becomes another, where another may read this project, which lies
 * in a folder of root's own in some clones. Root itself may write whatever the mode says.
 */
const BECOMES = ((): 'self' | 'another' | 'root' => {
  if (process.geteuid?.() !== 0) return 'self';
  process.seteuid?.(NOBODY);
  try {
    readFileSync(join(PROJECT, 'package.json'));
    return 'another';
  } catch {
    return 'root';
  } finally {
    process.seteuid?.(0);
  }
})();

type Kept = Readonly<Record<string, unknown>>;

let root = '';
let runtime: RuntimeProcess;
let token = '';
/** Words of the lines. */
let words: Record<string, string> = {};
const at = (name: string): string => join(root, name);
const FOLDERS: Record<Place, string> = { url: 'nowhere', folder: 'copy', export: 'exported' };

/** One of the lives of a folder, each a lane: decisions, a refusal, a denial, an approval, a failed run, a person who is erased. */
async function life(): Promise<TestRuntime> {
  const started = await startTestRuntime({ dataFolder: at('live') });
  const as = (name: string) => ({ ...governed().aim, actor: { name } });
  await started.execute(governed());
  await started.execute(governed({ drag_mode: 'wild' }));
  await started.execute(governed({ aim: as('Anton Person') }), {
    sub: 'anton',
    name: 'Anton Person',
    roles: ['analyst'],
  });
  for (const workflow_name of ['deploy-to-staging', 'deploy-to-production'])
    await started.execute(
      governed({ workflow_name, drag_mode: 'execute', parameters: { version: '1.2.3' } }),
    );
  const zeb = { sub: 'zeb', name: 'Zeb Gone' };
  await started.execute(governed({ aim: as(zeb.name) }), zeb);
  const revocation = { subject: 'zeb', reason: 'user_request', subject_token: await started.token(zeb) };
  const admin = await started.token({ sub: 'root', name: 'Root', roles: ['admin'] });
  await started.call('POST', '/revocations', { token: admin, body: revocation });
  await vi.waitFor(async () => expect((await started.audit()).verdict).toBe('OK'), 15_000);
  return started;
}

const asked = (path: string): Promise<globalThis.Response> =>
  fetch(`${runtime.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
const kept = (): number => Number(readFileSync(at('kept'), 'utf8').split('\n')[1]);

async function consistency(): Promise<Ran> {
  const answer = await asked(`/ledger/consistency?from=${kept()}`);
  return { code: answer.ok ? 0 : answer.status, out: await answer.text(), err: '' };
}

/** What the page of an entry does, by the same verifier; the page itself is driven by a browser in test/real. */
async function inTheBrowser(): Promise<Ran> {
  const { status } = await fetch(`${runtime.url}/console`);
  const shown = shownEntry.parse(await (await asked(`/ledger/entries/${words.ID}`)).json());
  const trust = trustSchema.parse(await (await asked('/ledger/trust')).json());
  const { steps, verdict } = await verifyEntry(
    shown,
    trust,
    {
      proof: async (id) => (await asked(`/ledger/entries/${id}/proof`)).text(),
      async consistency(from, to) {
        const { proof } = proven.parse(
          await (await asked(`/ledger/consistency?from=${from}&to=${to}`)).json(),
        );
        return proof.map((hash) => fromBase64(hash) ?? new Uint8Array());
      },
    },
    headOf(readFileSync(at('kept'), 'utf8')),
  );
  const names = steps.map(({ name }) => name).join(', ');
  return { code: status === 200 ? 0 : status, out: `${verdict}: ${names}`, err: '' };
}
const shownEntry = z.object({
  id: z.string(),
  record_hash: z.string(),
  signature: z.string(),
  record: z.unknown(),
});
const proven = z.object({ proof: z.array(z.string()) });

/** Of a checkpoint that was kept: its size and root are its second and third line (C2SP tlog-checkpoint). */
function headOf(checkpoint: string): TreeHead {
  const [, size, root = ''] = checkpoint.split('\n');
  return { size: Number(size), root: fromBase64(root) ?? new Uint8Array() };
}

async function byTheSecondVerifier(place: Place): Promise<Ran> {
  return python('export', at(FOLDERS[place]), '--trust', at('trust'), '--since', at('kept'));
}

function python(...args: string[]): Ran {
  const command = [join(PROJECT, 'test/verifier/verify.py'), ...args];
  const { status, stdout, stderr } = spawnSync('python3', command, { encoding: 'utf8' });
  return { code: status ?? -1, out: stdout, err: stderr };
}

const typed = (line: string, place: Place): string[] =>
  line.split(' ').flatMap((word) => {
    if (word === 'AT') return place === 'url' ? [] : ['--folder', at(FOLDERS[place])];
    if (word === 'INTO') return [at(`taken-${place}`)];
    if (word === 'FOLDER') return [at(FOLDERS[place])];
    return [words[word] ?? word];
  });

const environment = (place: Place): Record<string, string> => ({
  CHANCERY_DATA: at('nowhere'),
  TMPDIR: at('tmp'),
  CHANCERY_CONFIG: at('no-config'),
  ...(place === 'url' ? { CHANCERY_URL: runtime.url, CHANCERY_TOKEN: token } : {}),
});

/** Name, size, times and inode of everything below: what was written, made or replaced shows. */
const listing = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const { size, mtimeMs, ctimeMs, ino } = statSync(join(folder, name));
      return `${name} ${size} ${mtimeMs} ${ctimeMs} ${ino}`;
    });
/** What looking has put beside the folder. */
const left = (): string[] => readdirSync(at('tmp'));

const forAll = (folder: string, mode: number): void => {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name);
    chmodSync(path, statSync(path).isDirectory() ? mode | 0o111 : mode);
  }
  chmodSync(folder, mode | 0o111);
};

/** As somebody who may read and not write, which to root no mode of a file says. */
async function asAnotherUser(line: Row['line'], place: Place): Promise<Ran> {
  if (BECOMES === 'another') process.seteuid?.(NOBODY);
  try {
    return await (typeof line === 'string' ? run(typed(line, place), environment(place)) : line(place));
  } finally {
    if (BECOMES === 'another') process.seteuid?.(0);
  }
}

/** Seconds. */
const dueOf = ({
  time,
  max_merge_delay_seconds,
}: {
  time: string;
  max_merge_delay_seconds: number;
}): number => Date.parse(time) / 1_000 + max_merge_delay_seconds;

/** When a witness last saw the live log, in seconds. */
function lastCosigned(): number {
  const trust = trustSchema.parse(JSON.parse(readFileSync(at('live/trust.json'), 'utf8')));
  const opened = openCheckpoint(
    readFileSync(at('live/log/checkpoint'), 'utf8'),
    trust.origin,
    trust.log_keys,
  );
  if (!opened.ok) throw new Error('the published checkpoint does not open');
  return Math.max(0, ...cosignatures(opened.note, trust.witnesses).map(({ time }) => time));
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'chancery-auditor-'));
  mkdirSync(at('tmp'));
  for (const folder of [root, at('tmp')]) chmodSync(folder, 0o777);
  const first = await life();
  const { body } = await first.execute(governed());
  await vi.waitFor(async () => expect((await first.audit()).verdict).toBe('OK'), 15_000);
  cpSync(at('live/log/checkpoint'), at('kept'));
  await first.runtime.stop();
  await (await life()).runtime.stop();
  runtime = await startProcess(at('live'));
  const here = { CHANCERY_DATA: at('live'), CHANCERY_CONFIG: at('no-config') };
  const done = async (...args: string[]): Promise<string> => {
    const { code, out, err } = await run(args, here);
    expect(code, err).toBe(0);
    return out.trimEnd();
  };
  expect(await done('ledger', 'tail', '--type', 'revocation.erased')).toContain('revocation.erased');
  token = await done('token', '--sub', 'ada', '--name', 'Ada Auditor', '--role', 'auditor');
  // An export that ends before a promise was due could not tell of it.
  await vi.waitFor(() => expect(lastCosigned()).toBeGreaterThanOrEqual(dueOf(body.receipt)), 30_000);
  await done('ledger', 'export', at('exported'));
  writeFileSync(at('report'), await done('report', 'quarterly', '--folder', at('exported')));
  writeFileSync(at('receipt'), JSON.stringify(body));
  writeFileSync(at('proof'), `${await done('ledger', 'proof', body.receipt.id)}\n`);
  cpSync(at('live/trust.json'), at('trust'));
  words = {
    ID: body.receipt.id,
    KEPT: at('kept'),
    TRUST: at('trust'),
    RECEIPT: at('receipt'),
    REPORT: at('report'),
    PROOF: at('proof'),
  };
  await vi.waitFor(async () => expect(await done('ledger', 'verify')).toMatch(/^OK: /), 15_000);
  // As a kill leaves it, with what stands in its write-ahead logs.
  cpSync(at('live'), at('copy'), { recursive: true });
  for (const name of ['copy', 'exported']) forAll(at(name), 0o444);
  for (const name of ['kept', 'trust', 'receipt', 'report', 'proof']) chmodSync(at(name), 0o444);
}, 120_000);

afterAll(async () => {
  await runtime.kill('SIGTERM');
  for (const name of ['copy', 'exported']) forAll(at(name), 0o644);
  await rm(root, { recursive: true });
});

describe.each(ROWS)('$does', ({ line, cells }) => {
  describe.each(PLACES.filter((place) => cells[place] !== 'no way'))('by %s', (place) => {
    const folder = (): string[] => (place === 'url' ? [] : listing(at(FOLDERS[place])));
    let before: string[];
    let ended: Ran;
    beforeAll(async () => {
      before = folder();
      ended = await asAnotherUser(line, place);
    });

    it('works, or says which way does', () => {
      const { code, out, err } = ended;
      const cell = cells[place];
      if (cell instanceof RegExp) {
        expect([code, out], err).toEqual([0, expect.stringMatching(cell)]);
      } else if (cell !== 'no way') {
        expect([code, out], err).toEqual([cell.refused, '']);
        expect(err).toMatch(cell.names);
      }
    });

    // No folder is read-only for root, who looks at a store as its owner does.
    it.skipIf(place === 'folder' && BECOMES === 'root')('leaves nothing behind', () => {
      expect([folder(), left()]).toEqual([before, []]);
    });
  });
});

describe('a receipt', () => {
  const changed: [string, (kept: Kept) => Kept, number, RegExp][] = [
    [
      'with other digits in its hash',
      (kept) => ({ ...kept, record_hash: 'ab'.repeat(32) }),
      5,
      /^NOT_OURS: /,
    ],
    [
      'with another certificate',
      (kept) => ({ ...kept, certificate_hash: 'ab'.repeat(32) }),
      5,
      /^NOT_OURS: /,
    ],
    ['moved to another place', (kept) => ({ ...kept, id: '1.999', seq: 999 }), 5, /^NOT_OURS: /],
    [
      'of a record that is gone',
      (kept) => ({ ...kept, id: '1.999', seq: 999, record_hash: 'ab'.repeat(32) }),
      1,
      /^broken: the record is gone\n/,
    ],
  ];
  describe.each(changed)('%s', (_, change, code, says) => {
    it.each(PLACES)('has one word and one exit code by %s', async (place) => {
      const { receipt } = JSON.parse(readFileSync(at('receipt'), 'utf8'));
      const file = at(`changed-${place}`);
      writeFileSync(file, JSON.stringify(change(receipt)));
      const ended = await asAnotherUser(`ledger audit-receipt ${file} AT`, place);
      expect([ended.code, ended.out], ended.err).toEqual([code, expect.stringMatching(says)]);
      const json = await asAnotherUser(`ledger audit-receipt ${file} AT --json`, place);
      expect([json.code, JSON.parse(json.out).status]).toEqual([
        code,
        /^\w+/.exec(says.source.slice(1))?.[0],
      ]);
    });
  });

  it('that is younger than an export is one of which the export cannot tell', async () => {
    const { receipt } = JSON.parse(readFileSync(at('receipt'), 'utf8'));
    const file = at('young');
    const young = new Date(Date.now() - 5_000).toISOString();
    writeFileSync(
      file,
      JSON.stringify({ ...receipt, id: '1.999', seq: 999, record_hash: 'ab'.repeat(32), time: young }),
    );
    const ended = await asAnotherUser(`ledger audit-receipt ${file} AT`, 'export');
    expect([ended.code, ended.out]).toEqual([3, '']);
    expect(ended.err).toMatch(/cannot tell/);
  });
});

it('leaves nothing behind either when it is killed while it looks', async () => {
  const command = ['bin/chancery.ts', 'ledger', 'tail', '-n', '1', '--follow', '--folder', at('copy')];
  const child = spawn(process.execPath, command, {
    cwd: PROJECT,
    env: environment('folder'),
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(BECOMES === 'another' ? { uid: NOBODY, gid: NOBODY } : {}),
  });
  const gone = once(child, 'exit');
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await gone;
  expect(left()).toEqual([]);
});

describe('the table', () => {
  it('is the one that auditors read', () => {
    const page = readFileSync(join(PROJECT, 'docs/tutorial-auditor.md'), 'utf8');
    for (const { does, cells } of ROWS) {
      const said = PLACES.map((place) => (cells[place] instanceof RegExp ? 'yes' : 'no'));
      expect(page).toContain(`| \`${does}\` | ${said.join(' | ')} |`);
    }
  });
});

describe.runIf(hasPython)('the second verifier', () => {
  it.each([
    ['a folder that is not there', () => [at('nothing')], /there is no file/],
    ['keys that are not there', () => [at('exported'), '--trust', at('nothing')], /there is no file/],
    ['a checkpoint that is not there', () => [at('exported'), '--since', at('nothing')], /there is no file/],
  ] as const)('says of %s what to give it, and no verdict', (_, args, names) => {
    const { code, out, err } = python('export', ...args());
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(names);
  });
});
