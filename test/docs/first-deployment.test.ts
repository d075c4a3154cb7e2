/** The commands of docs/first-deployment.md, as far as they can be held without an account: each is one that there is. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { FAMILIES } from '../../cli/commands.ts';
import { checkSaid } from '../../lib/said.ts';
import { PROJECT } from '../runtime/support.ts';

const page = readFileSync(join(PROJECT, 'docs/first-deployment.md'), 'utf8');
const lines = [...page.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)].flatMap(([, text = '']) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== ''),
);

async function program(): Promise<Command> {
  const made = new Command('chancery').option('--env <name>').option('--json');
  for (const { load } of FAMILIES)
    (await load())(made, () => {
      throw new Error('nothing is run here');
    });
  return made;
}

describe('the list of a first deployment', () => {
  it('has a command or a deed, and what to expect, for every tick', () => {
    const ticks = page.split('\n- [ ] ').slice(1);
    expect(ticks.length).toBeGreaterThan(15);
    for (const tick of ticks) expect(tick, tick.slice(0, 60)).toMatch(/\n {2}Expect /);
  });

  it('names commands and options that chancery has', async () => {
    const ours = lines.filter((line) => line.startsWith('npx chancery'));
    expect(ours.length).toBeGreaterThan(5);
    const all = await program();
    for (const line of ours) {
      let command: Command = all;
      const words = line.replace(/^npx chancery --env \w+ /, '').split(' ');
      for (let inner = true; inner && words.length > 0; ) {
        const next = command.commands.find((each) => each.name() === words[0]);
        inner = next !== undefined;
        if (next !== undefined) [command] = [next, words.shift()];
      }
      expect(command, line).not.toBe(all);
      const known = command.options.map(({ long }) => long);
      for (const word of words.filter((each) => each.startsWith('--'))) expect(known, line).toContain(word);
    }
  });

  it('gives CDK settings that there are', () => {
    const given = lines.flatMap((line) => [...line.matchAll(/-c (\w+)=/g)].map(([, key = '']) => [key, 'x']));
    expect(given.length).toBeGreaterThan(3);
    expect(() => checkSaid(Object.fromEntries(given))).not.toThrow();
  });

  it('names scripts and files that are there', () => {
    const { scripts } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'));
    for (const line of lines) {
      const script = /npm run (\S+)/.exec(line)?.[1];
      if (script !== undefined) expect(Object.keys(scripts)).toContain(script);
      const file = / (docs\/\S+\.json)/.exec(line)?.[1];
      if (file !== undefined) expect(() => readFileSync(join(PROJECT, file))).not.toThrow();
    }
  });
});
