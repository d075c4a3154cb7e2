/** What every `Table` must do. Run by each adapter's test, over whatever `open` opens. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countInto } from '../../src/basics/slots.ts';
import type { Item, Range, Table, Value } from '../../src/ports.ts';

export interface Opened {
  readonly table: Table;
  readonly close: () => Promise<void> | void;
}

/** `runs`: how many examples a property gets; fewer for stores behind a socket. */
export function tableContract(name: string, open: () => Promise<Opened>, runs = 100): void {
  describe(`the table contract on ${name}`, () => {
    let table: Table;
    let close: Opened['close'];
    let partitions = 0;
    const fresh = () => `P#${++partitions}`;

    beforeAll(async () => {
      ({ table, close } = await open());
    }, 120_000);
    afterAll(async () => close?.(), 60_000);

    describe('put and get', () => {
      test('what was never stored is undefined', async () => {
        expect(await table.get(fresh(), 'none')).toBeUndefined();
      });

      test('an item comes back as it was stored, bytes exact, nested values and all', async () => {
        const item: Item = {
          pk: fresh(),
          sk: 'a',
          b: Uint8Array.from({ length: 256 }, (_, byte) => byte),
          s: new Uint8Array(64).fill(255),
          text: 'naïve \u{1f512} \u0000 "quoted"',
          empty: '',
          list: [1, 'two', null, [true, false], { deep: new Uint8Array([0]) }],
          map: { $: 'not bytes', $$: 'nor this', nested: { $: 'x' } },
          none: null,
          bytes: new Uint8Array(0),
          numbers: [
            0,
            -1,
            0.1,
            1e21,
            Number.MAX_SAFE_INTEGER,
            Number.MIN_SAFE_INTEGER,
            1.7976931348623157e100,
          ],
        };
        expect(await table.put(item, 'absent')).toEqual({ stored: true });
        expect(plain(await table.get(item.pk, 'a'))).toEqual(plain(item));
      });

      test('a member that is undefined is absent', async () => {
        const pk = fresh();
        const given: { here: number; gone?: number } = { here: 1, gone: undefined };
        await table.put({ pk, sk: 'a', map: given }, 'absent');
        expect(await table.get(pk, 'a')).toStrictEqual({ pk, sk: 'a', map: { here: 1 } });
      });

      test('any attributes survive the way there and back', async () => {
        const pk = fresh();
        let sk = 0;
        await fc.assert(
          fc.asyncProperty(attributes(), async (more) => {
            const item: Item = { ...more, pk, sk: `${++sk}` };
            await table.put(item, 'absent');
            expect(plain(await table.get(pk, item.sk))).toEqual(plain(item));
          }),
          { numRuns: runs },
        );
      });

      test('`absent` refuses whatever is there, and leaves it', async () => {
        const pk = fresh();
        expect(await table.put({ pk, sk: 'a', n: 1 }, 'absent')).toEqual({ stored: true });
        expect(await table.put({ pk, sk: 'a', n: 1 }, 'absent')).toEqual({ stored: false });
        expect(await table.put({ pk, sk: 'a', n: 2 }, 'absent')).toEqual({ stored: false });
        expect(await table.get(pk, 'a')).toEqual({ pk, sk: 'a', n: 1 });
      });

      test('`absent-or-identical` accepts the same bytes again and refuses others', async () => {
        const item = record(fresh(), 0);
        expect(await table.put(item, 'absent-or-identical')).toEqual({ stored: true });
        expect(await table.put(item, 'absent-or-identical')).toEqual({ stored: true });
        const otherBody = { ...item, b: new Uint8Array([9]) };
        expect(await table.put(otherBody, 'absent-or-identical')).toEqual({ stored: false });
        const otherSignature = { ...item, s: new Uint8Array([9]) };
        expect(await table.put(otherSignature, 'absent-or-identical')).toEqual({ stored: false });
        expect(await table.get(item.pk, item.sk)).toEqual(item);
      });

      test('`absent-or-identical` refuses an item without signed bytes, and one that is stored without', async () => {
        const pk = fresh();
        await expect(table.put({ pk, sk: 'a', n: 1 }, 'absent-or-identical')).rejects.toThrow(TypeError);
        await table.put({ pk, sk: '0000000000', n: 1 }, 'absent');
        expect(await table.put(record(pk, 0), 'absent-or-identical')).toEqual({ stored: false });
      });

      test('`version` replaces only that version, and never creates', async () => {
        const pk = fresh();
        expect(await table.put({ pk, sk: 'a', version: 2 }, { version: 1 })).toEqual({ stored: false });
        expect(await table.get(pk, 'a')).toBeUndefined();
        await table.put({ pk, sk: 'a', version: 1, old: true }, 'absent');
        expect(await table.put({ pk, sk: 'a', version: 2 }, { version: 1 })).toEqual({ stored: true });
        expect(await table.put({ pk, sk: 'a', version: 2 }, { version: 1 })).toEqual({ stored: false });
        expect(await table.get(pk, 'a')).toEqual({ pk, sk: 'a', version: 2 });
      });

      test('one of many that race for one key wins', async () => {
        const pk = fresh();
        const results = await Promise.all(
          Array.from({ length: 40 }, (_, n) => table.put({ pk, sk: 'a', n }, 'absent')),
        );
        const winners = results.flatMap(({ stored }, n) => (stored ? [n] : []));
        expect(winners).toHaveLength(1);
        expect(await table.get(pk, 'a')).toEqual({ pk, sk: 'a', n: winners[0] });
      });

      test('counting up by version loses no step under a race', async () => {
        const pk = fresh();
        await table.put({ pk, sk: 'a', version: 0 }, 'absent');
        const bump = async (): Promise<void> => {
          const version = Number((await table.get(pk, 'a'))?.version);
          const { stored } = await table.put({ pk, sk: 'a', version: version + 1 }, { version });
          if (!stored) await bump();
        };
        await Promise.all(Array.from({ length: 12 }, bump));
        expect((await table.get(pk, 'a'))?.version).toBe(12);
      });

      test('an attribute that could pass for a prototype is refused, however deep', async () => {
        const trap = JSON.parse('{"a": [{"__proto__": {"admin": true}}]}');
        await expect(table.put({ pk: fresh(), sk: 'a', trap }, 'absent')).rejects.toThrow(TypeError);
      });

      test('an empty key, a number that is none and an item over 400 KB are refused', async () => {
        const pk = fresh();
        await expect(table.put({ pk: '', sk: 'a' }, 'absent')).rejects.toThrow();
        await expect(table.put({ pk, sk: '' }, 'absent')).rejects.toThrow();
        await expect(table.put({ pk, sk: 'a', n: Number.NaN }, 'absent')).rejects.toThrow();
        await expect(table.put({ pk, sk: 'a', t: 'x'.repeat(420_000) }, 'absent')).rejects.toThrow();
        expect((await table.query(pk)).items).toEqual([]);
        expect(await table.put({ pk, sk: 'a', t: 'x'.repeat(400_000) }, 'absent')).toEqual({ stored: true });
      });
    });

    describe('putRun', () => {
      test('stores a run in order, and the same run again', async () => {
        const pk = fresh();
        const run = records(pk, 0, 40);
        expect(await table.putRun(run)).toEqual({ stored: true });
        expect(await table.putRun(run)).toEqual({ stored: true });
        expect(await all(table, pk)).toEqual(run);
      });

      test('completes a run of which a prefix is stored', async () => {
        const pk = fresh();
        const run = records(pk, 0, 5);
        await table.putRun(run.slice(0, 2));
        expect(await table.putRun(run)).toEqual({ stored: true });
        expect(await all(table, pk)).toEqual(run);
      });

      test('stops at an item that is taken: what is before it is stored, nothing after', async () => {
        const pk = fresh();
        const taken = { ...record(pk, 2), b: new Uint8Array([1]) };
        await table.put(taken, 'absent');
        const run = records(pk, 0, 5);
        expect(await table.putRun(run)).toEqual({ stored: false });
        expect(await all(table, pk)).toEqual([run[0], run[1], taken]);
      });

      test('refuses a run over two partitions before it stores any of it', async () => {
        const pk = fresh();
        await expect(table.putRun([record(pk, 0), record(fresh(), 1)])).rejects.toThrow(TypeError);
        expect(await all(table, pk)).toEqual([]);
      });

      test('an empty run is stored', async () => {
        expect(await table.putRun([])).toEqual({ stored: true });
      });

      test('of two writers with different runs for one place, exactly one has all of its own', async () => {
        const pk = fresh();
        const mine = records(pk, 0, 8);
        const theirs = mine.map((item) => ({ ...item, s: new Uint8Array(64).fill(2) }));
        const stored = await Promise.all([table.putRun(mine), table.putRun(theirs)]);
        expect(stored.filter((result) => result.stored)).toHaveLength(1);
        expect(await all(table, pk)).toEqual(stored[0].stored ? mine : theirs);
      });
    });

    describe('query', () => {
      test('orders by the bytes of the sort key in UTF-8', async () => {
        const pk = fresh();
        // In UTF-16 the emoji (surrogates) would come before the last one.
        const ordered = ['A', 'Z', 'a', 'a#1', 'ab', 'é', '\uff5e', '\u{1f512}'];
        for (const sk of ordered.toReversed()) await table.put({ pk, sk }, 'absent');
        expect((await all(table, pk)).map(({ sk }) => sk)).toEqual(ordered);
        expect((await all(table, pk, { reverse: true })).map(({ sk }) => sk)).toEqual(ordered.toReversed());
      });

      test('any range, direction and page size gives what sorting and slicing gives', async () => {
        const pk = fresh();
        await table.putRun(records(pk, 10, 20));
        const keys = Array.from({ length: 20 }, (_, index) => record(pk, 10 + index).sk);
        const bound = fc.option(
          fc.integer({ min: 8, max: 32 }).map((seq) => record(pk, seq).sk),
          { nil: undefined },
        );
        await fc.assert(
          fc.asyncProperty(
            bound,
            bound,
            fc.boolean(),
            fc.integer({ min: 1, max: 25 }),
            async (from, to, reverse, limit) => {
              const range = { reverse, limit, ...(from && { from }), ...(to && { to }) };
              const expected = keys.filter((key) => (!from || key >= from) && (!to || key <= to));
              const found = (await all(table, pk, range)).map(({ sk }) => sk);
              expect(found).toEqual(reverse ? expected.toReversed() : expected);
            },
          ),
          { numRuns: runs },
        );
      });

      test('never gives more than the limit, and nothing of another partition', async () => {
        const pk = fresh();
        await table.putRun(records(pk, 0, 3));
        await table.putRun(records(`${pk}x`, 0, 3));
        const page = await table.query(pk, { limit: 2 });
        expect(page.items).toEqual(records(pk, 0, 2));
        expect(page.next).toBeDefined();
        expect(await all(table, pk)).toHaveLength(3);
      });

      test('a cursor outside the range gives the whole range or nothing, never an error', async () => {
        const pk = fresh();
        await table.putRun(records(pk, 0, 9));
        const cursor = (await table.query(pk, { limit: 5 })).next;
        const at = (seq: number) => record(pk, seq).sk;
        const after = cursor ?? '';
        expect((await all(table, pk, { from: at(7), after })).map(({ sk }) => sk)).toEqual([at(7), at(8)]);
        expect(await all(table, pk, { to: at(2), after })).toEqual([]);
        expect(await all(table, pk, { from: at(7), reverse: true, after })).toEqual([]);
      });

      test('pages through more than one megabyte', async () => {
        const pk = fresh();
        const big = 'x'.repeat(120_000);
        for (let index = 0; index < 12; index++) await table.put({ pk, sk: `${100 + index}`, big }, 'absent');
        const keys = (await all(table, pk)).map(({ sk }) => sk);
        expect(keys).toEqual(Array.from({ length: 12 }, (_, index) => `${100 + index}`));
      });

      test('sees what was acknowledged a moment ago', async () => {
        const pk = fresh();
        for (const item of records(pk, 0, 20)) {
          await table.put(item, 'absent-or-identical');
          expect((await table.query(pk, { reverse: true, limit: 1 })).items).toEqual([item]);
        }
      });
    });

    describe('add', () => {
      const minute = { name: 'minute', window: 7, by: 1 };

      test('makes the item and returns it as it is after', async () => {
        const pk = fresh();
        const hour = { name: 'hour', window: 1, by: 5 };
        expect(await table.add(pk, 'a', [minute, hour])).toEqual({
          pk,
          sk: 'a',
          minute: 1,
          minute_w: 7,
          hour: 5,
          hour_w: 1,
        });
        expect(await table.add(pk, 'a', [minute])).toMatchObject({
          minute: 2,
          minute_w: 7,
          hour: 5,
          hour_w: 1,
        });
      });

      test('restarts the slot whose window turned and adds to the others', async () => {
        const pk = fresh();
        await table.add(pk, 'a', [minute, { name: 'hour', window: 1, by: 5 }]);
        const turned = [
          { ...minute, window: 8 },
          { name: 'hour', window: 1, by: 5 },
        ];
        expect(await table.add(pk, 'a', turned)).toMatchObject({
          minute: 1,
          minute_w: 8,
          hour: 10,
          hour_w: 1,
        });
      });

      test('a writer whose clock is late counts into the window that others have begun', async () => {
        const pk = fresh();
        await table.add(pk, 'a', [{ ...minute, window: 8, by: 3 }]);
        expect(await table.add(pk, 'a', [minute])).toMatchObject({ minute: 4, minute_w: 8 });
        const wayBack = [{ ...minute, window: 2 }];
        expect(await table.add(pk, 'a', wayBack)).toMatchObject({ minute: 1, minute_w: 2 });
      });

      test('keeps the other attributes of the item', async () => {
        const pk = fresh();
        await table.put({ pk, sk: 'a', sanction: 'SUSPENSION', until: 99 }, 'absent');
        expect(await table.add(pk, 'a', [minute])).toEqual({
          pk,
          sk: 'a',
          sanction: 'SUSPENSION',
          until: 99,
          minute: 1,
          minute_w: 7,
        });
      });

      test('counts every one of many at once, and each sees its own count', async () => {
        const pk = fresh();
        const items = await Promise.all(Array.from({ length: 60 }, () => table.add(pk, 'a', [minute])));
        const seen = items.map((item) => Number(item.minute)).sort((a, b) => a - b);
        expect(seen).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
      });

      test('under-counts nothing when a window turns in the middle of a race', async () => {
        const pk = fresh();
        await table.add(pk, 'a', [minute]);
        await Promise.all(
          Array.from({ length: 40 }, (_, n) =>
            table.add(pk, 'a', [{ ...minute, window: n % 2 === 0 ? 7 : 8 }]),
          ),
        );
        const after = await table.get(pk, 'a');
        expect(after?.minute_w).toBe(8);
        expect(after?.minute).toBeGreaterThanOrEqual(20);
      });

      test('any sequence of counts gives what the rule gives', async () => {
        const slot = fc.record({
          name: fc.constantFrom('a', 'b', 'c_1'),
          window: fc.integer({ min: 0, max: 3 }),
          by: fc.integer({ min: 0, max: 5 }),
        });
        const slots = fc.uniqueArray(slot, { selector: ({ name }) => name, minLength: 1, maxLength: 3 });
        await fc.assert(
          fc.asyncProperty(fc.array(slots, { minLength: 1, maxLength: 6 }), async (steps) => {
            let expected: Item = { pk: fresh(), sk: 'a' };
            for (const step of steps) {
              expected = countInto(expected, step);
              expect(await table.add(expected.pk, 'a', step)).toEqual(expected);
            }
          }),
          { numRuns: Math.ceil(runs / 2) },
        );
      });

      test('refuses a slot name that could be an expression', async () => {
        await expect(table.add(fresh(), 'a', [{ ...minute, name: 'a = :b' }])).rejects.toThrow(TypeError);
        await expect(table.add(fresh(), 'a', [minute, minute])).rejects.toThrow(TypeError);
      });
    });

    describe('merge', () => {
      test('makes the item, sets what is given, keeps the rest, and returns it as it is after', async () => {
        const pk = fresh();
        const suspended = { sanction: 'SUSPENSION', until: 99, why: ['r1', { deep: new Uint8Array([1]) }] };
        expect(await table.merge(pk, 'a', suspended)).toEqual({ pk, sk: 'a', ...suspended });
        expect(await table.merge(pk, 'a', { sanction: null, version: 2 })).toEqual({
          pk,
          sk: 'a',
          ...suspended,
          sanction: null,
          version: 2,
        });
        expect(await table.merge(pk, 'a', { version: 2 })).toEqual(await table.get(pk, 'a'));
      });

      test('lives with counts: neither loses what the other did, whatever the order', async () => {
        const pk = fresh();
        const minute = [{ name: 'minute', window: 1, by: 1 }];
        await Promise.all(
          Array.from({ length: 30 }, (_, n) =>
            n % 3 === 0 ? table.merge(pk, 'a', { [`sanction_${n}`]: true }) : table.add(pk, 'a', minute),
          ),
        );
        const item = await table.get(pk, 'a');
        expect(item?.minute).toBe(20);
        expect(Object.keys(item ?? {}).filter((name) => name.startsWith('sanction_'))).toHaveLength(10);
      });

      test('a version that it sets is one that a put can stand on', async () => {
        const pk = fresh();
        await table.merge(pk, 'a', { version: 1 });
        expect(await table.put({ pk, sk: 'a', version: 2 }, { version: 1 })).toEqual({ stored: true });
      });

      test('refuses nothing, and what cannot be stored', async () => {
        await expect(table.merge(fresh(), 'a', {})).rejects.toThrow(TypeError);
        await expect(table.merge(fresh(), 'a', { n: Number.NaN })).rejects.toThrow(TypeError);
      });
    });

    describe('remove', () => {
      test('with a version removes that one only, and leaves what others made of it', async () => {
        const pk = fresh();
        await table.put({ pk, sk: 'a', version: 2 }, 'absent');
        await table.remove(pk, 'a', { version: 1 });
        expect(await table.get(pk, 'a')).toEqual({ pk, sk: 'a', version: 2 });
        await table.remove(pk, 'a', { version: 2 });
        expect(await table.get(pk, 'a')).toBeUndefined();
        await table.remove(pk, 'a', { version: 2 });
        await table.put({ pk, sk: 'a' }, 'absent');
        await table.remove(pk, 'a', { version: 2 });
        expect(await table.get(pk, 'a')).toEqual({ pk, sk: 'a' });
      });

      test('removes, and removing nothing is no error', async () => {
        const pk = fresh();
        await table.put({ pk, sk: 'a' }, 'absent');
        await table.remove(pk, 'a');
        await table.remove(pk, 'a');
        expect(await table.get(pk, 'a')).toBeUndefined();
        expect(await table.put({ pk, sk: 'a', again: true }, 'absent')).toEqual({ stored: true });
      });
    });

    test('many mixed operations at once each get their own result', async () => {
      const pk = fresh();
      // A thousand operations at once where they cost little.
      const each = runs >= 100 ? 250 : 50;
      const work = Array.from({ length: each }, (_, n) => [
        table.put({ pk, sk: `put${n}`, n }, 'absent').then((result) => expect(result.stored).toBe(true)),
        table
          .putRun([record(`${pk}#${n}`, 0), record(`${pk}#${n}`, 1)])
          .then((result) => expect(result.stored).toBe(true)),
        table
          .add(pk, `count${n % 5}`, [{ name: 'n', window: 1, by: 1 }])
          .then((item) => expect(item.sk).toBe(`count${n % 5}`)),
        table.get(pk, `missing${n}`).then((item) => expect(item).toBeUndefined()),
      ]);
      await Promise.all(work.flat());
      expect(await all(table, pk, { from: 'put', to: 'put~' })).toHaveLength(each);
      const counts = await all(table, pk, { from: 'count', to: 'count~' });
      expect(counts.map((item) => item.n)).toEqual(Array(5).fill(each / 5));
    }, 60_000);
  });
}

export function record(pk: string, seq: number): Item {
  const sk = String(seq).padStart(10, '0');
  return { pk, sk, b: new TextEncoder().encode(`{"lane":1,"seq":${seq}}`), s: new Uint8Array(64).fill(1) };
}

export function records(pk: string, from: number, count: number): Item[] {
  return Array.from({ length: count }, (_, index) => record(pk, from + index));
}

/** Every page of a range, one after the other. */
export async function all(table: Table, pk: string, range: Range = {}): Promise<Item[]> {
  const items: Item[] = [];
  let after = range.after;
  do {
    const page = await table.query(pk, after === undefined ? range : { ...range, after });
    items.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return items;
}

function attributes(): fc.Arbitrary<{ [name: string]: Value }> {
  const number = fc.oneof(
    fc.maxSafeInteger(),
    fc
      .double({ noNaN: true, noDefaultInfinity: true, min: -1e100, max: 1e100 })
      .filter((n) => n === 0 || Math.abs(n) > 1e-100),
  );
  // A lone surrogate is no text: UTF-8 cannot say it.
  const text = fc.string({ unit: 'binary' }).filter((string) => string.isWellFormed());
  const name = text.filter((string) => string !== '' && string !== '__proto__');
  const { value } = fc.letrec<{ value: Value }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      text,
      number.map((n) => (Object.is(n, -0) ? 0 : n)),
      fc.boolean(),
      fc.constant(null),
      fc.uint8Array({ maxLength: 40 }),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(name, tie('value'), { maxKeys: 4 }),
    ),
  }));
  const attribute = name.filter((string) => !['pk', 'sk'].includes(string));
  return fc.dictionary(attribute, value, { maxKeys: 6 });
}

/** Prototypes (a Buffer, an object without one) are no part of what was stored. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') };
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return new Map(
    Object.entries(value)
      .map(([name, inner]): [string, unknown] => [name, plain(inner)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
