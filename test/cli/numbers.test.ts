/** Every number and every stretch of time on the command line, off the table of commands: another spelling reaches nobody. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { commandTable } from '../../cli/command-table.ts';
import { FAMILIES } from '../../cli/commands.ts';
import { run, type StandIn, standIn } from './run.ts';

let server: StandIn;
beforeAll(async () => {
  server = await standIn(() => ({ body: {} }));
});
afterAll(() => server.close());

const NUMERIC = /<(?:count|n|period|duration|seconds|share|port|time|list)>$/;
/** A choice of words, and points in time. */
const OTHERS = new Set(['--by', '--from', '--to']);

it('takes no other spelling of a number or a time, and names the option', async () => {
  const numeric = (await commandTable(FAMILIES)).flatMap(({ path, arguments: needed, options }) =>
    options
      .filter(({ usage, flags }) => NUMERIC.test(usage) && !flags.some((flag) => OTHERS.has(flag)))
      .map(({ flags }) => ({
        flag: flags.at(-1) ?? '',
        line: [
          ...path,
          ...needed.map(() => 'x'),
          ...options.filter(({ mandatory }) => mandatory).flatMap((one) => [one.flags.at(-1) ?? '', 'x']),
        ],
      })),
  );
  expect(numeric.length).toBeGreaterThan(30);
  for (const { line, flag } of numeric)
    for (const odd of [
      '1e1',
      '0x10',
      '+5',
      ' 5',
      '5,0',
      '05',
      '٥',
      '1_0',
      '1e1s',
      '0x1m',
      '+5h',
      ' 5d',
      '05d',
      '٥h',
    ]) {
      const { code, err } = await run([...line, flag, odd], { CHANCERY_URL: server.url });
      expect([...line, flag, odd, code, err.includes(flag)]).toEqual([...line, flag, odd, 2, true]);
    }
  expect(server.reached).toEqual([]);
});
