/** The tasks that Chancery brings along: what `${TaskArn_NAME}` may name in a definition. */
export const TASKS = ['http_call', 'ledger_report', 'subject_export'] as const;
export type TaskName = (typeof TASKS)[number];
