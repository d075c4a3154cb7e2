import { describe, expect, it } from 'vitest';
import { createSessions, SESSION_MS } from '../../src/identity/sessions.ts';
import { NOW } from './issuer.ts';

function setUp() {
  const state = { now: NOW };
  return { state, sessions: createSessions({ clock: () => state.now }) };
}

describe('a session', () => {
  it('is active for 15 minutes after it was last seen', () => {
    const { state, sessions } = setUp();
    sessions.seen({ issuer: 'i', id: 'a' }, state.now);
    sessions.seen({ issuer: 'i', id: 'b' }, state.now);
    state.now += 60_000;
    sessions.seen({ issuer: 'i', id: 'a' }, state.now);
    expect(sessions.active()).toBe(2);
    state.now = NOW + SESSION_MS;
    expect(sessions.active()).toBe(1);
    state.now += 60_000;
    expect(sessions.active()).toBe(0);
  });

  it('is one however often it is seen', () => {
    const { state, sessions } = setUp();
    for (let i = 0; i < 100; i++) sessions.seen({ issuer: 'i', id: 'a' }, state.now + i);
    expect(sessions.active()).toBe(1);
  });

  it('that was quiet longest is forgotten first when there are too many', () => {
    const { state, sessions } = setUp();
    for (let i = 0; i < 100_050; i++) sessions.seen({ issuer: 'i', id: `s${i}` }, state.now);
    expect(sessions.active()).toBe(100_000);
  });
});
