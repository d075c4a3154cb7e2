/** Completion as a shell does it: the script is read by bash itself, and asked what may follow. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { commandTable } from '../../cli/command-table.ts';
import { FAMILIES } from '../../cli/commands.ts';
import { completionFor } from '../../cli/completion.ts';

describe('completion in bash', async () => {
  const script = completionFor('bash', await commandTable(FAMILIES));
  const after = (...words: string[]): string[] => {
    const line = ['chancery', ...words].map((word) => `'${word}'`).join(' ');
    const asked = `${script}\nchancery() { echo staging; }\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length}; _chancery; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['--norc', '-c', asked], { encoding: 'utf8' }).trim().split('\n');
  };

  it.each([
    [['led'], ['ledger']],
    [['ledger', 'ver'], ['verify']],
    [['ledger', 'verify', '--hash'], ['--hashes-only']],
    [['--env', ''], ['staging']],
    [['ledger', 'tail', '-o', 'w'], ['wide']],
    [['--json', 'context', 'u'], ['use']],
    [['revoke', 'jake', '--reason', 'account'], ['account_closure']],
  ])('%j is followed by %j', (words, offered) => {
    expect(after(...words)).toEqual(offered);
  });
});
