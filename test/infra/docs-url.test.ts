import { describe, expect, it } from 'vitest';
import { docsUrlOf } from '../../lib/docs-url.ts';
import { environmentOf } from '../../lib/environments.ts';

const COMMIT = 'b3ac81f0123456789abcdef0123456789abcdef0';
const PAGES = `https://git.example.org/team/chancery/blob/${COMMIT}/docs`;

describe('the pages that an alarm leads to', () => {
  it.each([
    'https://git.example.org/team/chancery.git',
    'https://git.example.org/team/chancery/',
    'https://token@git.example.org/team/chancery.git',
    'git@git.example.org:team/chancery.git',
    'ssh://git@git.example.org:2222/team/chancery.git\n',
  ])('are those of the repository at the deployed commit: %s', (remote) => {
    expect(docsUrlOf(remote, COMMIT)).toBe(PAGES);
  });

  it('are nowhere for a remote on a disk, or without a commit', () => {
    for (const remote of [undefined, '', '/srv/git/chancery', '../chancery'])
      expect(docsUrlOf(remote, COMMIT)).toBeUndefined();
    expect(docsUrlOf('https://git.example.org/team/chancery', 'unknown')).toBeUndefined();
  });

  it('can be said, as a URL', () => {
    expect(environmentOf({ docs: PAGES }).docs).toBe(PAGES);
    expect(() => environmentOf({ docs: 'docs/runbook.md' })).toThrow('-c docs');
  });
});
