/**
 * The fields of each kind of state that mean the same on one machine and on AWS. The local engine passes over
 * what it does not know (`Assign`, `ItemReader`, a misspelt `Paramters`), so anything else is refused here.
 * https://states-language.net/spec.html
 */
export const STATE_TYPES = ['Task', 'Pass', 'Choice', 'Wait', 'Succeed', 'Fail', 'Parallel', 'Map'] as const;
export type StateType = (typeof STATE_TYPES)[number];

const io = ['InputPath', 'OutputPath'];
const next = ['Next', 'End'];
const result = ['Parameters', 'ResultSelector', 'ResultPath', 'Retry', 'Catch'];
const wait = ['Seconds', 'Timestamp', 'SecondsPath', 'TimestampPath'];

const FIELDS: Readonly<Record<StateType, readonly string[]>> = {
  Task: [...io, ...next, ...result, 'Resource', 'TimeoutSeconds', 'TimeoutSecondsPath'],
  Pass: [...io, ...next, 'Result', 'Parameters', 'ResultPath'],
  Choice: [...io, 'Choices', 'Default'],
  Wait: [...io, ...next, ...wait],
  Succeed: io,
  Fail: ['Error', 'Cause', 'ErrorPath', 'CausePath'],
  Parallel: [...io, ...next, ...result, 'Branches'],
  Map: [
    ...io,
    ...next,
    ...result,
    'ItemProcessor',
    'Iterator',
    'ItemsPath',
    'ItemSelector',
    'MaxConcurrency',
    'MaxConcurrencyPath',
  ],
};

/** A state needs one of these. */
const ONE_OF: Readonly<Partial<Record<StateType, readonly string[]>>> = {
  Task: ['Resource'],
  Choice: ['Choices'],
  Wait: wait,
  Parallel: ['Branches'],
  Map: ['ItemProcessor', 'Iterator'],
};

const MACHINE: readonly string[] = [
  'Comment',
  'StartAt',
  'States',
  'Version',
  'TimeoutSeconds',
  'QueryLanguage',
  'ProcessorConfig',
];

export const unknownMachineFields = (machine: object): string[] =>
  Object.keys(machine).filter((field) => !MACHINE.includes(field));

export function unknownFields(type: StateType, state: object): string[] {
  const known = ['Type', 'Comment', 'QueryLanguage', ...FIELDS[type]];
  return Object.keys(state).filter((field) => !known.includes(field));
}

/** The fields of which one is missing; undefined when one is there or none is needed. */
export function missingField(type: StateType, state: object): readonly string[] | undefined {
  const needed = ONE_OF[type];
  return needed === undefined || needed.some((field) => Object.hasOwn(state, field)) ? undefined : needed;
}
