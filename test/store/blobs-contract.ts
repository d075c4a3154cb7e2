/** What every `Blobs` must do. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Blobs } from '../../src/ports.ts';

export function blobsContract(
  name: string,
  open: () => Promise<{ blobs: Blobs; close: () => Promise<void> | void }>,
): void {
  describe(`the blobs contract on ${name}`, () => {
    let blobs: Blobs;
    let close: (() => Promise<void> | void) | undefined;
    const bytes = (text: string) => new TextEncoder().encode(text);
    const names = (prefix: string) => namesOf(blobs, prefix);

    beforeAll(async () => {
      ({ blobs, close } = await open());
    }, 60_000);
    afterAll(async () => close?.());

    test('what was never stored is undefined, and removing it is no error', async () => {
      expect(await blobs.get('never/was')).toBeUndefined();
      await blobs.remove('never/was');
    });

    test('bytes come back exactly, none included', async () => {
      const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      expect(await blobs.put('bytes/every', every)).toBe('stored');
      expect(await blobs.put('bytes/none', new Uint8Array())).toBe('stored');
      expect(Buffer.from((await blobs.get('bytes/every')) ?? [])).toEqual(Buffer.from(every));
      expect((await blobs.get('bytes/none'))?.length).toBe(0);
    });

    test('a put replaces; with ifAbsent it refuses and leaves what is there', async () => {
      expect(await blobs.put('one', bytes('first'), { ifAbsent: true })).toBe('stored');
      expect(await blobs.put('one', bytes('second'), { ifAbsent: true })).toBe('exists');
      expect(Buffer.from((await blobs.get('one')) ?? []).toString()).toBe('first');
      expect(await blobs.put('one', bytes('third'))).toBe('stored');
      expect(Buffer.from((await blobs.get('one')) ?? []).toString()).toBe('third');
      await blobs.remove('one');
      expect(await blobs.get('one')).toBeUndefined();
    });

    test('of many that race with ifAbsent, one is stored whole', async () => {
      const bodies = Array.from({ length: 12 }, (_, n) => `${n}`.repeat(50_000));
      const answers = await Promise.all(
        bodies.map((body) => blobs.put('race', bytes(body), { ifAbsent: true })),
      );
      expect(answers.filter((answer) => answer === 'stored')).toHaveLength(1);
      const winner = bodies[answers.indexOf('stored')];
      expect(Buffer.from((await blobs.get('race')) ?? []).toString()).toBe(winner);
    });

    test('lists names under a prefix in the order of their bytes', async () => {
      // '.' sorts before '/', so a folder must not be walked where its bare name would sort.
      const sorted = ['tile/0/000', 'tile/0/000.p/17', 'tile/0/x001/000', 'tile/0/x001/001', 'tile/1/000'];
      for (const name of sorted.toReversed()) await blobs.put(`l/${name}`, bytes('x'));
      await blobs.put('l/tile-not/0', bytes('x'));
      expect(await names('l/tile/')).toEqual(sorted.map((name) => `l/${name}`));
      expect(await names('l/tile/0/000')).toEqual(['l/tile/0/000', 'l/tile/0/000.p/17']);
      expect(await names('l/tile/0/x')).toEqual(['l/tile/0/x001/000', 'l/tile/0/x001/001']);
      expect(await names('l/nothing')).toEqual([]);
      expect(await names('l/')).toEqual(['l/tile-not/0', ...sorted.map((name) => `l/${name}`)]);
    });

    test.each([
      '../up',
      'a/../../up',
      '/absolute',
      'a//b',
      'a/',
      '',
      '.hidden',
      'a/.b',
      'a\u0000b',
      'a\\..\\b',
    ])('refuses the name %j', async (name) => {
      await expect(blobs.put(name, bytes('x'))).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
      await expect(blobs.get(name)).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
      await expect(blobs.remove(name)).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
    });
  });
}

export async function namesOf(blobs: Blobs, prefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const name of blobs.list(prefix)) names.push(name);
  return names;
}
