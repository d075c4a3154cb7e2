import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseGoverned } from '../../src/aim/request.ts';
import { checkAim } from '../../src/aim/rules.ts';
import type { GovernedRequest, Principal } from '../../src/terms.ts';
import { BODY, JAKE, withAt } from './sample.ts';

function requestWith(path: string, value: unknown): GovernedRequest {
  const parsed = parseGoverned(withAt(path, value));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.reasons));
  return parsed.request;
}
const GOOD = requestWith('/risk_level', 2);
const judge = (request: GovernedRequest, principal: Principal = JAKE) =>
  checkAim(request, principal).map(({ code }) => code);

describe('the rules', () => {
  it('have nothing against a good request', () => {
    expect(judge(GOOD)).toEqual([]);
  });

  it.each<[string, unknown, string[]]>([
    ['/aim/actor/name', 'Jo', ['actor_name_too_short', 'actor_mismatch']],
    ['/aim/actor/name', '   ', ['actor_name_too_short', 'actor_mismatch']],
    ['/aim/actor/name', '\u200b\u200b\u200b', ['actor_name_too_short', 'actor_mismatch']],
    ['/aim/actor/name', '👍👍', ['actor_name_too_short', 'actor_mismatch']],
    ['/aim/actor/name', `J${'\u0301'.repeat(9)}`, ['actor_name_too_short', 'actor_mismatch']],
    // Longer than any name: compared without the time that normalising it would take.
    ['/aim/actor/name', `a${'\u0315\u0316'.repeat(400_000)}bcd`, ['actor_mismatch']],
    ['/aim/actor/name', '  Jake Smith ', []],
    ['/aim/actor/name', 'jake', []],
    ['/aim/actor/name', 'Mallory', ['actor_mismatch']],
    ['/aim/actor/name', 'Jаke Smith', ['actor_mismatch']],
    ['/aim/actor/email', 'jake.example.org', ['invalid_actor_email', 'actor_mismatch']],
    ['/aim/actor/email', 'mallory@example.org', ['actor_mismatch']],
    ['/aim/actor/email', 'JAKE@EXAMPLE.ORG', []],
    ['/aim/actor/email', undefined, []],
    ['/aim/input/sources', [], ['no_input_sources']],
    ['/aim/input/sources', [{ type: ' ', description: 'x' }], ['no_input_sources']],
    ['/aim/input/sources', [{ type: 'api', description: '' }], ['no_input_sources']],
    ['/aim/mission/objective', '          ', ['objective_too_short']],
    ['/aim/mission/objective', 'too short', ['objective_too_short']],
    ['/aim/mission/objective', 'ten chars!', []],
    ['/aim/mission/success_criteria', [' '], ['no_success_criteria']],
    ['/aim/mission/success_criteria', ['\u200b', '\u2800'], ['no_success_criteria']],
    ['/aim/mission/success_criteria', ['', 'works', '\t'], []],
  ])('%s = %j: %j', (path, value, expected) => {
    expect(judge(requestWith(path, value))).toEqual(expected);
  });

  it('on criteria, when there is none and no check that could name one', () => {
    const request = { ...GOOD, aim: { ...GOOD.aim, mission: { ...GOOD.aim.mission, success_criteria: [] } } };
    expect(judge(request)).toEqual(['no_success_criteria']);
  });

  it('are judged in the order of the table', () => {
    const request: GovernedRequest = {
      ...GOOD,
      drag_mode: 'analysis',
      aim: {
        actor: { name: 'x', email: 'x' },
        input: { sources: [], constraints: [] },
        mission: { objective: '', success_criteria: [], checks: [] },
      },
    };
    expect(judge(request, { ...JAKE, fresh_mfa: false })).toEqual([
      'actor_name_too_short',
      'invalid_actor_email',
      'actor_mismatch',
      'no_input_sources',
      'objective_too_short',
      'no_success_criteria',
      'analysis_human_only',
    ]);
  });
});

describe('the actor is the subject of the token', () => {
  const NOBODY = { name: undefined, email: undefined } as const;
  it.each<[string, { name: string; email?: string }, Partial<Principal>, boolean]>([
    ['by name', { name: 'Jake Smith' }, {}, true],
    ['by sub', { name: 'jake' }, {}, true],
    ['by sub, when the token names nobody', { name: 'jake' }, NOBODY, true],
    ['not by another name, when the token names nobody', { name: 'Jake Smith' }, NOBODY, false],
    [
      'by e-mail alone, when the token has no name',
      { name: 'Jake S.', email: 'jake@example.org' },
      { name: undefined },
      true,
    ],
    ['not by e-mail, when the name is another', { name: 'Mallory', email: 'jake@example.org' }, {}, false],
    ['not by name, when the e-mail is another', { name: 'Jake Smith', email: 'm@example.org' }, {}, false],
    [
      'by name, when the token has no e-mail',
      { name: 'Jake Smith', email: 'any@example.org' },
      { email: undefined },
      true,
    ],
    [
      'not by an e-mail that the token does not have',
      { name: 'Mallory', email: 'm@example.org' },
      NOBODY,
      false,
    ],
    ['in another normal form of Unicode', { name: 'Zoe\u0308 K' }, { name: 'Zoë K' }, true],
    ['not in another case', { name: 'JAKE SMITH' }, {}, false],
  ])('%s: %j', (_, actor, token, expected) => {
    const request = { ...GOOD, aim: { ...GOOD.aim, actor } };
    expect(judge(request, { ...JAKE, ...token })).toEqual(expected ? [] : ['actor_mismatch']);
  });

  it('also when an agent acts for the person: the person is named, not the agent', () => {
    const delegated: Principal = { ...JAKE, kind: 'agent', actor_type: 'ai_agent', act: ['deploy-bot'] };
    expect(judge(GOOD, delegated)).toEqual([]);
    const asBot = { ...GOOD, aim: { ...GOOD.aim, actor: { name: 'deploy-bot' } } };
    expect(judge(asBot, delegated)).toEqual(['actor_mismatch']);
  });

  it('for no name that is not theirs', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 3 }), (name) => {
        const trimmed = name.normalize('NFC').trim();
        fc.pre(trimmed !== JAKE.name && trimmed !== JAKE.sub);
        expect(judge({ ...GOOD, aim: { ...GOOD.aim, actor: { name } } })).toContain('actor_mismatch');
      }),
    );
  });
});

describe('analysis', () => {
  const analysis = requestWith('/drag_mode', 'analysis');
  it.each<[string, Partial<Principal>, boolean]>([
    ['a person with a fresh second factor', {}, true],
    ['a person without', { fresh_mfa: false }, false],
    ['a person who acts through another', { act: ['assistant'] }, false],
    ['an agent', { kind: 'agent' }, false],
    ['a service', { kind: 'service' }, false],
  ])('by %s: %j', (_, principal, expected) => {
    expect(judge(analysis, { ...JAKE, ...principal })).toEqual(expected ? [] : ['analysis_human_only']);
  });

  it('only: all other modes are open to agents', () => {
    for (const mode of ['draft', 'research', 'grunt', 'execute']) {
      expect(judge(requestWith('/drag_mode', mode), { ...JAKE, kind: 'agent', fresh_mfa: false })).toEqual(
        [],
      );
    }
    expect(BODY.drag_mode).toBe('execute');
  });
});
