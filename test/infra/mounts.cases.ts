import { describe, expect, it } from 'vitest';
import { AUDIT } from '../../http/audit/families.ts';
import { GATE } from '../../http/gate/families.ts';
import { GOVERN } from '../../http/govern/families.ts';
import { MCP } from '../../http/mcp/families.ts';
import { OBSERVE } from '../../http/observe/families.ts';
import type { RouteFamily } from '../../http/routes.ts';
import { routes } from './synth.ts';

/** Routes are declared before anything is used, so that any object will do to read them off. */
const anything: never = new Proxy(() => undefined, {
  get: (_target, name) => (name === Symbol.toPrimitive ? () => '' : anything),
  apply: () => anything,
}) as never;

function routesMounted(families: readonly ((kit: never) => RouteFamily)[]): string[] {
  const found: string[] = [];
  for (const family of families) {
    family(anything)(({ method, path }) => {
      const led = path.replaceAll(/:([A-Za-z_]+)\{\.\+\}/g, '{$1+}').replaceAll(/:([A-Za-z_]+)/g, '{$1}');
      found.push(`${method.toUpperCase()} ${led}`);
    });
  }
  return found.sort();
}

describe('every route of the API ends at a function that has it, and at no other', () => {
  it.each([
    ['gate', GATE],
    ['mcp', MCP],
    ['govern', GOVERN],
    ['audit', AUDIT],
    ['observe', OBSERVE],
  ] as const)('%s', (name, families) => {
    const led = routes
      .filter((route) => route.function === name)
      .map(({ method, path }) => `${method} ${path}`);
    expect(routesMounted(families)).toEqual(led.sort());
  });
});
