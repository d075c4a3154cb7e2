import { describe, expect, it } from 'vitest';
import type { Charter } from '../../src/charter/charter.ts';
import { eventObjection } from '../../src/decision/application-event.ts';
import { knownIssuers } from '../../src/identity/issuers.ts';
import type { Principal } from '../../src/terms.ts';
import { shipped } from './world.ts';

const HOME: string = 'https://home.example';
const CORP: string = 'https://corp.example';
const issuers = knownIssuers([
  { issuer: HOME, name: 'home' },
  { issuer: CORP, name: 'corp' },
]);
const given = (applications: Charter['documents']['charter.yaml']['applications']): Charter => ({
  ...shipped,
  documents: {
    ...shipped.documents,
    'charter.yaml': { ...shipped.documents['charter.yaml'], applications },
  },
});
const service = (sub: string, more: Partial<Principal> = {}): Principal => ({
  sub,
  issuer: HOME,
  kind: 'service',
  actor_type: 'system_service',
  roles: [],
  scopes: [],
  act: [],
  person: false,
  fresh_mfa: false,
  expires_at: 0,
  ...more,
});
const charter = given([
  { id: 'photos-app', families: ['photos'], issuers: ['corp'] },
  { id: 'diary', families: ['memory'], issuers: [] },
  { id: 'corp diary', families: ['memory'], issuers: [] },
]);
const code = (caller: Principal, type: string, about = { issuer: HOME, sub: 'ann' }, by = charter) =>
  eventObjection(by, issuers, caller, { type, about })?.code;

describe('a governed application', () => {
  it('records events of its own families only', () => {
    expect(code(service('diary'), 'memory.modified')).toBeUndefined();
    expect(code(service('diary'), 'photos.shared')).toBe('family_not_given');
    expect(code(service('photos-app'), 'photos.shared')).toBeUndefined();
    expect(code(service('photos-app'), 'memory.modified')).toBe('family_not_given');
    expect(code(service('nobody'), 'memory.modified')).toBe('family_not_given');
  });

  it('speaks of its own issuer’s people, and of those that the charter names for it', () => {
    const corp = { issuer: CORP, sub: 'ann' };
    expect(code(service('diary'), 'memory.modified', corp)).toBe('not_your_principal');
    expect(code(service('photos-app'), 'photos.shared', corp)).toBeUndefined();
    expect(code(service('diary', { issuer: CORP, realm: 'corp' }), 'memory.modified', corp)).toBeUndefined();
  });

  it('of another issuer has nothing of its namesake’s', () => {
    const namesake = service('photos-app', { issuer: CORP, realm: 'corp' });
    expect(code(namesake, 'photos.shared', { issuer: CORP, sub: 'ann' })).toBe('family_not_given');
  });

  it('is a service that acts for itself', () => {
    for (const other of [service('diary', { act: ['bot'] }), service('diary', { kind: 'agent' })])
      expect(code(other, 'memory.modified')).toBe('family_not_given');
  });

  it('records no type of governance, given or not', () => {
    for (const type of ['decision.made', 'charter.activated', 'user.invented', 'photos.invented'])
      expect(
        code(service('diary'), type, undefined, given([{ id: '*', families: ['memory'], issuers: [] }])),
      ).toBe('unknown_event_type');
  });
});

describe('a person or an agent', () => {
  it('records of nobody but themselves, within what every service may', () => {
    const everybody = given([{ id: '*', families: ['memory'], issuers: [] }]);
    const own = { issuer: HOME, sub: 'ann' };
    for (const kind of ['human', 'agent'] as const) {
      const caller = service('ann', { kind });
      expect(code(caller, 'memory.modified', own, everybody)).toBeUndefined();
      expect(code(caller, 'user.updated', own, everybody)).toBe('family_not_given');
      expect(code(caller, 'memory.modified', { ...own, sub: 'ben' }, everybody)).toBe('not_your_principal');
      expect(code(caller, 'memory.modified', { ...own, issuer: CORP }, everybody)).toBe('not_your_principal');
    }
  });
});
