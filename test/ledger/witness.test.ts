import { describe, expect, it } from 'vitest';
import { httpWitness } from '../../adapters/witness-http.ts';
import { signCheckpoint } from '../../src/ledger/tree/checkpoint.ts';
import { consistencyProof, Edge, leafHash, rangeRoot } from '../../src/ledger/tree/merkle.ts';
import {
  formatVkey,
  KEY_TYPE,
  parseNote,
  parseVkey,
  signNote,
  verifyNote,
} from '../../src/ledger/tree/note.ts';
import { cosignatures } from '../../src/ledger/tree/witness.ts';
import { testLog } from './log-support.ts';
import { authoritySigner, ORIGIN } from './support.ts';

const leaves = Array.from({ length: 20 }, (_, index) => leafHash(Uint8Array.of(index)));
const nodes = async (level: number, index: number): Promise<Uint8Array> => {
  const edge = new Edge();
  for (const leaf of leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)) edge.append(leaf);
  return edge.root();
};
const checkpoint = async (size: number, signer = authoritySigner('checkpoint'), origin = ORIGIN) =>
  signCheckpoint({ origin, size, root: await rangeRoot(nodes, 0, size) }, [signer]);

describe('our witness', () => {
  it('cosigns what extends the last one, with the time, and says where it is otherwise', async () => {
    const log = testLog();
    expect(await log.witness.add(0, [], await checkpoint(5))).toMatchObject({ ok: true });
    expect(await log.witness.add(3, [], await checkpoint(8))).toEqual({
      ok: false,
      reason: 'conflict',
      size: 5,
    });
    const text = await checkpoint(8);
    const answer = await log.witness.add(5, await consistencyProof(nodes, 5, 8), text);
    const signed = parseNote(text + (answer.ok ? answer.line : ''));
    expect(signed && cosignatures(signed, log.trustAll.witnesses)).toEqual([
      { name: `${ORIGIN}/witness`, time: Math.floor(log.time.now / 1_000) },
    ]);
  });

  it('refuses a proof that does not hold, a foreign key, another log, and what is no checkpoint', async () => {
    const log = testLog();
    await log.witness.add(0, [], await checkpoint(5));
    const reasonOf = async (old: number, text: string) => {
      const answer = await log.witness.add(old, [], text);
      return answer.ok ? 'ok' : answer.reason;
    };
    expect(await reasonOf(5, await checkpoint(8))).toBe('inconsistent');
    expect(await reasonOf(5, await checkpoint(8, authoritySigner('stranger')))).toBe('forbidden');
    expect(await reasonOf(0, await checkpoint(8, undefined, 'other.example'))).toBe('forbidden');
    expect(await reasonOf(0, 'nonsense')).toBe('forbidden');
    expect((await log.witness.newest?.())?.size).toBe(5);
  });

  it('cannot be rolled back by two requests at once', async () => {
    const log = testLog();
    await log.witness.add(0, [], await checkpoint(5));
    const proofs = await Promise.all([8, 12].map((size) => consistencyProof(nodes, 5, size)));
    const texts = await Promise.all([checkpoint(8), checkpoint(12)]);
    const answers = await Promise.all(
      texts.map((text, index) => log.witness.add(5, proofs[index] ?? [], text)),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(answers.find(({ ok }) => !ok)).toMatchObject({ reason: 'conflict' });
  });
});

describe('a witness over HTTP', () => {
  it('is asked as the specification says, and its answers are told apart', async () => {
    const asked: string[] = [];
    const answering = (status: number, body: string) =>
      httpWitness({
        name: 'other',
        url: 'http://127.0.0.1:1/',
        fetch: async (url, init) => {
          asked.push(`${String(url)} ${String(init?.body)}`);
          return new Response(body, { status });
        },
      });
    const hash = leafHash(new Uint8Array(0));
    expect(await answering(200, '— line\n').add(3, [hash], 'note')).toEqual({ ok: true, line: '— line\n' });
    expect(asked).toEqual([
      `http://127.0.0.1:1/add-checkpoint old 3\n${Buffer.from(hash).toString('base64')}\n\nnote`,
    ]);
    expect(await answering(409, '7\n').add(3, [], '')).toEqual({ ok: false, reason: 'conflict', size: 7 });
    expect(await answering(422, 'no').add(3, [], '')).toMatchObject({ ok: false, reason: 'inconsistent' });
    expect(await answering(403, 'no').add(3, [], '')).toMatchObject({ ok: false, reason: 'forbidden' });
    await expect(answering(500, '').add(3, [], '')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    const gone = httpWitness({
      name: 'gone',
      url: 'http://127.0.0.1:1',
      fetch: () => Promise.reject(new Error('gone')),
    });
    await expect(gone.add(0, [], '')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
});

describe('signed notes', () => {
  /** The example of golang.org/x/mod/sumdb/note's documentation. */
  const PETER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
  const EXAMPLE =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n" +
    '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';

  it('open as those of the Go package do', () => {
    const key = parseVkey(PETER);
    const parsed = parseNote(EXAMPLE);
    if (key === undefined || parsed === undefined) throw new Error('not parsed');
    expect(verifyNote(parsed, [key])).toEqual([key]);
    const changed = parseNote(EXAMPLE.replace('answer', 'Answer'));
    expect(changed && verifyNote(changed, [key])).toBeUndefined();
  });

  it('carry signatures of unknown keys, and bad ones of known keys make them bad', async () => {
    const [one, two] = [authoritySigner('one'), authoritySigner('two')];
    const vkey = parseVkey(formatVkey('log', KEY_TYPE.log, one.publicKey));
    const parsed = parseNote(await signNote('text\n', 'log', [one, two]));
    expect(vkey && parsed && verifyNote(parsed, [vkey])?.length).toBe(1);
  });

  it('are refused when they are none', () => {
    for (const text of [
      '',
      'text\n',
      'text\n\nno dash\n',
      'te\u0000xt\n\n— a AAAAAAA=\n',
      'text\n\n— a AAAA\n',
      EXAMPLE.slice(0, -1),
    ]) {
      expect(parseNote(text)).toBeUndefined();
    }
    for (const vkey of [
      '',
      'a+b',
      PETER.replace('c74f20a3', 'c74f20a4'),
      PETER.replace('ARpc', 'CRpc'),
      'x+00000000+AQ==',
    ]) {
      expect(parseVkey(vkey)).toBeUndefined();
    }
  });
});
