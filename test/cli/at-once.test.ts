/** What answers before anything is loaded: on an older Node what to do, on any which version this is and what it can do. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { expect, it } from 'vitest';
import { helpText } from '../../cli/help-text.ts';
import { PROJECT } from '../runtime/support.ts';

it('says in one line what to do on a Node that cannot read the sources', () => {
  const source = readFileSync(join(PROJECT, 'bin/command.cjs'), 'utf8');
  const said: string[] = [];
  const process = { versions: { node: '20.20.2' }, version: 'v20.20.2', argv: [], exitCode: 0 };
  new Script(source).runInNewContext({ process, console: { error: (line: string) => said.push(line) } });
  expect(said).toEqual([
    expect.stringMatching(/^Chancery needs Node 24, this is v20\.20\.2: run it as `npx chancery`/),
  ]);
  expect(process.exitCode).toBe(2);
  expect(JSON.parse(readFileSync(join(PROJECT, 'bin/package.json'), 'utf8'))).toEqual({ type: 'commonjs' });
});

/** Runs `bin/chancery.cjs` with these words on a terminal of so many columns: what it said, and what it loaded. */
function asked(words: readonly string[], columns?: number): { said: string; loaded: string[] } {
  const folder = join(PROJECT, 'bin');
  let said = '';
  const loaded: string[] = [];
  const stdout = {
    columns,
    on: () => stdout,
    write: (text: string) => {
      said += text;
    },
  };
  const node = createRequire(import.meta.url);
  const require = (name: string) => (name.startsWith('.') ? loaded.push(name) : node(name));
  const source = readFileSync(join(folder, 'chancery.cjs'), 'utf8').replace(/^#!.*/, '');
  new Script(source).runInNewContext({
    process: { argv: ['node', 'chancery', ...words], stdout },
    require,
    __dirname: folder,
  });
  return { said, loaded };
}

it('answers --version and --help by themselves without loading anything', async () => {
  const { version } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'));
  for (const word of ['--version', '-V']) expect(asked([word])).toEqual({ said: `${version}\n`, loaded: [] });
  const help = await helpText();
  for (const word of ['--help', '-h']) expect(asked([word], 120)).toEqual({ said: help, loaded: [] });
});

it('loads the command line for everything else, and to wrap its help for a narrow terminal', () => {
  const whole = { said: '', loaded: ['./command.cjs'] };
  for (const words of [[], ['ledger', '--help'], ['dora', '--version', '1'], ['--json', '--help'], ['start']])
    expect(asked(words), words.join(' ')).toEqual(whole);
  expect(asked(['--help'], 60)).toEqual(whole);
});
