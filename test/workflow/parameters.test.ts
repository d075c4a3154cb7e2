import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkParameters } from '../../src/workflow/parameters.ts';
import type { Workflow } from '../../src/workflow/workflow.ts';
import { pair, registryOf, shippedFiles } from './files.ts';

const shipped = registryOf(shippedFiles());
const workflow = (name: string): Workflow => {
  const found = shipped.get(name);
  if (found === undefined) throw new Error(`${name} is not shipped`);
  return found;
};

describe('the parameters of a request', () => {
  it.each([
    ['compliance-report', {}],
    ['compliance-report', { from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00+01:00' }],
    ['data-export', { subject: 'alice' }],
    ['deploy-to-staging', { environment: 'staging' }],
    ['deploy-to-production', { version: 'v1.2.3' }],
  ])('%s accepts %j', (name, parameters) => {
    expect(checkParameters(workflow(name), parameters)).toEqual([]);
  });

  it.each([
    ['compliance-report', { from: 'yesterday' }, '/parameters/from'],
    ['data-export', {}, '/parameters'],
    ['data-export', { subject: 7 }, '/parameters/subject'],
    ['data-export', { subject: '' }, '/parameters/subject'],
    ['deploy-to-staging', { environment: 'production' }, '/parameters/environment'],
    ['deploy-to-staging', { version: 'x'.repeat(129) }, '/parameters/version'],
  ])('%s refuses %j and points at %s', (name, parameters, path) => {
    const reasons = checkParameters(workflow(name), parameters);
    expect(reasons[0]).toMatchObject({ code: 'schema_error', kind: 'invalid', path });
    expect(reasons[0]?.message).not.toBe('');
  });

  it('are escaped in pointers, and a flood of mistakes is cut short', () => {
    const manifest = [
      ...(pair('w').get('w.yaml') ?? '').split('\n').slice(0, -1),
      'parameters: { type: object, additionalProperties: { type: string } }',
    ].join('\n');
    const loose = registryOf(pair('w', { manifest })).get('w');
    if (loose === undefined) throw new Error('w is not there');
    expect(checkParameters(loose, { 'a/b~c': 1 }).map((reason) => reason.path)).toContain(
      '/parameters/a~1b~0c',
    );
    const flood = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`p${index}`, index]));
    expect(checkParameters(loose, flood)).toHaveLength(20);
  });

  it('are judged as ajv judges them', () => {
    const ajv = new Ajv2020({ strict: true, formats: { 'date-time': true } });
    const { parameters } = workflow('deploy-to-staging');
    const judge = ajv.compile(parameters);
    const value = fc.oneof(
      fc.constant('staging'),
      fc.string(),
      fc.integer(),
      fc.constant(null),
      fc.array(fc.string()),
    );
    fc.assert(
      fc.property(
        fc.record({ environment: value, version: value, other: value }, { requiredKeys: [] }),
        (given) => {
          expect(checkParameters(workflow('deploy-to-staging'), given).length === 0).toBe(judge(given));
        },
      ),
    );
  });
});
