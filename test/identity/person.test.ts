import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markedAs, notAPerson, sameMarked, samePerson } from '../../src/identity/person.ts';

const ann = { sub: 'a-1', issuer: 'https://one.example', name: 'Ann Lee', email: 'ann@example.org' };

describe('two accounts are one person', () => {
  it.each([
    ['with the same e-mail', { sub: 'a-2', name: 'Somebody', email: 'ann@example.org' }],
    ['with the e-mail in capitals', { sub: 'a-2', email: ' ANN@Example.ORG ' }],
    ['with the e-mail as their sub', { sub: 'ann@example.org' }],
    ['with the e-mail as their name', { sub: 'a-2', name: 'ann@example.org' }],
    ['with the same name in another case', { sub: 'a-2', name: 'ANN LEE' }],
    ['with the same name and other blanks', { sub: 'a-2', name: ' Ann\u00a0  Lee ' }],
    ['with a Cyrillic letter in the name', { sub: 'a-2', name: '\u0410nn Lee' }],
    ['with a name of full width', { sub: 'a-2', name: 'Ａｎｎ Ｌｅｅ' }],
    ['with something unseen in the name', { sub: 'a-2', name: 'Ann\u200b Lee' }],
    ['with a detail behind the mailbox', { sub: 'a-2', email: 'Ann+board@example.org' }],
    ['with the last name first', { sub: 'a-2', name: 'Lee, Ann' }],
    ['with another joint in the name', { sub: 'a-2', name: 'ann.lee' }],
    ['with the same sub in another case', { sub: 'A-1', issuer: 'https://one.example' }],
  ])('%s', (_, other) => {
    expect(samePerson(ann, other)).toBe(true);
    const [one, two] = [ann, other].map((person) => markedAs(person, person.sub, (text) => `<${text}>`));
    expect(one && two && sameMarked(one, two)).toBe(true);
  });

  it.each([
    ['have nothing in common', { sub: 'b-1', name: 'Ben Lee', email: 'ben@example.org' }],
    ['have one sub at two issuers', { sub: 'a-1', issuer: 'https://two.example', name: 'Ada' }],
    ['lack the same things', { sub: 'b-1' }],
    ['have mailboxes that only begin alike', { sub: 'b-1', email: 'ann.b@example.org' }],
    ['have an empty name', { sub: 'b-1', name: '\u200b', email: '' }],
  ])('and two when they %s', (_, other) => {
    expect(samePerson({ ...ann, email: undefined }, other)).toBe(false);
    expect(samePerson({ sub: 'a-1', name: ' ' }, { sub: 'b-1', name: '' })).toBe(false);
  });

  it('whichever is asked first', () => {
    const known = fc.record({ sub: fc.string(), name: fc.option(fc.string(), { nil: undefined }) });
    fc.assert(fc.property(known, known, (a, b) => samePerson(a, b) === samePerson(b, a)));
  });
});

describe('a person', () => {
  it('is human and acts for themselves', () => {
    expect(notAPerson({ kind: 'human', act: [] }, 'a vote')).toBeUndefined();
    for (const who of [
      { kind: 'service', act: [] },
      { kind: 'agent', act: [] },
      { kind: 'human', act: ['bot'] },
    ] as const)
      expect(notAPerson(who, 'a vote')).toMatchObject({ code: 'people_only' });
  });
});
