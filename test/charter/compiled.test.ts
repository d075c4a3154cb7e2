import { isDeepStrictEqual } from 'node:util';
import type { Expr, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/charter/compiled.ts';
import { prepare } from '../../src/charter/engine.ts';
import type { Policy } from '../../src/charter/policies.ts';
import { chance, question, randomPolicy, randomQuestion, reference, wordsOf } from './cedar-questions.ts';
import { shipped } from './world.ts';

describe('compiled policies', () => {
  it('answer as Cedar does to 12,000 questions about every action of the shipped charter', () => {
    const of = chance(1);
    const { schema, policies } = shipped;
    const words = wordsOf(policies);
    const actionType = `${schema.prefix}Action`;
    const each = Math.ceil(12_000 / schema.actions.size);
    let compiledQuestions = 0;
    for (const action of schema.actions.values()) {
      const chosen = policies.filter(
        (policy) => policy.actions === 'all' || policy.actions.some((id) => action.groups.has(id)),
      );
      const ours = compile(chosen, actionType);
      expect(ours, `${action.id} is compiled`).toBeDefined();
      const theirs = reference(chosen, actionType);
      for (let i = 0; i < each; i++) {
        const asked = question(of, schema, action.id, words);
        const expected = theirs(asked);
        const answered = ours?.(asked);
        if (answered === undefined || expected === 'refused') continue;
        if (!isDeepStrictEqual(answered, expected))
          expect({ asked, answered }).toEqual({ asked, answered: expected });
        compiledQuestions++;
      }
    }
    expect(compiledQuestions).toBeGreaterThan(11_000);
  }, 120_000);

  it('answer as Cedar does to 12,000 questions about 2,400 generated policies, errors included', () => {
    const of = chance(2);
    const seen = { permit: 0, forbid: 0, none: 0, errors: 0, handedBack: 0 };
    for (let set = 0; set < 600; set++) {
      const policies = Array.from({ length: 4 }, (_, n) => ({ id: `p${n}`, json: randomPolicy(of) }));
      const ours = compile(policies, 'Action');
      const theirs = reference(policies, 'Action');
      for (let i = 0; i < 20; i++) {
        const asked = randomQuestion(of);
        const expected = theirs(asked);
        const answered = ours?.(asked);
        if (answered === undefined || expected === 'refused') {
          seen.handedBack++;
          continue;
        }
        if (!isDeepStrictEqual(answered, expected))
          expect({ policies, asked, answered }).toEqual({ policies, asked, answered: expected });
        seen[answered.effect]++;
        if (answered.errors.length > 0) seen.errors++;
      }
    }
    // A generator that never reaches a case would prove nothing about it.
    expect(Math.min(seen.permit, seen.forbid, seen.none, seen.errors)).toBeGreaterThan(500);
    expect(seen.handedBack).toBeLessThan(3_000);
  }, 120_000);

  it.each<[string, Expr]>([
    [
      'arithmetic',
      { '<': { left: { '+': { left: { Value: 1 }, right: { Value: 2 } } }, right: { Value: 4 } } },
    ],
    ['like', { like: { left: { Value: 'ab' }, pattern: [{ Literal: 'a' }, 'Wildcard'] } }],
    ['a number that JavaScript cannot hold', { '==': { left: { Value: 2 ** 53 }, right: { Value: 1 } } }],
    [
      'an extension function',
      { lessThan: [{ decimal: [{ Value: '1.0' }] }, { decimal: [{ Value: '2.0' }] }] },
    ],
    ['tags', { hasTag: { left: { Var: 'principal' }, right: { Value: 'a' } } }],
  ])('leave a set with %s to the wasm', (_, body) => {
    expect(compile([{ id: 'p', json: permitWhen(body) }], 'Action')).toBeUndefined();
  });

  it('hand back a question with a value whose equality they do not know', () => {
    const asked = { ...randomQuestion(chance(3)), context: { a: { __extn: { fn: 'decimal', arg: '1.0' } } } };
    const body: Expr = {
      '==': { left: { '.': { left: { Var: 'context' }, attr: 'a' } }, right: { Value: 1 } },
    };
    expect(compile([{ id: 'p', json: permitWhen(body) }], 'Action')?.(asked)).toBeUndefined();
  });

  it('hand back a question in which principal and resource have one name: Cedar refuses it', () => {
    const uid = { type: 'User', id: 'a' };
    const same = { uid, attrs: {}, parents: [] };
    const asked = { principal: same, action: 'read', resource: same, context: {} };
    expect(compile([{ id: 'p', json: permitWhen({ Value: true }) }], 'Action')?.(asked)).toBeUndefined();
  });
});

describe('the engine', () => {
  const schema = { ...shipped.schema, prefix: '' };
  const action = shipped.schema.actions.keys().next().value ?? '';
  const policy: Policy = {
    id: 'p',
    text: '@id("p") permit (principal, action, resource);',
    json: { ...permitWhen({ Value: true }), conditions: [] },
    actions: 'all',
    effect: 'permit',
    description: '',
    file: 'p.cedar',
    place: { line: 1, column: 1 },
  };
  const entity = (id: string) => ({ uid: { type: 'User', id }, attrs: {}, parents: [] });
  const asked = { principal: entity('a'), action, resource: entity('b'), context: {} };

  it('finds a sampled answer equal to what Cedar says of it', () => {
    const engine = prepare([policy], schema);
    // The first is not checked: who waits for it waits for the start of a function.
    expect(engine.ask(asked).effect).toBe('permit');
    expect(engine.check()).toBeUndefined();
    expect(engine.ask(asked).effect).toBe('permit');
    expect(engine.check()).toBe('same');
    expect(engine.check()).toBeUndefined();
  });

  it('lets Cedar answer for good once a compiled answer differs from it', () => {
    // A fault of the compiler, made here: its form of the policy forbids nobody and permits nobody.
    const engine = prepare([{ ...policy, json: permitWhen({ Value: false }) }], schema);
    for (let times = 0; times < 2; times++) expect(engine.ask(asked).effect).toBe('none');
    expect(engine.check()).toBe('differs');
    expect(engine.ask(asked).effect).toBe('permit');
    expect(engine.check()).toBeUndefined();
  });
});

function permitWhen(body: Expr): PolicyJson {
  return {
    effect: 'permit',
    principal: { op: 'All' },
    action: { op: 'All' },
    resource: { op: 'All' },
    conditions: [{ kind: 'when', body }],
  };
}
