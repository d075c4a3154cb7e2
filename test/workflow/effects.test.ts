import { describe, expect, it } from 'vitest';
import { hasEffects } from '../../src/workflow/effects.ts';
import { pair, registryOf, shippedFiles } from './files.ts';

const get = {
  endpoint: 'STATUS_ENDPOINT',
  method: 'GET',
  path: '/health',
  'execution_id.$': '$.execution_id',
};
const task = (name: string, Parameters?: object, more: object = {}) => ({
  Type: 'Task',
  Resource: `\${TaskArn_${name}}`,
  ...(Parameters ? { Parameters } : {}),
  End: true,
  ...more,
});
const machine = (states: Record<string, object>) => ({ StartAt: Object.keys(states)[0], States: states });

const effectsOf = (states: Record<string, object>) =>
  registryOf(pair('one', { definition: machine(states) })).get('one')?.effects;

describe('what a workflow does', () => {
  it('is read from the shipped definitions', () => {
    const { all } = registryOf(shippedFiles());
    expect(Object.fromEntries(all.map(({ name, effects }) => [name, effects]))).toEqual({
      'compliance-report': false,
      'data-export': true,
      'deploy-to-production': true,
      'deploy-to-staging': true,
    });
  });

  it.each([
    ['a GET', get, false],
    ['a POST', { ...get, method: 'POST' }, true],
    ['a PUT', { ...get, method: 'PUT' }, true],
    ['a DELETE', { ...get, method: 'DELETE' }, true],
    ['a method in another case', { ...get, method: 'get' }, true],
    [
      'a method that the caller chooses',
      { ...get, method: undefined, 'method.$': '$.parameters.method' },
      true,
    ],
    ['a path that the caller chooses', { ...get, path: undefined, 'path.$': '$.parameters.path' }, true],
    ['a GET that carries something out', { ...get, 'body.$': '$.parameters' }, true],
    ['no parameters at all', undefined, true],
  ])('http_call with %s', (_, parameters, effects) => {
    expect(hasEffects('http_call', parameters)).toBe(effects);
  });

  it('an export of personal data has effects, and whatever is not known', () => {
    expect(hasEffects('subject_export', {})).toBe(true);
    expect(hasEffects('mail_everybody', {})).toBe(true);
    expect(hasEffects(undefined, {})).toBe(true);
    const states = { Call: { ...task('x'), Resource: 'arn:aws:lambda:eu-west-1:111122223333:function:pay' } };
    expect(effectsOf(states)).toBe(true);
    expect(effectsOf({ Say: { Type: 'Pass', End: true } })).toBe(false);
  });

  const hidden = task('http_call', { ...get, method: 'POST' });
  const plain = task('http_call', get);
  it.each([
    [
      'a branch of Parallel',
      { Both: { Type: 'Parallel', End: true, Branches: [machine({ A: plain }), machine({ B: hidden })] } },
    ],
    ['a Map', { Each: { Type: 'Map', End: true, ItemProcessor: machine({ A: hidden }) } }],
    [
      'a Map inside of a Parallel',
      {
        Both: {
          Type: 'Parallel',
          End: true,
          Branches: [machine({ M: { Type: 'Map', End: true, Iterator: machine({ A: hidden }) } })],
        },
      },
    ],
    [
      'one way of a Choice',
      {
        Which: { Type: 'Choice', Default: 'A', Choices: [{ Variable: '$.x', IsPresent: true, Next: 'B' }] },
        A: plain,
        B: hidden,
      },
    ],
    [
      'what a Catch goes to',
      { A: { ...plain, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }] }, B: hidden },
    ],
  ])('a task is found in %s', (_, states) => {
    expect(effectsOf(states)).toBe(true);
    expect(effectsOf(JSON.parse(JSON.stringify(states).replaceAll('"POST"', '"GET"')))).toBe(false);
  });
});
