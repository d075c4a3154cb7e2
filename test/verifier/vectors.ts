/** The golden vectors, made from fixed seeds: `vectors.json` is what this gives, and a test holds them together. */
import { base64, hex, laneKey, parseRecord, recordHash, signedOf } from '../../src/ledger/bytes.ts';
import { certificateOf, checkCertificate } from '../../src/ledger/lane/certificate.ts';
import { SubjectKeys } from '../../src/ledger/people/personal.ts';
import { consistencyProof, inclusionProof, leafHash, rangeRoot } from '../../src/ledger/tree/merkle.ts';
import { tileNodes } from '../../src/ledger/tree/tiles.ts';
import { entriesOf, testLog } from '../ledger/log-support.ts';
import { authoritySigner, itemsOf, note } from '../ledger/support.ts';
import { person } from '../support/person.ts';
import { runVectors } from './run-vectors.ts';

export async function makeVectors() {
  const log = testLog({ seed: 'golden' });
  // Generations of keys count from one at the beginning of time.
  const subjects = new SubjectKeys({ table: log.keys, clock: () => 0, random: log.deps.random });
  const [lane, stranger] = [
    await log.lane({ subjects }),
    await log.lane({ authority: authoritySigner('stranger') }),
  ];
  const texts = ['plain', 'Ünïcode ✓ \u{1f512}', 'tab\tquote"back\\slash\u0007', '', 'a'.repeat(2_000)];
  for (const text of texts)
    await lane.append(
      note(text, {
        who: person('jake'),
        personal: { name: 'Jake' },
        data: { text, '\u20ac': 1, '\r': 2, n: -7, deep: [true, null, { b: 1, a: [] }] },
      }),
    );
  await stranger.append(note('certified by nobody'));
  const sealer = log.sealer();
  await sealer.seal();
  for (let index = 0; index < 270; index += 1) await lane.append(note(`${index}`));
  log.time.now += 2_500;
  await sealer.seal();

  const items = [...(await itemsOf(log.table, laneKey(1))).slice(0, 8)];
  const first = recordsOf(items)[0];
  const key = JSON.parse(String(first?.record.data.certificate)).public_key;
  const size = sealer.size;
  const entries = entriesOf(log.log, size);
  const leaves = entries.map((entry) => hex(leafHash(entry)));
  const nodes = tileNodes(log.log, size);
  const root = hex(await rangeRoot(nodes, 0, size));
  return {
    trust: log.trustAll,
    records: recordsOf(items).map(({ record, b, s }) => ({
      record,
      bytes: hex(b),
      signature: base64(s),
      hash: hex(recordHash({ b, s })),
      key,
    })),
    runs: await runVectors(),
    certificates: await Promise.all(
      [1, 2].map(async (number) => {
        const [item] = recordsOf(await itemsOf(log.table, laneKey(number)));
        const signed = item === undefined ? undefined : certificateOf(item.record);
        if (signed === undefined) throw new Error('no certificate');
        const check = checkCertificate(signed, number, log.trustAll.authorities, log.trustAll.origin);
        return {
          lane: number,
          text: Buffer.from(signed.b).toString(),
          signature: base64(signed.s),
          key: check.ok ? check.certificate.public_key : null,
        };
      }),
    ),
    roots: await Promise.all(
      [1, 2, 3, 5, 8, 255, 256, 257, size].map(async (to) => ({
        leaves: leaves.slice(0, to),
        root: hex(await rangeRoot(nodes, 0, to)),
      })),
    ),
    checkpoints: [...log.worm.files.values()].map((bytes) => {
      const text = Buffer.from(bytes).toString();
      const seconds = Math.floor(
        (Number(text.split('\n')[1]) === size ? log.time.now : log.time.now - 2_500) / 1_000,
      );
      return {
        note: text,
        size: Number(text.split('\n')[1]),
        before: Number(text.split('\n')[1]) === size ? 6 : 0,
        signed: [log.trustAll.origin],
        cosigned: [[`${log.trustAll.origin}/witness`, seconds]],
      };
    }),
    inclusions: await Promise.all(
      [0, 1, 100, 255, 256, size - 1].flatMap((index) =>
        [true, false].map(async (holds) => ({
          index,
          size,
          leaf: leaves[holds ? index : (index + 1) % size],
          path: (await inclusionProof(nodes, index, size)).map(hex),
          root,
          holds,
        })),
      ),
    ),
    consistencies: await Promise.all(
      [1, 2, 7, 128, 255, 256, 257, size].flatMap((old) =>
        [true, false].map(async (holds) => ({
          old,
          size,
          old_root: holds ? hex(await rangeRoot(nodes, 0, old)) : leaves[0 + (old === 1 ? 1 : 0)],
          path: (await consistencyProof(nodes, old, size)).map(hex),
          root,
          holds,
        })),
      ),
    ),
  };
}

function recordsOf(items: Awaited<ReturnType<typeof itemsOf>>) {
  return items.flatMap((item) => {
    const signed = signedOf(item);
    const record = signed === undefined ? undefined : parseRecord(signed.b);
    return signed === undefined || record === undefined ? [] : [{ record, ...signed }];
  });
}
