import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Claims, parseClaims } from '../../src/identity/claims.ts';
import { toPrincipal } from '../../src/identity/principal.ts';
import { ISSUER, NOW, SECONDS } from './issuer.ts';

const BASE = { iss: ISSUER, sub: 'user-1', exp: SECONDS + 600 };

function claimsOf(extra: Record<string, unknown>): Claims {
  const parsed = parseClaims({ ...BASE, ...extra });
  if (!parsed.ok) throw new Error(parsed.claim);
  return parsed.claims;
}

function identify(extra: Record<string, unknown> = {}, rolesGive: readonly string[] = [], now = NOW) {
  return toPrincipal(claimsOf(extra), () => rolesGive, now);
}

function principalOf(extra: Record<string, unknown> = {}, rolesGive: readonly string[] = [], now = NOW) {
  const identified = identify(extra, rolesGive, now);
  if (!identified.ok) throw new Error(identified.reason);
  return identified.principal;
}

const nested = (depth: number): unknown =>
  depth === 0 ? undefined : { sub: `agent-${depth}`, ...(depth > 1 ? { act: nested(depth - 1) } : {}) };

describe('the chain of actors', () => {
  it('may be two long, nearest first', () => {
    expect(principalOf().act).toEqual([]);
    expect(principalOf({ act: { sub: 'agent' } }).act).toEqual(['agent']);
    expect(principalOf({ act: { sub: 'near', act: { sub: 'far' } } }).act).toEqual(['near', 'far']);
  });

  it('is refused when longer, however long', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 300 }), (depth) => {
        expect(identify({ act: nested(depth) })).toMatchObject({
          code: 'INVALID_TOKEN',
          reason: 'act_depth',
        });
      }),
    );
  });

  it('tells an actor of another issuer from its namesake at the issuer of the token', () => {
    const { iss } = { iss: principalOf().issuer };
    expect(principalOf({ act: { sub: 'agent', iss } }).act).toEqual(['agent']);
    expect(principalOf({ act: { sub: 'agent', iss: 'https://other.example' } }).act).toEqual([
      'https://other.example agent',
    ]);
    for (const wrong of [null, 7, '', 'a b', ['https://other.example']])
      expect(identify({ act: { sub: 'agent', iss: wrong } })).toMatchObject({ ok: false, reason: 'claims' });
  });

  it.each([null, 'agent', [], {}, { sub: '' }, { sub: 7 }, { sub: 'a', act: {} }, { sub: 'a', act: null }])(
    'is refused when it is %j',
    (act) => {
      expect(identify({ act })).toMatchObject({ ok: false, reason: 'claims' });
    },
  );
});

describe('the kind', () => {
  it('is never human with an actor in the chain, whatever the token says', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('human', 'agent', 'service', undefined),
        fc.constantFrom('human_user', 'ai_agent', 'external_party', undefined),
        fc.integer({ min: 1, max: 2 }),
        (kind, actor_type, depth) => {
          const principal = principalOf({
            kind,
            actor_type,
            act: nested(depth),
            amr: ['mfa'],
            auth_time: SECONDS,
          });
          expect(principal.kind).not.toBe('human');
          expect(principal.actor_type).not.toBe('human_user');
        },
      ),
    );
  });

  it.each([
    [{ kind: 'human' }, 'human', 'human_user'],
    [{ kind: 'agent' }, 'agent', 'ai_agent'],
    [{ kind: 'service' }, 'service', 'system_service'],
    [{ kind: 'human', actor_type: 'external_party' }, 'human', 'external_party'],
    [{ kind: 'service', actor_type: 'organizational_role' }, 'service', 'organizational_role'],
    [{ kind: 'agent', actor_type: 'human_user' }, 'agent', 'ai_agent'],
    [{ kind: 'human', actor_type: 'root' }, 'human', 'human_user'],
    [{ auth_time: SECONDS }, 'human', 'human_user'],
    [{ auth_time: SECONDS, client_id: 'user-1' }, 'service', 'system_service'],
    [{}, 'service', 'system_service'],
  ])('of %j is %s (%s)', (claims, kind, actor_type) => {
    expect(principalOf(claims)).toMatchObject({ kind, actor_type });
  });
});

describe('a second factor', () => {
  const fresh = (amr: unknown, ago: number) => principalOf({ amr, auth_time: SECONDS - ago }).fresh_mfa;

  it.each([
    [['mfa'], 0, true],
    [['mfa'], 900, true],
    [['mfa'], 901, false],
    [['mfa'], -60, true],
    [['mfa'], -61, false],
    [['pwd', 'otp'], 0, true],
    [['pin', 'fpt'], 0, true],
    [['pwd'], 0, false],
    [['pwd', 'pin'], 0, false],
    [['otp', 'sms'], 0, false],
    [['toString', 'pwd'], 0, false],
    [[], 0, false],
    [undefined, 0, false],
  ])('%j %i s ago: %s', (amr, ago, expected) => {
    expect(fresh(amr, ago)).toBe(expected);
  });

  it('needs to know when', () => {
    expect(principalOf({ amr: ['mfa'] }).fresh_mfa).toBe(false);
  });
});

describe('what else is taken over', () => {
  it('scopes from scope, scp and roles, each once', () => {
    const { scopes, roles } = principalOf(
      { scope: 'a:read  b:read', scp: ['b:read', 'c:read'], roles: ['auditor'] },
      ['c:read', 'ledger:read'],
    );
    expect(scopes).toEqual(['a:read', 'b:read', 'c:read', 'ledger:read']);
    expect(roles).toEqual(['auditor']);
  });

  it('scp as text and roles as text', () => {
    expect(principalOf({ scp: 'a:read b:read', roles: 'x y' })).toMatchObject({
      scopes: ['a:read', 'b:read'],
      roles: ['x', 'y'],
    });
  });

  it('the session is sid, else jti, else none', () => {
    expect(principalOf({ sid: 's', jti: 'j' }).session).toBe('s');
    expect(principalOf({ jti: 'j' }).session).toBe('j');
    expect(principalOf()).not.toHaveProperty('session');
  });

  it('name, e-mail, issuer and expiry', () => {
    expect(principalOf({ name: 'Jake', email: 'j@example.org' })).toMatchObject({
      sub: 'user-1',
      issuer: ISSUER,
      name: 'Jake',
      email: 'j@example.org',
      expires_at: NOW + 600_000,
    });
  });
});
