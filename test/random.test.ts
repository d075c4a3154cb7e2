import { expect, test } from 'vitest';
import { poolRandom } from '../src/basics/random.ts';

/** 1, 2, 3, … so that a byte that is handed out twice shows. */
function counting() {
  const asked: number[] = [];
  let value = 0;
  const random = (length: number) => {
    asked.push(length);
    return Uint8Array.from({ length }, () => {
      value += 1;
      return value % 256;
    });
  };
  return { asked, random };
}

test('bytes are drawn in pools and none is handed out twice', () => {
  const { asked, random } = counting();
  const pooled = poolRandom(random, 16);
  const drawn = [5, 5, 6, 1, 15, 0].flatMap((length) => [...pooled(length)]);
  expect(drawn).toEqual(Array.from({ length: 32 }, (_, n) => n + 1));
  expect(asked).toEqual([16, 16]);
});

test('what is left of a pool is dropped when it is too short, and a large draw is whole', () => {
  const { asked, random } = counting();
  const pooled = poolRandom(random, 16);
  pooled(10);
  expect([...pooled(10)]).toEqual([17, 18, 19, 20, 21, 22, 23, 24, 25, 26]);
  expect(pooled(40)).toHaveLength(40);
  expect(asked).toEqual([16, 16, 40]);
});

test('what was handed out is gone from the pool and the caller may wipe it', () => {
  const backing = new Uint8Array(16).fill(7);
  const pooled = poolRandom(() => backing, 16);
  const key = pooled(12);
  expect([...backing]).toEqual([...new Uint8Array(12), 7, 7, 7, 7]);
  key.fill(0);
  expect([...pooled(4)]).toEqual([7, 7, 7, 7]);
});
