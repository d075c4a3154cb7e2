/** A charter that names somebody names one issuer's person, and no other's of the same sub. */
import { describe, expect, it } from 'vitest';
import { evaluateFlag } from '../../src/charter/flags.ts';
import { subjectAttributes } from '../../src/charter/subject.ts';
import { actionDigest } from '../../src/decision/record.ts';
import { charterWith, edited, person, shipped } from './world.ts';

const registered = shipped.documents['gateway.yaml'].agents[0] ?? expect.fail('no agent is registered');
const home = person(['operator'], { sub: registered.id });
const other = { ...home, issuer: 'https://corp.example.org', realm: 'corp' };

describe('who a charter names', () => {
  it('is an agent of the home issuer: another issuer’s of that sub is untrusted, also as an actor', () => {
    expect(subjectAttributes(shipped, home)).toMatchObject({ sub: registered.id, trust: registered.trust });
    expect(subjectAttributes(shipped, other)).toMatchObject({
      sub: `corp ${registered.id}`,
      trust: 'untrusted',
    });
    const acting = { ...other, sub: 'jake', act: [registered.id] };
    expect(subjectAttributes(shipped, acting)).toMatchObject({ agent_type: 'none', trust: 'untrusted' });
  });

  it('is an agent of another issuer where it says so', () => {
    const charter = charterWith({
      'gateway.yaml': edited('gateway.yaml', `id: ${registered.id},`, `id: corp ${registered.id},`),
    });
    expect(subjectAttributes(charter, other)).toMatchObject({ trust: registered.trust });
    expect(subjectAttributes(charter, home)).toMatchObject({ trust: 'untrusted' });
  });

  it('is whom a flag is for', () => {
    const flags =
      'flags:\n  trial:\n    description: for one\n    default: false\n    rules: [{ subjects: [jake], value: true }]\n';
    const charter = charterWith({ 'flags.yaml': flags });
    expect(evaluateFlag(charter, 'trial', { ...home, sub: 'jake' }).value).toBe(true);
    expect(evaluateFlag(charter, 'trial', { ...other, sub: 'jake' }).value).toBe(false);
  });

  it('has an approval or capability of their own', () => {
    const question = {
      ...{ action: 'x', resource: { type: 'tool', id: 't' }, scope: 's', shape: [] },
      mode: 'enforce' as const,
    };
    expect(actionDigest(home, question, 'c')).not.toBe(actionDigest(other, question, 'c'));
  });
});
