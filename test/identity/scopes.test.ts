import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CORE_SCOPES, covers, expandFamily, isScope } from '../../src/identity/scopes.ts';

const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);
const scope = fc.oneof(
  fc.constantFrom(...CORE_SCOPES),
  fc.tuple(word, word).map((parts) => parts.join(':')),
  fc.tuple(word, word, word).map((parts) => parts.join(':')),
);
const verb = (text: string) => text.slice(text.lastIndexOf(':') + 1);

describe('which scope covers which', () => {
  it.each([
    ['admin:write', 'admin:users:write', true],
    ['admin:read', 'admin:audit:read', true],
    ['admin:audit:read', 'ledger:read', true],
    ['admin:metrics:read', 'metrics:read', true],
    ['admin:read', 'ledger:read', true],
    ['admin:read', 'metrics:read', true],
    ['memory:read', 'memory:notes:read', true],
    ['workflows:execute', 'decisions:evaluate', true],
    ['decisions:evaluate', 'workflows:execute', false],
    ['admin:write', 'ledger:read', false],
    ['admin:write', 'admin:users:read', false],
    ['admin:write', 'admin:read', false],
    ['admin:read', 'admin:users:write', false],
    ['admin:users:write', 'admin:write', false],
    ['admin:users:write', 'admin:system:write', false],
    ['admin:audit:read', 'ledger:export', false],
    ['admin:audit:read', 'metrics:read', false],
    ['ledger:read', 'admin:audit:read', false],
    ['ledger:read', 'metrics:read', false],
    ['workflows:execute', 'workflows:read', false],
    ['admin', 'admin:read', false],
    ['admin:*', 'admin:read', false],
    ['*', 'admin:read', false],
    ['', 'admin:read', false],
    ['admin:read ', 'admin:read', false],
    ['ADMIN:READ', 'admin:read', false],
    ['ad:write', 'admin:users:write', false],
  ])('%s → %s: %s', (granted, needed, expected) => {
    expect(covers([granted], needed)).toBe(expected);
  });

  it('nothing covers anything by being empty, and no scope covers what is no scope', () => {
    fc.assert(fc.property(scope, (needed) => !covers([], needed)));
    fc.assert(fc.property(fc.string(), (text) => isScope(text) || !covers([text], text)));
  });

  it('each covers itself, and more scopes never cover less', () => {
    fc.assert(fc.property(scope, fc.array(scope), (needed, others) => covers([...others, needed], needed)));
    fc.assert(
      fc.property(fc.array(scope), fc.array(scope), scope, (some, more, needed) => {
        return !covers(some, needed) || covers([...some, ...more], needed);
      }),
    );
  });

  it('none covers one with another verb, but that who may run may ask', () => {
    fc.assert(
      fc.property(scope, scope, (granted, needed) => {
        const asks = needed === 'decisions:evaluate' && granted === 'workflows:execute';
        return !covers([granted], needed) || verb(granted) === verb(needed) || asks;
      }),
      { numRuns: 10_000 },
    );
  });

  it('covering is transitive', () => {
    for (const a of CORE_SCOPES)
      for (const b of CORE_SCOPES)
        for (const c of CORE_SCOPES)
          if (covers([a], b) && covers([b], c)) expect(covers([a], c), `${a} → ${b} → ${c}`).toBe(true);
  });
});

describe('families', () => {
  it('stand for each of their words', () => {
    expect(expandFamily('admin:{users,system}:{read,write}')).toEqual([
      'admin:users:read',
      'admin:users:write',
      'admin:system:read',
      'admin:system:write',
    ]);
    expect(expandFamily('slo:read')).toEqual(['slo:read']);
  });

  it('of Chancery are well-formed and complete', () => {
    expect(CORE_SCOPES.size).toBe(38);
    for (const known of CORE_SCOPES) expect(isScope(known), known).toBe(true);
  });
});
