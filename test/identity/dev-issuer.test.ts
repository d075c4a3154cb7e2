import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDevIssuer } from '../../adapters/local/dev-issuer.ts';
import { parseTtl, registerToken } from '../../cli/token.ts';
import { createAuthenticator } from '../../src/identity/authenticator.ts';
import { toPrincipal } from '../../src/identity/principal.ts';
import { NOW } from './issuer.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chancery-issuer-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function token(args: readonly string[]): Promise<string[]> {
  const lines: string[] = [];
  const world = {
    dataFolder: folder,
    clock: () => NOW,
    out: (line: string) => lines.push(line),
  };
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  registerToken(program, () => world);
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => {} });
  await program.parseAsync(['token', ...args], { from: 'user' });
  return lines;
}

async function principalOf(jwt: string, now = NOW) {
  const issuer = await openDevIssuer(folder);
  const authenticator = createAuthenticator(
    { issuers: [issuer.settings] },
    { clock: () => now, fetchJwks: () => issuer.jwks() },
  );
  const result = await authenticator.authenticate(`Bearer ${jwt}`);
  return result.ok ? toPrincipal(result.claims, () => [], now) : result;
}

describe('chancery token', () => {
  it('prints one token and nothing else, which says what was asked', async () => {
    const lines = await token([
      ...[
        '--sub',
        'jake',
        '--name',
        'Jake Smith',
        '--email',
        'jake@example.org',
        '--role',
        'operator',
        '--role',
      ],
      ...[
        'developer',
        '--scope',
        'ledger:read',
        '--scope',
        'metrics:read',
        '--mfa',
        '--sid',
        's-1',
        '--ttl',
        '15m',
      ],
    ]);
    expect(lines).toHaveLength(1);
    expect(await principalOf(lines[0] ?? '')).toMatchObject({
      ok: true,
      principal: {
        sub: 'jake',
        kind: 'human',
        name: 'Jake Smith',
        email: 'jake@example.org',
        roles: ['operator', 'developer'],
        scopes: ['ledger:read', 'metrics:read'],
        act: [],
        fresh_mfa: true,
        session: 's-1',
        expires_at: NOW + 900_000,
      },
    });
  });

  it('takes kind and actors', async () => {
    const [jwt = ''] = await token(['--sub', 'jake', '--act', 'bot', '--act', 'scheduler']);
    expect(await principalOf(jwt)).toMatchObject({ principal: { kind: 'agent', act: ['bot', 'scheduler'] } });
    const [deep = ''] = await token(['--sub', 'jake', '--act', 'a', '--act', 'b', '--act', 'c']);
    expect(await principalOf(deep)).toMatchObject({ ok: false, reason: 'act_depth' });
    const [service = ''] = await token(['--sub', 'nightly', '--kind', 'service']);
    expect(await principalOf(service)).toMatchObject({ principal: { kind: 'service', fresh_mfa: false } });
  });

  it('tokens end', async () => {
    const [jwt = ''] = await token(['--sub', 'jake', '--ttl', '1s']);
    expect(await principalOf(jwt, NOW + 61_000)).toMatchObject({ ok: false, reason: 'expired' });
  });

  it('refuses without a subject, with an unknown kind or an odd life time', async () => {
    await expect(token([])).rejects.toThrow(/--sub/);
    await expect(token(['--sub', 'x', '--kind', 'god'])).rejects.toThrow(/human/);
    await expect(token(['--sub', 'x', '--ttl', 'soon'])).rejects.toThrow(/--ttl.* is no duration/);
    await expect(token(['--sub', 'x', '--ttl', '8d'])).rejects.toThrow(/--ttl.* 1s to 7d/);
  });

  it.each([
    ['90', 90],
    ['90s', 90],
    ['15m', 900],
    ['1h', 3600],
    ['7d', 604_800],
  ])('a life time of %s is %i seconds', (text, seconds) => {
    expect(parseTtl(text)).toBe(seconds);
  });

  it.each(['0', '-1h', '8d', '1w', '1h30m', '', '1e9'])('a life time of "%s" is none', (text) => {
    expect(() => parseTtl(text)).toThrow();
  });
});

describe('the key', () => {
  it('is made once, even by several at the same time, and only its owner may read it', async () => {
    const fresh = await mkdtemp(join(tmpdir(), 'chancery-key-'));
    const issuers = await Promise.all(Array.from({ length: 8 }, () => openDevIssuer(fresh)));
    const sets = await Promise.all(issuers.map((issuer) => issuer.jwks()));
    expect(new Set(sets.map((set) => JSON.stringify(set))).size).toBe(1);
    expect(JSON.stringify(sets)).not.toContain('"d"');
    expect(await readdir(fresh)).toEqual(['dev-issuer-key.pem']);
    expect((await stat(join(fresh, 'dev-issuer-key.pem'))).mode & 0o777).toBe(0o600);
    await rm(fresh, { recursive: true });
  });
});
