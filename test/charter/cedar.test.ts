/** The engine that decides, when something ends it. It is of the whole thread: each test leaves it working. */
import { afterEach, expect, it } from 'vitest';
import { makeCedar } from '../../adapters/cedar.ts';
import { callCedar, cedarGeneration, isCedarWorking, makeCedarBy } from '../../src/charter/cedar.ts';
import { judge } from '../../src/charter/judge.ts';
import { charterCheck } from '../../src/watch/ops/checks.ts';
import { charterWith, NOW } from './world.ts';

/** Its policies are compiled, so that Cedar itself is asked only now and then. */
const compiled = charterWith();
/** An address is not for compiled policies: Cedar answers every question. */
const charter = charterWith({
  'policies/addresses.cedar':
    '@id("nobody-from-here")\nforbid (principal, action == Chancery::Action::"gateway:tool:invoke", resource) when { ip("10.0.0.1").isLoopback() };\n',
});
const ask = (by = charter) =>
  judge(by, {
    subject: {
      id: 'root',
      roles: ['admin'],
      attributes: {
        sub: 'root',
        roles: ['admin'],
        kind: 'human',
        actor_type: 'human_user',
        act_depth: 0,
        fresh_mfa: false,
        scopes: [],
        agent_type: 'none',
        trust: 'untrusted',
        environment: 'unknown',
        capabilities: [],
      },
    },
    action: 'gateway:tool:invoke',
    resource: {
      type: 'tool',
      id: 'search-mcp.search',
      attributes: {
        server: 'search-mcp',
        category: 'search',
        sensitivity: 'low',
        environment: 'prod',
        listed: true,
        writes: false,
      },
    },
    context: { risk: 1, data_classes: [], person: true, destructive_sql: false, destructive_verb: false },
  });
/** What bounds keep from it. */
const end = () =>
  callCedar((cedar) => {
    const condition = `${'('.repeat(1000)}true${')'.repeat(1000)}`;
    return cedar.policyToJson(`permit(principal, action, resource) when { ${condition} };`);
  });
const health = () =>
  charterCheck(
    async () => ({
      version: '1',
      digest: 'd',
      policies_loaded: 1,
      checked_at: NOW,
      engine: isCedarWorking(),
    }),
    () => NOW,
  ).run();

afterEach(() => {
  makeCedarBy(makeCedar);
  ask();
});

it('is made anew when it ends, and decides as before', () => {
  makeCedarBy(makeCedar);
  const before = ask();
  expect(before.permits).toEqual(['admin-uses-any-tool']);
  const generation = cedarGeneration();
  expect(end).toThrow();
  expect(cedarGeneration()).toBe(generation + 1);
  expect(ask()).toEqual(before);
});

it('denies, and readiness says so, while no other can be made', async () => {
  makeCedarBy(() => {
    throw new Error('no memory for another');
  });
  expect(end).toThrow();
  expect(isCedarWorking()).toBe(false);
  expect(ask()).toMatchObject({ permits: [], errors: ['*'] });
  // Nor is it held against compiled policies that there is nobody to compare them with.
  expect(ask(compiled).permits).toEqual(['admin-uses-any-tool']);
  expect(compiled.engine.check()).toBeUndefined();
  expect(ask(compiled).permits).toEqual(['admin-uses-any-tool']);
  expect(await health()).toMatchObject({ status: 'unhealthy' });

  makeCedarBy(makeCedar);
  expect(ask().permits).toEqual(['admin-uses-any-tool']);
  expect(await health()).toMatchObject({ status: 'healthy' });
});
