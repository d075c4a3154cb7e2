/** An older Node reads `bin/chancery.ts` as JavaScript: it must be no more than that, and say what to do. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { expect, it } from 'vitest';
import { PROJECT } from '../runtime/support.ts';

it('says in one line what to do on a Node that cannot read the sources', () => {
  const source = readFileSync(join(PROJECT, 'bin/chancery.ts'), 'utf8');
  const said: string[] = [];
  const process = { versions: { node: '20.20.2' }, version: 'v20.20.2', argv: [], exitCode: 0 };
  new Script(source).runInNewContext({ process, console: { error: (line: string) => said.push(line) } });
  expect(said).toEqual([
    expect.stringMatching(/^Chancery needs Node 24, this is v20\.20\.2: run it as `npx chancery`/),
  ]);
  expect(process.exitCode).toBe(2);
  expect(JSON.parse(readFileSync(join(PROJECT, 'bin/package.json'), 'utf8'))).toEqual({ type: 'commonjs' });
});
