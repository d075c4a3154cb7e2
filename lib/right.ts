/** The rights that a function may have, in words; lib/rights.ts says what each means on AWS. */
export const RIGHTS = [
  'append to the ledger',
  'read the ledger',
  'keep state',
  'read state',
  'open personal fields',
  'erase subjects',
  'store documents',
  'read the log',
  'publish the log',
  'sign checkpoints',
  'sign capabilities',
  'start workflows',
  'read executions',
  'call out',
  'consume the stream',
  'wake the loop and the notifier',
  'leave dead letters',
  'read what AWS publishes',
] as const;
export type Right = (typeof RIGHTS)[number];
