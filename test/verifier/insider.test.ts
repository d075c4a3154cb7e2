/**
 * Whoever has a lane's key can sign what no writer makes, and a sealer that is theirs can put it into the tree. Both verifiers of an
 * export come to one verdict on it, and neither breaks down.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalBytes } from '../../src/basics/canonical.ts';
import { hex, linkHash, recordHash, type Signed } from '../../src/ledger/bytes.ts';
import { verifyLedger } from '../../src/ledger/check/verify-log.ts';
import { joinEntry } from '../../src/ledger/entry.ts';
import { signCheckpoint } from '../../src/ledger/tree/checkpoint.ts';
import { leafHash } from '../../src/ledger/tree/merkle.ts';
import { bundlePath, encodeBundle, joinHashes, tilePath } from '../../src/ledger/tree/tiles.ts';
import { memoryBlobs } from '../ledger/blobs.ts';
import { testLog } from '../ledger/log-support.ts';
import { ORIGIN, seeded, TRACE } from '../ledger/support.ts';
import { hasPython } from './python.ts';
import { bodyHash, rootOf, signBy, signRun } from './run-signatures.ts';
import { lookAlikes, writerWithSeed } from './run-vectors.ts';

const execute = promisify(execFile);
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const lane = await writerWithSeed('insider');
const stranger = await writerWithSeed('stranger');
const log = testLog();
const TIME = '2026-11-21T08:00:00.000Z';

/** The record behind the lane's first, and what is wanted else of it. */
const record = (more: object = {}): object => ({
  v: 1,
  lane: 1,
  seq: 1,
  prev: hex(recordHash(lane.first)),
  type: 'admin.access',
  time: TIME,
  trace: TRACE,
  data: {},
  ...more,
});
const alone = (b: Uint8Array, seed = lane.seed): Signed => ({ b, s: signBy(seed, b) });
const together = (bodies: readonly Uint8Array[], seed = lane.seed): Signed[] =>
  signRun(seed, bodies).map((s, at) => ({ b: bodies[at] ?? new Uint8Array(), s }));
const made = (more: object) => alone(canonicalBytes(record(more)));
/** Text where JSON has another way to say the same, or what is no JSON. */
const text = (from: string, to: string, v: 1 | 2 = 1): Signed[] => {
  const b = utf8(
    Buffer.from(canonicalBytes(record({ v })))
      .toString()
      .replace(from, to),
  );
  return [alone(b), ...together([b])];
};
/** A run whose records say what is given. */
const run = (...more: readonly object[]): Signed[] => {
  let prev = hex(recordHash(lane.first));
  const bodies = more.map((each, at) => {
    const b = canonicalBytes(record({ v: 2, seq: at + 1, prev, ...each }));
    prev = hex(bodyHash(b));
    return b;
  });
  return together(bodies);
};
const authority = seeded('authority')(32);
const tombstone = { type: 'ledger.lane_closed', data: { reason: 'tombstone' } };
const opened = (data: object) =>
  alone(canonicalBytes(record({ seq: 0, prev: '0'.repeat(64), type: 'ledger.lane_opened', data })));
const certificate = JSON.parse(Buffer.from(lane.first.b).toString()).data;

/** Behind the lane's first record; where `first` is, in its place. */
interface Made {
  readonly first?: Signed;
  readonly behind: readonly Signed[];
  readonly ok?: true;
}
const MADE: Record<string, Made> = {
  'a record that was signed alone': { behind: [made({})], ok: true },
  'a run of one': { behind: run({}), ok: true },
  'a run of five': { behind: run({}, {}, {}, {}, {}), ok: true },
  'a run that was cut off at its end': { behind: run({}, {}, {}).slice(0, 2), ok: true },
  'a lane that ends within a run': { behind: run({}, { type: 'ledger.lane_closed' }), ok: true },
  'a tombstone': { behind: [alone(canonicalBytes(record(tombstone)), authority)], ok: true },
  'a tombstone that the lane signed': { behind: [made(tombstone)] },
  'a tombstone that the authority signed as a run': {
    behind: together([canonicalBytes(record({ v: 2, ...tombstone }))], authority),
  },
  'a lane that calls its own end one, in a run': { behind: run({}, tombstone), ok: true },
  'a run that goes on behind the end of its lane': { behind: run({}, { type: 'ledger.lane_closed' }, {}) },
  'a run without its first record': { behind: run({}, {}, {}).slice(1) },
  'a run in another order': { behind: run({}, {}).reverse() },
  'a record of a run twice': { behind: [...run({}, {}), ...run({}, {}).slice(1)] },
  'a run whose records name each other by record hashes': {
    behind: run({}, { prev: hex(recordHash(run({}, {})[0] ?? lane.first)) }),
  },
  'a record that follows a run by its record hash': {
    behind: [...run({}), made({ seq: 2, prev: hex(recordHash(run({})[0] ?? lane.first)) })],
  },
  'a record that follows a run by its link hash': {
    behind: [...run({}), made({ seq: 2, prev: hex(linkHash(run({})[0] ?? lane.first)) })],
    ok: true,
  },
  'a record that follows one that was signed alone by the hash of its bytes': {
    behind: [made({}), made({ seq: 2, prev: hex(bodyHash(made({}).b)) })],
  },
  'times that go back within a run': { behind: run({}, { time: '2026-11-21T07:59:00.000Z' }) },
  'a time that is a number': { behind: [made({ time: 5 })] },
  'a place that is a text': { behind: [made({ seq: '1' })] },
  'a place between two': { behind: [made({ seq: 1.5 })] },
  'a lane that is a list': { behind: [made({ lane: [1] })] },
  'data that is a list': { behind: [made({ data: [] })] },
  'no data': { behind: [made({ data: undefined })] },
  'an end with a reason that is a number': {
    behind: [made({ type: 'ledger.lane_closed', data: { reason: 5 } })],
    ok: true,
  },
  'another certificate, later in the lane': {
    behind: [made({ type: 'ledger.lane_opened', data: certificate })],
    ok: true,
  },
  'version 3': { behind: [made({ v: 3 })] },
  'a version that is true': { behind: [made({ v: true })] },
  'no version': { behind: [made({ v: undefined })] },
  'a version with a fraction': { behind: text('"v":1}', '"v":1.0}') },
  'version 2 with a fraction': { behind: text('"v":2}', '"v":2.0}', 2) },
  'version 2 with a space behind it': { behind: text('"v":2}', '"v":2 }', 2) },
  'version 2 that is not the last member': { behind: text('"v":2}', '"v":2,"w":1}', 2) },
  'both versions, 2 the first and 1 the last': { behind: text('{', '{"v":2,').slice(0, 1), ok: true },
  'both versions, 2 the last': { behind: text('"v":1}', '"v":1,"v":2}') },
  'both versions, 1 the last, together with a run': { behind: text('"v":1}', '"v":2,"v":1}') },
  'a member that only ends as version 2 does': { behind: text('"v":1}', '"v":1,"x\\"v":2}') },
  'a member that only ends as version 2 does, of version 2': { behind: text('"v":1}', '"v":2,"x\\"v":2}') },
  'a number that is none': { behind: text('"data":{}', '"data":{"n":NaN}') },
  'bytes that are no UTF-8': {
    behind: [
      alone(
        Buffer.from(
          Buffer.from(canonicalBytes(record({ data: { n: '?' } })))
            .toString('latin1')
            .replace('?', '\xff'),
          'latin1',
        ),
      ),
    ],
  },
  'UTF-16': { behind: [alone(Buffer.from(Buffer.from(canonicalBytes(record())).toString(), 'utf16le'))] },
  'what is no record between others of its run': {
    behind: run({}, {}, {}).map((signed, at) => (at === 1 ? alone(utf8('[1]')) : signed)),
  },
  'what is no record in the place of the last of a run': {
    behind: [...run({}, {}).slice(0, 1), alone(utf8('[1]'))],
  },
  'a list': { behind: [alone(utf8('[1]'))] },
  nothing: { behind: [{ b: new Uint8Array(), s: new Uint8Array() }] },
  'a byte': { behind: [{ b: new Uint8Array(), s: Uint8Array.of(0x80) }] },
  'a signature without a record': { behind: [alone(new Uint8Array())] },
  'the place of a run without a record': { behind: together([new Uint8Array()]) },
  'the end of a record of a run, and no more': { behind: together([utf8('"v":2}')]) },
  'the root of a run, signed as a record': { behind: [alone(rootOf([bodyHash(lane.first.b)]))] },
  'a certificate that is a number': { first: opened({ ...certificate, certificate: 5 }), behind: [made({})] },
  'a certificate that is no JSON': {
    first: opened({ ...certificate, certificate: '{' }),
    behind: [made({})],
  },
  'a certificate that is a list': {
    first: opened({ ...certificate, certificate: '[]' }),
    behind: [made({})],
  },
  'a certificate with half a character': {
    first: opened({ ...certificate, certificate: '\u{1f512}'.slice(0, 2) }),
    behind: [],
  },
  'no signature of the authority': { first: opened({ certificate: certificate.certificate }), behind: [] },
  'a signature of the authority that is a list': {
    first: opened({ ...certificate, authority_signature: [] }),
    behind: [],
  },
  'an empty signature of the authority': {
    first: opened({ ...certificate, authority_signature: '' }),
    behind: [],
  },
  'a signature of the authority with a line break in it': {
    first: opened({
      ...certificate,
      authority_signature: certificate.authority_signature.replace(/.{40}/, '$&\n'),
    }),
    behind: [made({})],
  },
  'a signature of the authority without padding': {
    first: opened({
      ...certificate,
      authority_signature: certificate.authority_signature.replaceAll('=', ''),
    }),
    behind: [made({})],
  },
  'a signature of the authority that ends in bits of nothing': {
    first: opened({
      ...certificate,
      authority_signature: certificate.authority_signature.replace(/[AQgw]==$/, (end: string) =>
        end.replace(/^[AQgw]/, (last) => ({ A: 'B', Q: 'R', g: 'h', w: 'x' })[last] ?? last),
      ),
    }),
    behind: [made({})],
  },
  'no first record': { first: made({}), behind: [] },
  'a first record that was signed as a run': {
    first:
      together([canonicalBytes({ ...JSON.parse(Buffer.from(lane.first.b).toString()), v: 2 })])[0] ??
      lane.first,
    behind: [],
    ok: true,
  },
  ...Object.fromEntries(
    Object.entries(lookAlikes(lane, stranger.seed)).map(([what, signed]) => [
      `a look-alike: ${what}`,
      { behind: [signed] },
    ]),
  ),
};

const CASES = Object.entries(MADE).map(([what, each]) => ({ what, ...each }));

/** One process for all folders. @returns the verdict of each, or why the verifier broke down */
const ALL = `
import json, sys, traceback
sys.path.insert(0, sys.argv[1])
import verify
def verdict(folder):
    try:
        return verify.verify_export(folder)["verdict"]
    except BaseException:
        return traceback.format_exc()
print(json.dumps([verdict(folder) for folder in sys.argv[2:]]))
`;

describe.runIf(hasPython)('both verifiers say one thing of', () => {
  let root = '';
  let theirs: readonly string[] = [];
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'chancery-insider-'));
    const folders = await Promise.all(
      CASES.map(async (each, at) => {
        const folder = join(root, String(at));
        for (const [path, bytes] of await exported(each)) {
          await mkdir(dirname(join(folder, path)), { recursive: true });
          await writeFile(join(folder, path), bytes);
        }
        return folder;
      }),
    );
    const { stdout } = await execute('python3', ['-c', ALL, import.meta.dirname, ...folders]);
    theirs = JSON.parse(stdout);
  });
  afterAll(() => rm(root, { recursive: true }));

  it.each(CASES)('$what', async (each) => {
    const files = new Map(await exported(each));
    const ours = await verifyLedger({ log: memoryBlobs(files) }, log.trustAll, { now: Date.parse(TIME) });
    expect(theirs[CASES.indexOf(each)], JSON.stringify(ours.findings)).toBe(ours.verdict);
    expect(ours.verdict === 'OK').toBe(each.ok === true);
  });
});

/** A log of one lane, signed with the checkpoint key. */
async function exported({
  first = lane.first,
  behind,
}: Made): Promise<readonly (readonly [string, Uint8Array])[]> {
  const entries = [first, ...behind].map(joinEntry);
  const leaves = entries.map(leafHash);
  const head = { origin: ORIGIN, size: leaves.length, root: rootOf(leaves) };
  return [
    ['checkpoint', utf8(await signCheckpoint(head, [log.checkpointKey]))],
    [bundlePath(0, entries.length), encodeBundle(entries)],
    [tilePath(0, 0, entries.length), joinHashes(leaves)],
    ['trust.json', utf8(JSON.stringify(log.trustAll))],
  ];
}
