import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT } from '../runtime/support.ts';
import { blocksOf } from './page.ts';
import { openReader, type Reader } from './reader.ts';

describe('README.md', () => {
  const [wrapping, commands, start, first] = blocksOf('README.md').filter(
    ({ language }) => language === 'sh',
  );
  let reader: Reader;
  beforeAll(async () => {
    reader = await openReader(['docs/examples']);
  });
  afterAll(() => reader.close());

  it('names two commands that are scripts of the project', () => {
    const { scripts } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    expect(commands?.text).toContain('npm ci && npm run demo');
    expect(commands?.text).toContain('npm ci && npm test');
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['demo', 'test', 'start']));
  });

  it('begins with the command that puts a server under governance, as the tests with real parts run it', () => {
    expect(wrapping?.text).toMatch(
      /^npx chancery mcp wrap -- npx -y @modelcontextprotocol\/server-filesystem DIR$/m,
    );
    expect(wrapping?.text).toContain('npx chancery ledger tail --follow');
  });

  it('leads to a first governed execution whose ledger verifies', async () => {
    if (!start || !first) throw new Error('the README has no blocks for a first execution');
    await reader.follow(start);
    const printed = await reader.follow(first);
    expect(JSON.parse(printed.split('\n')[0] ?? '').outcome).toBe('success');
    expect(printed).toMatch(/is (healthy|degraded)/);
    expect(printed).toContain('workflow.succeeded');
    expect(printed).toMatch(/^(OK|PENDING)/m);
  });

  it('links only to pages that exist', () => {
    const text = readFileSync(join(PROJECT, 'README.md'), 'utf8');
    for (const [, path = ''] of text.matchAll(/\]\((docs\/[^)#]+)/g)) {
      expect(() => readFileSync(join(PROJECT, path)), path).not.toThrow();
    }
  });
});
