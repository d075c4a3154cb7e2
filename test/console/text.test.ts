import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { scopeWanted } from '../../client/problem.ts';
import { query } from '../../console/app/api.ts';
import { base } from '../../console/app/base.ts';
import { href, routeOf } from '../../console/app/route.ts';
import { readToken } from '../../console/app/session.ts';
import { clockTime, duration, percent, pretty, short, visible } from '../../console/app/text.ts';
import { challengeFor } from '../../http/challenge.ts';

it('shows characters that hide or turn text by their number, and leaves letters alone', () => {
  expect(visible('Ja\u001bke\u202etxt.exe')).toBe('Ja⟨U+001B⟩ke⟨U+202E⟩txt.exe');
  expect(visible('a\u200b\u2800b\ud800')).toBe('a⟨U+200B⟩⟨U+2800⟩b⟨U+D800⟩');
  expect(visible('Jürgen 山田 🙂')).toBe('Jürgen 山田 🙂');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => !/[\p{Cc}\p{Cf}\p{Cs}]/u.test(visible(text))),
    { numRuns: 50 },
  );
});

it('writes JSON over several lines without a hidden character', () => {
  expect(pretty({ a: 'x\u202ey\nz' })).toBe('{\n  "a": "x⟨U+202E⟩y\\nz"\n}');
});

it('says times, durations and shares for people', () => {
  const now = Date.parse('2026-11-21T15:00:00Z');
  expect(clockTime('2026-11-21T14:03:59.123Z', now)).toBe('14:03:59');
  expect(clockTime('2026-11-20T14:03:59.123Z', now)).toBe('2026-11-20 14:03:59');
  expect(clockTime('yesterday', now)).toBe('yesterday');
  expect([0, 45_000, 125_000, 7_500_000, 90_000_000, -5].map(duration)).toEqual([
    '0 s',
    '45 s',
    '2 min',
    '2 h 05 min',
    '1 d 1 h',
    '0 s',
  ]);
  expect([1, 0.99941, 0.5, 0.123].map(percent)).toEqual(['100 %', '99.94 %', '50 %', '12.3 %']);
  expect(short('abcdefgh', 3)).toBe('abc…');
});

it('finds the scope that a refusal asks for as the door writes it', () => {
  const challenge = challengeFor({ code: 'INSUFFICIENT_SCOPE', scope: 'ledger:read' });
  expect(scopeWanted(challenge ?? null)).toBe('ledger:read');
  expect(scopeWanted(challengeFor({ code: 'INVALID_TOKEN', scope: 'ledger:read' }) ?? null)).toBeUndefined();
  expect(scopeWanted(null)).toBeUndefined();
});

it('finds the API beside the page, under a stage too', () => {
  expect(base({ href: 'http://127.0.0.1:8787/console#/ledger' }).href).toBe('http://127.0.0.1:8787/');
  expect(base({ href: 'https://api.example.org/v1/console?code=a/b#/x' }).href).toBe(
    'https://api.example.org/v1/',
  );
  expect(query('approvals', { status: '', limit: 5, cursor: undefined })).toBe('approvals?limit=5');
});

it('gives every page an address that leads back to it', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (chosen) => {
      expect(routeOf(href('cases', chosen))).toEqual({ view: 'cases', chosen });
    }),
    { numRuns: 50 },
  );
  expect(routeOf('')).toEqual({ view: '' });
  expect(routeOf('#/cases/%')).toEqual({ view: 'cases', chosen: '%' });
});

it('reads who a token says it is for, and takes nothing else for a token', () => {
  const token = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
  expect(readToken(` ${token({ sub: 'Jürgen', roles: ['auditor', 7], exp: 5 })}\n`)?.claims).toEqual({
    sub: 'Jürgen',
    roles: ['auditor'],
    expires: 5000,
  });
  for (const wrong of ['', 'abc', 'a.b.c', token({ sub: 7 }), 'e30.e30'])
    expect(readToken(wrong)).toBeUndefined();
});
