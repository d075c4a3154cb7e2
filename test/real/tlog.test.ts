/**
 * Our log under the eyes of code that we did not write: ten thousand records, partial tiles, many checkpoints, a
 * rotated checkpoint key. Needs Go; fails, never skips, when it is missing and CI is set.
 */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFolderBlobs } from '../../adapters/local/folder-blobs.ts';
import { readFolderBlobs } from '../../adapters/local/folder-reader.ts';
import { httpWitness } from '../../adapters/witness-http.ts';
import { verifyStore } from '../../local/ledger-verify.ts';
import { formatProof, proveEntry } from '../../src/ledger/check/proof.ts';
import { auditReceipt } from '../../src/ledger/check/receipt.ts';
import { verifyLedger } from '../../src/ledger/check/verify-log.ts';
import { exportLog, policyOf } from '../../src/ledger/keep/export.ts';
import { tableSource } from '../../src/ledger/lane/verify-lanes.ts';
import type { Receipt } from '../../src/ledger/record.ts';
import { Sealer } from '../../src/ledger/seal/sealer.ts';
import { formatVkey, KEY_TYPE, parseNote } from '../../src/ledger/tree/note.ts';
import { cosignatures, openWitness } from '../../src/ledger/tree/witness.ts';
import { testLog } from '../ledger/log-support.ts';
import { authoritySigner, note, ORIGIN } from '../ledger/support.ts';
import { type GoTools, goTools } from './go-tools.ts';

const run = promisify(execFile);

function hasGo(): boolean {
  try {
    execFileSync('go', ['version']);
    return true;
  } catch (error) {
    if (process.env.CI !== undefined) throw new Error('CI needs Go for this test', { cause: error });
    return false;
  }
}

describe.runIf(hasGo())('the log, read by others', () => {
  const log = testLog();
  const folder = mkdtempSync(join(tmpdir(), 'chancery-tlog-'));
  const exported = join(folder, 'export');
  const fresh = authoritySigner('fresh checkpoint key');
  const vkeys = [...log.trustAll.log_keys, formatVkey(ORIGIN, KEY_TYPE.log, fresh.publicKey)];
  let tools: GoTools;
  let witness: ChildProcess;
  let witnessVkey = '';
  let server: Server;
  const receipts: Receipt[] = [];

  beforeAll(async () => {
    tools = goTools();
    // It knows the new key only, and refuses until that signs: then it catches up from nothing.
    witness = spawn(tools.tlog, ['witness', vkeys[1] ?? ''], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [url = '', vkey = ''] = await new Promise<string[]>((resolve) => {
      witness.stdout?.once('data', (data: Buffer) => resolve(data.toString().trim().split(' ')));
    });
    witnessVkey = vkey;
    const trust = { ...log.trustAll, log_keys: vkeys, witnesses: [...log.trustAll.witnesses, vkey] };
    const own = openWitness({
      table: log.witnessTable,
      signer: log.witnessKey,
      name: `${ORIGIN}/witness`,
      origin: ORIGIN,
      logKeys: vkeys,
      clock: Date.now,
    });
    const deps = {
      ...log.sealerDeps,
      logKeys: vkeys,
      witnesses: [own, httpWitness({ name: 'other', url, fetch })],
    };
    const lanes = [await log.lane(), await log.lane()];
    for (let round = 0; round < 20; round += 1) {
      // The old key signs first, then both, then the new one alone: a rotation with an overlap.
      const signers = round < 8 ? [log.checkpointKey] : round < 12 ? [log.checkpointKey, fresh] : [fresh];
      const appended = lanes.flatMap((lane) =>
        Array.from({ length: 253 }, (_, index) => lane.append(note(`${round}/${index}`))),
      );
      receipts.push(...(await Promise.all(appended)));
      await new Sealer({ ...deps, signers }).seal();
    }
    await exportLog({ log: log.log, worm: log.worm, trust }, await openFolderBlobs(exported));
    const files = readFolderBlobs(exported);
    server = createServer(async (request, response) => {
      const bytes = await files.get((request.url ?? '/').slice(1));
      response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }, 300_000);

  afterAll(() => {
    witness?.kill();
    server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('has every receipt of the load in its tree', async () => {
    const view = { log: log.log, table: log.table, trust: { ...log.trustAll, log_keys: vkeys } };
    const kept = await verifyLedger(
      { log: view.log, worm: log.worm, lanes: tableSource(log.table) },
      { ...log.trustAll, log_keys: vkeys },
      { now: log.time.now, receipts },
    );
    expect(receipts).toHaveLength(10_120);
    expect(kept).toMatchObject({ verdict: 'OK', entries: 10_122, tree_size: 10_122, findings: [] });
    const some = receipts.filter((_, index) => index % 500 === 0);
    const audits = await Promise.all(
      some.map((receipt) => auditReceipt(view, receipt, { clock: () => log.time.now })),
    );
    expect(audits.every(({ status }) => status === 'kept')).toBe(true);
  });

  it('is accepted by Tessera’s fsck, as a folder and over HTTP', async () => {
    const key = join(folder, 'vkey');
    writeFileSync(key, `${vkeys[1]}\n`);
    const { port } = server.address() as AddressInfo;
    for (const url of [`file://${exported}/`, `http://127.0.0.1:${port}/`]) {
      const { stderr } = await run(tools.fsck, [
        `--storage_url=${url}`,
        `--public_key=${key}`,
        '--ui=false',
        '-N',
        '2',
        '-logtostderr',
      ]);
      expect(stderr).not.toMatch(/^[EF]\d/m);
    }
  });

  it('is not accepted by fsck when one byte of one bundle is changed, and ours says MODIFIED', async () => {
    const files = await openFolderBlobs(exported);
    const name = 'tile/entries/003';
    const bytes = await files.get(name);
    if (bytes === undefined) throw new Error('no bundle');
    await files.put(
      name,
      bytes.map((byte, at) => (at === 500 ? byte ^ 1 : byte)),
    );
    const key = join(folder, 'vkey');
    // This version of fsck stalls on a bundle that does not fit, where it accepts a good log within a second.
    const options = [
      `--storage_url=file://${exported}/`,
      `--public_key=${key}`,
      '--ui=false',
      '-logtostderr',
    ];
    await expect(run(tools.fsck, options, { timeout: 8_000, killSignal: 'SIGKILL' })).rejects.toThrow();
    expect((await verifyStore(exported)).verdict).toBe('MODIFIED');
    await files.put(name, bytes);
    expect((await verifyStore(exported)).verdict).toBe('OK');
  });

  it('has checkpoints that sumdb’s note package opens, every one, under old and new key', async () => {
    const kept = readdirSync(join(exported, 'worm'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    expect(kept.length).toBe(20);
    const { stdout } = await run(tools.tlog, [
      'notes',
      vkeys.join(','),
      join(exported, 'checkpoint'),
      ...kept,
    ]);
    expect(stdout).toBe('21 notes open\n');
    await expect(run(tools.tlog, ['notes', vkeys[0] ?? '', join(exported, 'checkpoint')])).rejects.toThrow();
  });

  it('is cosigned by a C2SP witness that we did not write, and its cosignature verifies here', async () => {
    const published = parseNote(Buffer.from(log.log.files.get('checkpoint') ?? []).toString());
    if (published === undefined) throw new Error('no checkpoint');
    expect(cosignatures(published, [witnessVkey])).toEqual([
      { name: 'witness.test/other', time: expect.any(Number) },
    ]);
    expect(policyOf({ ...log.trustAll, witnesses: [witnessVkey] })).toContain(`witness w1 ${witnessVkey}\n`);
  });

  it('gives proofs that sumdb’s tlog package checks, and it refuses a changed one', async () => {
    const view = { log: log.log, table: log.table, trust: { ...log.trustAll, log_keys: vkeys } };
    for (const id of ['1.0', '1.2000', receipts.at(-1)?.id ?? '']) {
      const proof = await proveEntry(view, id);
      if (proof === undefined) throw new Error(`no proof of ${id}`);
      const file = join(folder, `${id}.tlog-proof`);
      writeFileSync(file, formatProof(proof));
      const { stdout } = await run(tools.tlog, ['proof', vkeys.join(','), file]);
      expect(stdout).toBe(`entry ${proof.index} of 10122\n`);
      writeFileSync(file, formatProof({ ...proof, index: proof.index + 1 }));
      await expect(run(tools.tlog, ['proof', vkeys.join(','), file])).rejects.toThrow();
    }
  });
});
