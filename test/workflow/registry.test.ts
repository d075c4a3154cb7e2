import { Ajv2020 } from 'ajv/dist/2020.js';
import { StateMachine } from 'aws-local-stepfunctions';
import { describe, expect, it } from 'vitest';
import { loadWorkflows } from '../../src/workflow/registry.ts';
import { pair, registryOf, shippedFiles } from './files.ts';

const problemsOf = (files: ReadonlyMap<string, string>) => {
  const loaded = loadWorkflows(files);
  return loaded.ok ? [] : loaded.problems;
};

/** As CloudFormation fills it in. */
const deployed = (definition: object) =>
  JSON.parse(
    JSON.stringify(definition).replaceAll(
      /\$\{TaskArn_(\w+)\}/g,
      (_, task: string) => `arn:aws:lambda:eu-central-1:123456789012:function:${task}`,
    ),
  );

describe('the shipped workflows', () => {
  const { all } = registryOf(shippedFiles());

  it('are the four of the requirements with their roles, modes and risks', () => {
    expect(
      all.map(({ name, roles, modes, risk_level, kind }) => ({ name, roles, modes, risk_level, kind })),
    ).toEqual([
      {
        name: 'compliance-report',
        roles: ['auditor', 'operator'],
        modes: ['grunt', 'execute'],
        risk_level: 1,
        kind: 'express',
      },
      {
        name: 'data-export',
        roles: ['operator'],
        modes: ['grunt', 'execute'],
        risk_level: 3,
        kind: 'express',
      },
      {
        name: 'deploy-to-production',
        roles: ['operator'],
        modes: ['execute'],
        risk_level: 5,
        kind: 'standard',
      },
      {
        name: 'deploy-to-staging',
        roles: ['operator', 'developer'],
        modes: ['execute'],
        risk_level: 2,
        kind: 'express',
      },
    ]);
  });

  it.each(all.map((workflow) => [workflow.name, workflow] as const))(
    '%s is valid to other validators',
    (_, workflow) => {
      expect(() => new StateMachine(deployed(workflow.definition))).not.toThrow();
      expect(() =>
        new Ajv2020({ strict: true, formats: { 'date-time': true } }).compile(workflow.parameters),
      ).not.toThrow();
    },
  );
});

describe('a workflow that a user adds', () => {
  it('is there once its two files are', () => {
    const registry = registryOf(new Map([...shippedFiles(), ...pair('say-it')]));
    expect(registry.all).toHaveLength(5);
    expect(registry.get('say-it')).toMatchObject({
      roles: ['developer'],
      timeout_seconds: 5,
      tasks: [],
    });
    expect(registry.get('constructor')).toBeUndefined();
  });

  it('has another digest when either file changes', () => {
    const digest = (changes: Parameters<typeof pair>[1]) => registryOf(pair('w', changes)).get('w')?.digest;
    const manifest = pair('w').get('w.yaml');
    expect(digest({})).toMatch(/^[0-9a-f]{64}$/);
    expect(digest({ definition: { TimeoutSeconds: 6 } })).not.toBe(digest({}));
    expect(digest({ manifest: `${manifest}\nscope: x:y` })).not.toBe(digest({}));
  });
});

describe('a mistake is named with file, line and fix', () => {
  const broken = (name: string, text: string) => new Map([...pair('w'), [name, text]]);
  const manifest = pair('w').get('w.yaml') ?? '';

  it.each([
    ['a definition without manifest', new Map([['w.asl.json', '{}']]), 'missing_file', 'w.yaml', 1],
    ['a manifest without definition', new Map([['w.yaml', manifest]]), 'missing_file', 'w.asl.json', 1],
    ['JSON that ends early', broken('w.asl.json', '{"StartAt": "A",'), 'yaml_syntax', 'w.asl.json', 1],
    ['a key given twice', broken('w.yaml', `${manifest}\nname: w`), 'duplicate_key', 'w.yaml', 8],
    ['a misspelt key', broken('w.yaml', `${manifest}\nrisklevel: 2`), 'unknown_key', 'w.yaml', 8],
    [
      'a risk level of 6',
      broken('w.yaml', manifest.replace('risk_level: 1', 'risk_level: 6')),
      'manifest',
      'w.yaml',
      4,
    ],
    [
      'a name that is not the file name',
      broken('w.yaml', manifest.replace('name: w', 'name: v')),
      'name_mismatch',
      'w.yaml',
      1,
    ],
    [
      'a misspelt keyword in the schema',
      broken('w.yaml', manifest.replace('required', 'requried')),
      'unknown_key',
      'w.yaml',
      7,
    ],
    [
      'a pattern that is none',
      broken('w.yaml', manifest.replace('type: string', "type: string, pattern: '('")),
      'manifest',
      'w.yaml',
      7,
    ],
    [
      'a dangling state inside a Map',
      pair('w', {
        states: {
          Echo: {
            Type: 'Map',
            End: true,
            ItemProcessor: { StartAt: 'Gone', States: { A: { Type: 'Succeed' } } },
          },
        },
      }),
      'dangling_state',
      'w.asl.json',
      9,
    ],
    [
      'a misspelt field',
      pair('w', { states: { Echo: { Type: 'Pass', Paramters: {}, End: true } } }),
      'unknown_field',
      'w.asl.json',
      7,
    ],
    [
      'a field that only AWS knows',
      pair('w', { states: { Echo: { Type: 'Pass', Assign: { a: 1 }, End: true } } }),
      'unknown_field',
      'w.asl.json',
      7,
    ],
    [
      'a misspelt field of the machine',
      pair('w', { definition: { Timeout: 3 } }),
      'unknown_field',
      'w.asl.json',
      13,
    ],
    [
      'a task without a resource',
      pair('w', { states: { Echo: { Type: 'Task', End: true } } }),
      'missing_field',
      'w.asl.json',
      5,
    ],
    [
      'a state that ends and goes on',
      pair('w', { states: { Echo: { Type: 'Pass', End: true, Next: 'B' }, B: { Type: 'Succeed' } } }),
      'no_end',
      'w.asl.json',
      5,
    ],
    [
      'two states of one name',
      pair('w', {
        states: {
          Echo: {
            Type: 'Parallel',
            End: true,
            Branches: [{ StartAt: 'Echo', States: { Echo: { Type: 'Succeed' } } }],
          },
        },
      }),
      'duplicate_state',
      'w.asl.json',
      12,
    ],
    [
      'a state of no known type',
      pair('w', { states: { Echo: { Type: 'Sleep', End: true } } }),
      'definition_shape',
      'w.asl.json',
      6,
    ],
    [
      'a choice that goes nowhere',
      pair('w', {
        states: {
          Echo: {
            Type: 'Choice',
            Choices: [{ Variable: '$.a', IsPresent: true, Next: 'Gone' }],
            Default: 'Gone',
          },
        },
      }),
      'dangling_state',
      'w.asl.json',
      14,
    ],
    [
      'a check with a path of its own kind',
      broken('w.yaml', `${manifest}\nchecks: [{path: '$..a', op: exists}]`),
      'manifest',
      'w.yaml',
      8,
    ],
    ['JSONata for all', pair('w', { definition: { QueryLanguage: 'JSONata' } }), 'jsonata', 'w.asl.json', 13],
    [
      'JSONata in one state',
      pair('w', { states: { Echo: { Type: 'Pass', QueryLanguage: 'JSONata', End: true } } }),
      'jsonata',
      'w.asl.json',
      7,
    ],
    [
      'a state that goes nowhere',
      pair('w', { states: { Echo: { Type: 'Pass', Next: 'Gone' } } }),
      'dangling_state',
      'w.asl.json',
      7,
    ],
    [
      'a start that is not there',
      pair('w', { definition: { StartAt: 'Gone' } }),
      'dangling_state',
      'w.asl.json',
      2,
    ],
    ['a state without an end', pair('w', { states: { Echo: { Type: 'Pass' } } }), 'no_end', 'w.asl.json', 5],
    [
      'a state that is never reached',
      pair('w', { states: { Echo: { Type: 'Succeed' }, Lost: { Type: 'Succeed' } } }),
      'unreachable_state',
      'w.asl.json',
      8,
    ],
    [
      'a task that does not exist',
      pair('w', { states: { Echo: { Type: 'Task', Resource: `\${TaskArn_nothing}`, End: true } } }),
      'unknown_task',
      'w.asl.json',
      7,
    ],
    [
      'a resource of another kind',
      pair('w', { states: { Echo: { Type: 'Task', Resource: 'http://x', End: true } } }),
      'task_resource',
      'w.asl.json',
      7,
    ],
    [
      'an express workflow of a minute',
      pair('w', { definition: { TimeoutSeconds: 60 } }),
      'timeout',
      'w.asl.json',
      3,
    ],
    [
      'no timeout at all',
      pair('w', { definition: { TimeoutSeconds: undefined } }),
      'timeout',
      'w.asl.json',
      1,
    ],
    [
      'a dangling state inside a branch',
      pair('w', {
        states: {
          Echo: {
            Type: 'Parallel',
            End: true,
            Branches: [{ StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' } } }],
          },
        },
      }),
      'dangling_state',
      'w.asl.json',
      14,
    ],
    ['a list instead of a definition', broken('w.asl.json', '[]'), 'definition_shape', 'w.asl.json', 1],
  ])('%s', (_, files, code, file, line) => {
    const problems = problemsOf(files);
    expect(problems.map((problem) => problem.code)).toContain(code);
    const problem = problems.find((each) => each.code === code);
    expect(problem).toMatchObject({ file, line });
    expect(problem?.fix).not.toBe('');
  });

  it('and one broken workflow refuses them all', () => {
    expect(loadWorkflows(new Map([...shippedFiles(), ['w.yaml', manifest]])).ok).toBe(false);
  });
});
