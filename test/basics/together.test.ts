import { expect, it } from 'vitest';
import { together } from '../../src/basics/together.ts';

/** Runs that end when they are told to. */
function held() {
  const ends: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const work = () => new Promise<void>((resolve, reject) => void ends.push({ resolve, reject }));
  return { ends, ask: together(work) };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

it('serves everybody who asks while it runs by one more run, which begins after they asked', async () => {
  const { ends, ask } = held();
  const first = ask();
  const rest = [ask(), ask(), ask()];
  await turn();
  expect(ends).toHaveLength(1);
  ends[0]?.resolve();
  await first;
  await turn();
  expect(ends).toHaveLength(2);
  const late = ask();
  ends[1]?.resolve();
  await Promise.all(rest);
  await turn();
  expect(ends).toHaveLength(3);
  ends[2]?.resolve();
  await late;
});

it('tells a failure to those who shared the run, and goes on', async () => {
  const { ends, ask } = held();
  const [first, second] = [ask(), ask()];
  ends[0]?.reject(new Error('gone'));
  await expect(first).rejects.toThrow('gone');
  await turn();
  ends[1]?.resolve();
  await second;
  const third = ask();
  ends[2]?.resolve();
  await third;
  expect(ends).toHaveLength(3);
});
