/**
 * What is wrong with an Amazon States Language definition, as far as Chancery depends on it: JSONPath only
 * (the local engine passes JSONata over in silence), every transition ends somewhere, every state can be
 * reached, every task is one that can run, and every field is one that both engines know.
 * https://states-language.net/spec.html
 */
import * as z from 'zod';
import type { Problem } from '../basics/problem.ts';
import type { Json, JsonObject } from '../json.ts';
import { hasEffects } from './effects.ts';
import { missingField, STATE_TYPES, unknownFields, unknownMachineFields } from './fields.ts';
import type { SourceFile } from './locate.ts';

const OWN_TASK = /^\$\{TaskArn_([a-z][a-z0-9_]*)\}$/;
/** A Lambda function by its ARN or a service integration: on AWS only. */
const FOREIGN_TASK = /^arn:aws[a-z-]*:(lambda|states):/;

const MEND_FIELD =
  'Correct the spelling, or do it with fields that mean the same everywhere (docs/workflows.md).';

const stateSchema = z.looseObject({
  Type: z.enum(STATE_TYPES),
  Next: z.string().optional(),
  End: z.boolean().optional(),
  Default: z.string().optional(),
  Resource: z.string().optional(),
  Choices: z.array(z.looseObject({ Next: z.string().optional() })).optional(),
  Catch: z.array(z.looseObject({ Next: z.string() })).optional(),
});
type State = z.infer<typeof stateSchema>;
const machineSchema = z.looseObject({ StartAt: z.string(), States: z.record(z.string(), stateSchema) });
type Machine = z.infer<typeof machineSchema>;

export interface Inspection {
  readonly problems: Problem[];
  readonly definition: JsonObject;
  /** Own tasks used, without doubles. */
  readonly tasks: readonly string[];
  /** A task in it, however deep, changes or discloses something. */
  readonly effects: boolean;
  readonly timeout_seconds: number | undefined;
}

/** `knownTasks`: names of the tasks that exist; a task outside of it is a problem. */
export function inspectDefinition(source: SourceFile, knownTasks: ReadonlySet<string>): Inspection {
  const problems: Problem[] = [];
  const tasks = new Set<string>();
  let effects = false;
  const names = new Set<string>();
  const report = (path: readonly PropertyKey[], code: string, message: string, fix: string) =>
    void problems.push(source.problem(path, code, message, fix));

  const top = z.looseObject({ TimeoutSeconds: z.int().min(1).optional() }).safeParse(source.value);
  if (!top.success)
    report(
      [],
      'definition_shape',
      'The definition is not an object with a whole TimeoutSeconds.',
      'Write one state machine, with TimeoutSeconds.',
    );
  const json = z.record(z.string(), z.json()).safeParse(source.value);

  const visitJson = (value: Json | undefined, path: readonly PropertyKey[]): void => {
    if (value === undefined || value === null || typeof value !== 'object') return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'QueryLanguage' && inner !== 'JSONPath')
        report(
          [...path, key],
          'jsonata',
          'Only JSONPath runs the same everywhere.',
          'Remove QueryLanguage and write paths like $.a.b.',
        );
      visitJson(inner, [...path, Array.isArray(value) ? Number(key) : key]);
    }
  };

  const visitMachine = (value: unknown, path: readonly PropertyKey[]): void => {
    const parsed = machineSchema.safeParse(value);
    if (!parsed.success) {
      for (const issue of parsed.error.issues)
        report(
          [...path, ...issue.path],
          'definition_shape',
          `${issue.path.join('.') || 'definition'}: ${issue.message}`,
          'Write it as the Amazon States Language has it.',
        );
      return;
    }
    for (const field of unknownMachineFields(parsed.data))
      report([...path, field], 'unknown_field', `"${field}" is no field of a state machine.`, MEND_FIELD);
    for (const [name, state] of Object.entries(parsed.data.States))
      visitState(name, state, parsed.data, [...path, 'States', name]);
    checkReach(parsed.data, path);
  };

  const visitState = (name: string, state: State, machine: Machine, path: readonly PropertyKey[]): void => {
    for (const { target, at } of transitions(state))
      if (!Object.hasOwn(machine.States, target))
        report(
          [...path, ...at],
          'dangling_state',
          `State "${name}" goes to "${target}", which does not exist.`,
          'Name an existing state, or add it.',
        );
    checkGrammar(name, state, path);
    if (state.Type === 'Task') visitTask(name, state, [...path, 'Resource']);
    if (state.Type === 'Parallel' && Array.isArray(state.Branches))
      for (const [index, branch] of state.Branches.entries())
        visitMachine(branch, [...path, 'Branches', index]);
    if (state.Type === 'Map')
      for (const key of ['ItemProcessor', 'Iterator'])
        if (state[key] !== undefined) visitMachine(state[key], [...path, key]);
  };

  const checkGrammar = (name: string, state: State, path: readonly PropertyKey[]): void => {
    for (const field of unknownFields(state.Type, state))
      report(
        [...path, field],
        'unknown_field',
        `"${field}" is no field of the ${state.Type} state "${name}".`,
        MEND_FIELD,
      );
    const missing = missingField(state.Type, state)?.join(' or ');
    if (missing !== undefined)
      report(
        path,
        'missing_field',
        `The ${state.Type} state "${name}" has no ${missing}.`,
        `Add ${missing}.`,
      );
    const goesOn = state.Next !== undefined;
    const terminal = ['Succeed', 'Fail', 'Choice'].includes(state.Type);
    if (!terminal && (state.End === true) === goesOn)
      report(
        path,
        'no_end',
        `State "${name}" must either end or go on.`,
        'Write one of "Next" and "End": true.',
      );
    // The local engine finds a task by its state's name alone.
    if (names.has(name))
      report(
        path,
        'duplicate_state',
        `Two states are named "${name}".`,
        'Give each state of the file its own name.',
      );
    names.add(name);
  };

  const visitTask = (name: string, state: State, path: readonly PropertyKey[]): void => {
    const resource = state.Resource ?? '';
    const own = OWN_TASK.exec(resource)?.[1];
    effects ||= hasEffects(own, state.Parameters);
    if (own !== undefined && knownTasks.has(own)) tasks.add(own);
    else if (own !== undefined)
      report(
        path,
        'unknown_task',
        `State "${name}" runs "${own}", which is no task.`,
        `Use one of: ${[...knownTasks].join(', ')}.`,
      );
    else if (!FOREIGN_TASK.test(resource))
      report(
        path,
        'task_resource',
        `State "${name}" has a Resource that is neither \${TaskArn_NAME} nor an ARN.`,
        `Write "\${TaskArn_NAME}" with the name of a task.`,
      );
  };

  const checkReach = (machine: Machine, path: readonly PropertyKey[]): void => {
    if (!Object.hasOwn(machine.States, machine.StartAt)) {
      report(
        [...path, 'StartAt'],
        'dangling_state',
        `StartAt names "${machine.StartAt}", which does not exist.`,
        'Name an existing state.',
      );
      return;
    }
    const reached = new Set<string>();
    const open = [machine.StartAt];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      const state = machine.States[name];
      if (state === undefined || reached.has(name)) continue;
      reached.add(name);
      open.push(...transitions(state).map((transition) => transition.target));
    }
    for (const name of Object.keys(machine.States))
      if (!reached.has(name))
        report(
          [...path, 'States', name],
          'unreachable_state',
          `State "${name}" is never reached.`,
          'Remove it, or let a state go to it.',
        );
  };

  if (json.success) visitJson(json.data, []);
  else report([], 'definition_shape', 'The definition is not a JSON object.', 'Write one state machine.');
  if (top.success) visitMachine(source.value, []);
  return {
    problems,
    definition: json.success ? json.data : {},
    tasks: [...tasks].sort(),
    effects,
    timeout_seconds: top.success ? top.data.TimeoutSeconds : undefined,
  };
}

function transitions(state: State): { target: string; at: readonly PropertyKey[] }[] {
  const found: { target: string; at: readonly PropertyKey[] }[] = [];
  if (state.Next !== undefined) found.push({ target: state.Next, at: ['Next'] });
  if (state.Default !== undefined) found.push({ target: state.Default, at: ['Default'] });
  for (const [index, choice] of (state.Choices ?? []).entries())
    if (choice.Next !== undefined) found.push({ target: choice.Next, at: ['Choices', index, 'Next'] });
  for (const [index, catcher] of (state.Catch ?? []).entries())
    found.push({ target: catcher.Next, at: ['Catch', index, 'Next'] });
  return found;
}
