/** The ledger as it lies in a data folder: what the commands say of it, and what is left of a person in it. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLedgerFile } from '../../adapters/local/ledger-file.ts';
import { openTrust } from '../../adapters/local/trust-file.ts';
import { verifyStore } from '../../local/ledger-verify.ts';
import { startSealing } from '../../local/sealing.ts';
import { dataPaths, openStores, type Stores } from '../../local/stores.ts';
import type { JsonObject } from '../../src/json.ts';
import { auditReceipt } from '../../src/ledger/check/receipt.ts';
import { createHold } from '../../src/ledger/hold.ts';
import { type Lane, openLane } from '../../src/ledger/lane/lane.ts';
import { LaneWriter } from '../../src/ledger/lane/writer.ts';
import { eraseSubject } from '../../src/ledger/people/erase.ts';
import { SubjectKeys } from '../../src/ledger/people/personal.ts';
import type { Receipt } from '../../src/ledger/record.ts';
import type { Trust } from '../../src/ledger/trust.ts';
import { issuers, person, pseudonym } from '../support/person.ts';
import { note, overwrite, TRACE } from './support.ts';

const PERSON = {
  sub: 'zebedee',
  name: 'Zebedee Quartzfield',
  email: 'zq@quartzfield.example',
  address: '203.0.113.77',
};
const BIN = resolve(import.meta.dirname, '../../bin/chancery.ts');
const run = promisify(execFile);
const random = (length: number) => new Uint8Array(randomBytes(length));
const quiet = {
  meter: { count: () => {}, observe: () => {}, set: () => {} },
  log: { write: () => {} },
};

let folder = '';
let stores: Stores;
let subjects: SubjectKeys;
let trust: Trust;
let lane: Lane;
const receipts: Receipt[] = [];
const alarms: JsonObject[] = [];

async function chancery(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { ...process.env, CHANCERY_DATA: folder };
  try {
    const { stdout, stderr } = await run(process.execPath, [BIN, 'ledger', ...args], { env });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

async function filesUnder(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Names of files that hold any of these, as they are, in base64 or in hex. */
async function holding(needles: readonly Uint8Array[]): Promise<string[]> {
  const forms = needles.flatMap((needle) => {
    const bytes = Buffer.from(needle);
    return [bytes, Buffer.from(bytes.toString('base64').slice(0, -4)), Buffer.from(bytes.toString('hex'))];
  });
  const files = await filesUnder(folder);
  const contents = await Promise.all(files.map(async (file) => [file, await readFile(file)] as const));
  return contents.filter(([, content]) => forms.some((form) => content.includes(form))).map(([file]) => file);
}

const writing = () => ({
  authority: stores.authority,
  clock: Date.now,
  random,
  origin: trust.origin,
  code: 'test',
  region: 'local',
  max_merge_delay_seconds: trust.max_merge_delay_seconds,
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chancery-folder-'));
  stores = await openStores(folder);
  trust = await openTrust(join(folder, 'trust.json'), stores);
  subjects = new SubjectKeys({ table: stores.subjects, clock: Date.now, random });
  lane = await openLane({
    ...writing(),
    table: stores.table,
    subjects,
    pseudonym,
    issuerName: issuers.nameOf,
    ids: (prefix) => `${prefix}_1`,
    wait: (ms) => new Promise((done) => (ms === 0 ? setImmediate(done) : setTimeout(done, ms))),
  });
});

afterAll(async () => {
  stores.close();
  await rm(folder, { recursive: true });
});

describe('a data folder', () => {
  it('keeps every receipt of a steady load within the merge delay', async () => {
    const sealing = await startSealing(
      folder,
      { ...quiet, alarm: async (data) => alarms.push(data) },
      { intervalMs: 300 },
    );
    const view = { log: stores.log, table: stores.table, trust };
    const batch = async () => {
      const records = Array.from({ length: 250 }, (_, index) => lane.append(note(`${index}`)));
      return Promise.all(records);
    };
    for (let round = 0; round < 6; round += 1) receipts.push(...(await batch()));
    const { sub, ...personal } = PERSON;
    receipts.push(await lane.append(note('personal', { who: person(sub), personal })));
    await sealing.stop();
    expect(sealing.trouble()).toBeUndefined();
    expect(receipts.length).toBe(1_501);
    const some = receipts.filter((_, index) => index % 50 === 0 || index === receipts.length - 1);
    const audits = await Promise.all(some.map((receipt) => auditReceipt(view, receipt, { clock: Date.now })));
    expect(audits.every(({ status }) => status === 'kept')).toBe(true);
    expect(alarms).toEqual([]);
  }, 60_000);

  it('holds nothing readable of a person once erased: no value and no key, in no file, WAL and free pages included', async () => {
    const key = (await subjects.forSealing(pseudonym(person(PERSON.sub)))).key.slice();
    expect(await holding([key])).toEqual([expect.stringMatching(/subjects\.sqlite(-wal)?$/)]);
    await eraseSubject({ ledger: lane, subjects }, { subject: pseudonym(person(PERSON.sub)), trace: TRACE });
    const sealing = await startSealing(folder, { ...quiet, alarm: async (data) => alarms.push(data) });
    await sealing.stop();
    expect(sealing.trouble()).toBeUndefined();
    const plain = [PERSON.name, PERSON.email, PERSON.address].map((text) => new TextEncoder().encode(text));
    expect(await holding([key, ...plain])).toEqual([]);
    const { code, out } = await chancery('verify', '--json');
    expect([code, JSON.parse(out)]).toEqual([
      0,
      {
        verdict: 'OK',
        entries: 1_503,
        lanes: 1,
        tree_size: 1_503,
        findings: [
          {
            verdict: 'ERASED',
            lane: 1,
            seq: 1_501,
            detail: expect.stringContaining('the proof is 1.1502'),
          },
        ],
      },
    ]);
  }, 60_000);

  it('answers every command of the auditor’s tutorial', async () => {
    const exported = join(folder, 'for-the-auditor');
    expect(await chancery('export', exported)).toMatchObject({
      code: 0,
      out: `1503 records are in ${exported}.\n`,
    });
    expect(await chancery('verify', exported, '--hashes-only')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^OK: 1503/),
    });
    const proof = join(folder, 'decision.tlog-proof');
    await writeFile(proof, (await chancery('proof', '1.2')).out);
    expect(await chancery('proof', '--check', proof, '--trust', join(exported, 'trust.json'))).toMatchObject({
      code: 0,
    });
    const changed = (await readFile(proof, 'utf8')).replace(/^index \d+/m, 'index 3');
    await writeFile(proof, changed);
    expect(await chancery('proof', '--check', proof)).toMatchObject({ code: 1, out: 'it does not hold\n' });
    const file = join(folder, 'receipt.json');
    await writeFile(file, JSON.stringify({ receipt: receipts[7] }));
    expect(await chancery('audit-receipt', file)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^kept: 1\.8 is entry 8/),
    });
    await writeFile(file, JSON.stringify({ ...receipts[7], record_hash: 'f'.repeat(64) }));
    const altered = await chancery('audit-receipt', file, '--json');
    expect([altered.code, JSON.parse(altered.out)]).toMatchObject([5, { status: 'NOT_OURS' }]);
    expect((await chancery('show', '1.2', '--json')).out).toContain(receipts[1]?.record_hash);
    const [heads, ...newest] = (await chancery('tail', '-n', '2')).out.trim().split('\n');
    expect(heads).toMatch(/^ENTRY +TIME +/);
    expect(newest).toHaveLength(2);
    expect((await chancery('show', '9.9')).code).toBe(1);
  }, 60_000);

  it('shows of a folder and of an export only what a certified lane signed, and is refused where the store has another', async () => {
    const exported = join(folder, 'for-the-auditor');
    const genuine = await stores.table.get('LANE#00000001', '0000000002');
    const b = genuine?.b instanceof Uint8Array ? genuine.b : new Uint8Array();
    const asked = (id: string, ...args: string[]) => chancery('show', id, '--json', ...args);
    const hash = receipts[1]?.record_hash ?? 'none';
    for (const args of [[], ['--folder', exported]]) {
      expect((await asked('1.2', ...args)).out).toContain(hash);
      expect(await asked('1.9999', ...args)).toMatchObject({
        code: 1,
        err: expect.stringContaining('no entry 1.9999'),
      });
    }
    const forged = Buffer.from(Buffer.from(b).toString().replace('"seq":2', '"seq":9'));
    const invented = { pk: 'LANE#00000009', sk: '0000000009', b: forged, s: genuine?.s ?? '' };
    const strangers = [
      { ...invented, b: Buffer.from(forged.toString().replace('"lane":1', '"lane":9')) },
      { ...invented, pk: 'LANE#00000001', sk: '0000009000' },
      { ...invented, pk: 'LANE#00000001', sk: '0000009001', b: 'no bytes' },
    ];
    for (const item of strangers) {
      await stores.table.put(item, 'absent');
      const { code, out, err } = await asked(`${Number(item.pk.slice(5))}.${Number(item.sk)}`);
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toContain('not signed by a certified lane');
      await stores.table.remove(item.pk, item.sk);
    }
    await overwrite(stores.table, { pk: 'LANE#00000001', sk: '0000000002', b: forged, s: genuine?.s ?? '' });
    expect(await asked('1.2')).toMatchObject({ code: 1, out: '' });
    expect((await asked('1.2', '--folder', exported)).code).toBe(0);
    await overwrite(stores.table, { ...genuine, pk: 'LANE#00000001', sk: '0000000002' });
    expect((await asked('1.2')).out).toContain(hash);
    const other = join(folder, 'nobody.json');
    await writeFile(other, JSON.stringify({ ...trust, authorities: [] }));
    expect(await asked('1.2', '--trust', other)).toMatchObject({ code: 1, out: '' });
  }, 60_000);

  it('finds what somebody put under a number that nobody claimed, or under none', async () => {
    const genuine = await stores.table.get('LANE#00000001', '0000000002');
    const found = async () => {
      const { verdict, findings } = await verifyStore(folder);
      return [verdict, ...findings.map(({ verdict: is, lane: of = '-', seq = '-' }) => `${is} ${of}.${seq}`)];
    };
    const before = await found();
    for (const [pk, told] of [
      ['LANE#00000777', 'MISSING 777.0'],
      ['LANE#99999999', 'MISSING 99999999.0'],
      ['LANE#00000000', 'FORMAT -.-'],
      ['LANE#777', 'FORMAT -.-'],
      ['LANE#', 'FORMAT -.-'],
    ]) {
      for (const sk of ['0000000000', '0000000002']) {
        await stores.table.put({ ...genuine, pk: pk ?? '', sk }, 'absent');
        expect(await found()).toContain(told);
        await stores.table.remove(pk ?? '', sk);
      }
    }
    // A writer that was given a later number, beside one that has not come to its own yet.
    const ids = (prefix: string) => `${prefix}_9`;
    const { first } = await LaneWriter.open(9, { ...writing(), ids });
    await stores.table.put(first.item, 'absent');
    expect((await found()).filter((told) => !told.startsWith('PENDING'))).toEqual(
      before.filter((told) => told !== 'OK' && !told.startsWith('PENDING')),
    );
    await stores.table.remove(first.item.pk, first.item.sk);
    expect(await found()).toEqual(before);
  });

  it('comes to an end of it where a key is of bytes that are no text', async () => {
    const tool = new DatabaseSync(dataPaths(folder).table, { timeout: 2_000 });
    const key = "CAST(x'4C414E4523FF' AS TEXT)";
    tool.exec(`INSERT INTO items (pk, sk, more) VALUES (${key}, '0', '{}')`);
    const file = openLedgerFile(dataPaths(folder).table);
    const keys: string[] = [];
    for await (const pk of file.partitions?.() ?? []) if (keys.push(pk) > 9) break;
    expect(keys).toEqual(['LANE#00000001', 'LANE#\ufffd']);
    file.close();
    const { findings } = await verifyStore(folder);
    expect(findings.map(({ verdict }) => verdict)).toContain('FORMAT');
    tool.exec(`DELETE FROM items WHERE pk = ${key}`);
    tool.close();
  });

  it('says what verifying by hashes alone leaves out', async () => {
    const { code, out, err } = await chancery('verify', '--hashes-only');
    expect([code, out]).toEqual([0, expect.stringMatching(/^OK: 1503/)]);
    expect(err).toContain('their lanes’ keys were not asked');
  }, 60_000);

  it('is refused by a verifier that believes another key', async () => {
    const other = join(folder, 'other-trust.json');
    await writeFile(other, JSON.stringify({ ...trust, log_keys: [], authorities: [] }));
    expect((await verifyStore(folder, { trust: other, signatures: false })).verdict).toBe('KEY');
  });

  it('is not sealed further, and says so, when its lock was rolled back', async () => {
    const lock = await stores.table.get('LOG', 'LOCK');
    await overwrite(stores.table, { ...lock, pk: 'LOG', sk: 'LOCK', size: 1, from: 0 });
    const hold = createHold();
    const sealing = await startSealing(folder, { ...quiet, hold, alarm: async (data) => alarms.push(data) });
    expect(hold.standing()).toMatchObject({ head: 'lock' });
    await sealing.stop();
    expect(alarms).toMatchObject([{ kind: 'head_conflict', head: 'lock' }]);
  });
});
