import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { isSub } from '../../src/identity/issuers.ts';
import { KEY_CACHE_MS, openPersonal, SubjectKeys, sealPersonal } from '../../src/ledger/people/personal.ts';
import { createPseudonym } from '../../src/ledger/people/pseudonym.ts';
import { FaultyTable } from '../support/faulty-table.ts';
import { seeded } from './support.ts';

function keys(table = openSqliteTable(':memory:', { erasing: true }), seed = 'keys') {
  const time = { now: 1_000_000 };
  return { time, subjects: new SubjectKeys({ table, clock: () => time.now, random: seeded(seed) }) };
}

describe('pseudonyms', () => {
  it('are HMAC-SHA-256 (RFC 4231, case 2)', () => {
    const name = createPseudonym(Buffer.from('Jefe'), 'home');
    expect(name({ issuer: 'home', sub: 'what do ya want for nothing?' })).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });

  it('are of the pair: no two issuers, and no two ways to write a pair, share one', () => {
    const name = createPseudonym(new Uint8Array(32), 'https://home.example.org');
    const issuers = ['https://home.example.org', 'https://a.example.org', 'https://a.example.org/x', 'urn:b'];
    const pairs = fc.record({
      issuer: fc.constantFrom(...issuers),
      sub: fc.string({ unit: 'grapheme' }).filter(isSub),
    });
    fc.assert(
      fc.property(pairs, pairs, (one, other) => {
        const same = one.issuer === other.issuer && one.sub === other.sub;
        expect(name(one) === name(other)).toBe(same);
        expect(name({ ...one, issuer: 'urn:elsewhere' })).not.toBe(name(one));
      }),
    );
  });
});

describe('subject keys', () => {
  it('cost one conditional put the first time and nothing while warm', async () => {
    const table = new FaultyTable(openSqliteTable(':memory:'));
    const subjects = new SubjectKeys({ table, clock: () => 0, random: seeded('x') });
    const first = await subjects.forSealing('s');
    expect(table.trips).toMatchObject({ put: 1, query: 1 });
    table.forget();
    expect(await subjects.forSealing('s')).toBe(first);
    expect(table.calls).toEqual([]);
  });

  it('are the same for two processes that make them at once', async () => {
    const table = openSqliteTable(':memory:');
    const [left, right] = [keys(table, 'left'), keys(table, 'right')];
    const [a, b] = await Promise.all([left.subjects.forSealing('s'), right.subjects.forSealing('s')]);
    expect(a).toEqual(b);
  });

  it('open what they sealed, and neither a changed box nor one of another subject', async () => {
    const { subjects } = keys();
    const key = await subjects.forSealing('s');
    const sealed = sealPersonal({ name: 'Jake' }, key, seeded('nonce'));
    expect(await subjects.open(sealed)).toEqual({ ok: true, personal: { name: 'Jake' } });
    const box = Buffer.from(sealed.box, 'base64');
    box[0] = (box[0] ?? 0) ^ 1;
    expect(await subjects.open({ ...sealed, box: box.toString('base64') })).toEqual({
      ok: false,
      reason: 'unreadable',
    });
    expect(await subjects.open({ ...sealed, box: '' })).toEqual({ ok: false, reason: 'unreadable' });
    const other = await subjects.forSealing('other');
    expect(await subjects.open({ ...sealed, key: other.name })).toEqual({ ok: false, reason: 'unreadable' });
    expect(openPersonal({ ...sealed, key: 'renamed.1' }, key.key)).toBeUndefined();
  });

  it('are gone after an erasure, at once here and within five seconds in a warm process', async () => {
    const table = openSqliteTable(':memory:', { erasing: true });
    const [here, warm] = [keys(table), keys(table, 'warm')];
    const sealed = sealPersonal({ name: 'Jake' }, await here.subjects.forSealing('s'), seeded('nonce'));
    const old = await warm.subjects.forSealing('s');
    expect(await here.subjects.erase('s')).toEqual(['s.1000000']);
    expect(await here.subjects.open(sealed)).toEqual({ ok: false, reason: 'erased' });
    warm.time.now += KEY_CACHE_MS - 1;
    expect(await warm.subjects.forSealing('s')).toBe(old);
    warm.time.now += 1;
    expect((await warm.subjects.forSealing('s')).name).toBe(`s.${warm.time.now}`);
    expect(await here.subjects.open(sealed)).toEqual({ ok: false, reason: 'erased' });
  });

  it('can be erased again after a failure of either kind', async () => {
    for (const fault of ['before', 'after'] as const) {
      const table = new FaultyTable(openSqliteTable(':memory:', { erasing: true }));
      const subjects = new SubjectKeys({ table, clock: () => 0, random: seeded('x') });
      await subjects.forSealing('s');
      table.fail('put', fault);
      await expect(subjects.erase('s')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
      expect(await subjects.erase('s')).toEqual(['s.1']);
      expect((await table.get('SUBJECT#s', '000001'))?.k).toBeUndefined();
    }
  });

  it('are forgotten oldest first when very many subjects are warm', async () => {
    const { subjects } = keys();
    const first = await subjects.forSealing('0');
    for (let index = 1; index <= 10_000; index += 1) await subjects.forSealing(`${index}`);
    const again = await subjects.forSealing('0');
    expect(again).not.toBe(first);
    expect(again).toEqual(first);
  }, 30_000);
});
