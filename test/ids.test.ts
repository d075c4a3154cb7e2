import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createIds } from '../src/basics/ids.ts';

const random = (length: number) => new Uint8Array(randomBytes(length));

test('identifiers are ULIDs with their prefix, in order of creation even within a millisecond', () => {
  let now = 1_000;
  const ids = createIds(() => now, random);
  const made = Array.from({ length: 3_000 }, (_, n) => {
    if (n % 7 === 0) now += 1;
    return ids('dec');
  });
  for (const id of made) expect(id).toMatch(/^dec_[0-9A-HJKMNP-TV-Z]{26}$/);
  expect(made.toSorted()).toEqual(made);
  expect(new Set(made).size).toBe(made.length);
});

test('every character of the random part takes every value, over a thousand milliseconds', () => {
  let now = 0;
  const ids = createIds(() => ++now, random);
  const seen = Array.from({ length: 16 }, () => new Set<string>());
  for (let n = 0; n < 2_000; n++)
    for (const [place, character] of [...ids('x').slice(-16)].entries()) seen[place]?.add(character);
  expect(seen.map(({ size }) => size)).toEqual(Array(16).fill(32));
});

test('two makers with the same clock do not meet', () => {
  const [one, other] = [createIds(() => 5, random), createIds(() => 5, random)];
  expect(one('x')).not.toBe(other('x'));
});
