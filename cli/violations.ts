/** `chancery violations`: cases, from the report to the appeal; and what they put people under, `chancery sanctions`. */
import { type Command, Option } from 'commander';
import * as z from 'zod';
import { CASE_STATES, CASE_STEPS } from '../src/govern/cases/case.ts';
import { SANCTION_STATES } from '../src/govern/sanctions/sanction.ts';
import { SEVERITIES } from '../src/terms.ts';
import { show, tell } from './answer.ts';
import { apiClient, queryOf, succeeded } from './client.ts';
import { agreed, type ConfirmFlags, confirmable } from './confirm.ts';
import { listOrFollow } from './followed-list.ts';
import { listing } from './listing.ts';
import { countFrom } from './number.ts';
import { inOneLine } from './visible.ts';
import type { CliWorld } from './world.ts';

const sanctionSchema = z.looseObject({
  sanction_id: z.string(),
  subject: z.string(),
  kind: z.string(),
  severity: z.string(),
  violation_id: z.string(),
  provisional: z.boolean(),
  status: z.string(),
  until: z.string().nullable(),
  reason: z.string(),
});

const caseSchema = z.looseObject({
  violation_id: z.string(),
  status: z.string(),
  severity: z.string(),
  violation_type: z.string(),
  node_or_service: z.string(),
  reported_at: z.string(),
  missing: z.number().optional(),
  sanctions: z.array(sanctionSchema).optional(),
});

/** Without CHANCERY_TOKEN the local operator looks, reports and decides as a member of the committee. */
const MEMBER = ['committee_member'];

const collect = (value: string, before: string[] = []): string[] => [...before, value];

const DOES = {
  confirm: 'find that it happened: what its severity brings is in force at once',
  dismiss: 'find that it did not: what was done because of it is undone',
  appeal: 'ask for another hearing',
  restore: 'grant the appeal: what was done is undone',
} as const;

export function registerViolations(program: Command, world: (command: Command) => CliWorld): void {
  const violations = program.command('violations');

  listing(violations.command('list', { isDefault: true }))
    .description('cases, newest first')
    .addOption(new Option('--status <status>').choices(CASE_STATES))
    .addOption(new Option('--severity <severity>').choices(SEVERITIES))
    .option('--open', 'those that wait for the committee')
    .option('--limit <n>', 'at most this many', countFrom(1, 200), 50)
    .option('--cursor <next>', 'go on after a page')
    .option('--follow', 'go on with those that come or change, until interrupted')
    .action(async ({ follow: goOn, open, ...flags }: ListFlags, command: Command) => {
      const cli = world(command);
      const query = queryOf({ ...flags, open: open === true ? 'true' : undefined });
      await listOrFollow(cli, goOn, {
        path: `/violations?${query}`,
        roles: MEMBER,
        rowsIn: (answer) => z.object({ violations: z.array(caseSchema) }).parse(answer).violations,
        line: caseLine,
        news: ['violation.*', 'metric.blocked'],
        name: ({ violation_id }) => violation_id,
        columns: [
          { head: 'case', cell: ({ violation_id }) => violation_id },
          { head: 'status', cell: ({ status }) => status, state: true },
          { head: 'severity', cell: ({ severity }) => severity, state: true },
          { head: 'type', cell: ({ violation_type }) => violation_type },
          { head: 'node or service', cell: ({ node_or_service }) => node_or_service },
          { head: 'reported', cell: ({ reported_at }) => reported_at },
          { head: 'waits for', cell: ({ missing }) => (missing ? `${missing} more` : '') },
        ],
        empty: 'no case',
      });
    });

  violations
    .command('show')
    .description('one case: its history, and for whoever may decide it the evidence')
    .argument('<id>')
    .action(async (id: string, _flags: unknown, command: Command) => {
      const cli = world(command);
      const client = await apiClient(cli, MEMBER);
      const answer = succeeded(await client.call('GET', `/violations/${encodeURIComponent(id)}`));
      show(cli, answer);
    });

  violations
    .command('report')
    .description('report conduct that breaks the charter')
    .argument('<type>', 'silent_collection, data_extraction, …: see the charter')
    .argument('<node>', 'the node, service or principal that did it')
    .requiredOption('--description <text>', 'what happened')
    .option('--evidence <text>', 'what shows it; may be given again', collect)
    .option('--issuer <name>', 'whose principal it is, where more than one issuer is trusted')
    .action(async (type: string, node: string, flags: ReportFlags, command: Command) => {
      const { description, evidence, issuer } = flags;
      const report = { violation_type: type, node_or_service: node, description, evidence, issuer };
      const cli = world(command);
      const answer = succeeded(await (await apiClient(cli, MEMBER)).call('POST', '/violations', report));
      const { violation_id, severity } = z
        .looseObject({ violation_id: z.string(), severity: z.string() })
        .parse(answer);
      tell(cli, answer, () => `${violation_id}  ${severity}, investigating`);
    });

  for (const step of CASE_STEPS) {
    const command = confirmable(violations.command(step))
      .description(DOES[step])
      .argument('<id>')
      .requiredOption('--reason <text>', 'why: sealed in the record')
      .option('--evidence <text>', 'what shows it; may be given again', collect);
    if (step === 'confirm')
      command
        .addOption(new Option('--severity <severity>', "another than the type's").choices(SEVERITIES))
        .option('--issuer <name>', 'whose principal it is, where the report left it open');
    command.action(async (id: string, { yes, dryRun, ...flags }: StepFlags, self: Command) => {
      const cli = world(self);
      if (!(await agreed(cli, { yes, dryRun }, `${step} the case ${id}`))) return;
      const client = await apiClient(cli, MEMBER);
      const answer = succeeded(
        await client.call('POST', `/violations/${encodeURIComponent(id)}/${step}`, flags),
      );
      tell(cli, answer, () => caseLine(caseSchema.parse(answer)));
    });
  }

  const sanctions = program.command('sanctions');

  listing(sanctions.command('list', { isDefault: true }))
    .description('sanctions, newest case first')
    .addOption(new Option('--status <status>').choices(SANCTION_STATES))
    .option('--subject <sub>', 'of this principal')
    .option('--issuer <name>', 'whose principal it is, where more than one issuer is trusted')
    .option('--limit <n>', 'at most this many', countFrom(1, 200), 50)
    .option('--cursor <next>', 'go on after a page')
    .option('--follow', 'go on with those that come or change, until interrupted')
    .action(async ({ follow: goOn, ...flags }: SanctionFlags, command: Command) => {
      const cli = world(command);
      await listOrFollow(cli, goOn, {
        path: `/sanctions?${queryOf(flags)}`,
        roles: MEMBER,
        rowsIn: (answer) => z.object({ sanctions: z.array(sanctionSchema) }).parse(answer).sanctions,
        line: sanctionLine,
        news: ['sanction.*'],
        name: ({ sanction_id }) => sanction_id,
        columns: [
          { head: 'sanction', cell: ({ sanction_id }) => sanction_id },
          { head: 'status', cell: ({ status }) => status },
          { head: 'kind', cell: kindOf, state: true },
          { head: 'severity', cell: ({ severity }) => severity, state: true, wide: true },
          { head: 'subject', cell: ({ subject }) => subject.slice(0, 12) },
          { head: 'until', cell: ({ until }) => until ?? 'it is lifted' },
          { head: 'case', cell: ({ violation_id }) => violation_id },
          { head: 'reason', cell: ({ reason }) => reason },
        ],
        empty: 'no sanction',
      });
    });

  sanctions
    .command('show')
    .description('one sanction, and the case that it is for')
    .argument('<id>')
    .action(async (id: string, _flags: unknown, command: Command) => {
      const cli = world(command);
      const answer = succeeded(
        await (await apiClient(cli, MEMBER)).call('GET', `/sanctions/${encodeURIComponent(id)}`),
      );
      tell(cli, answer, () => sanctionLine(sanctionSchema.parse(answer)));
    });

  confirmable(sanctions.command('lift'))
    .description('take a sanction back before its time')
    .argument('<id>')
    .requiredOption('--reason <text>', 'why it ends before its time')
    .action(async (id: string, { reason, ...flags }: ConfirmFlags & { reason: string }, command: Command) => {
      const cli = world(command);
      if (!(await agreed(cli, flags, `lift the sanction ${id}`))) return;
      const client = await apiClient(cli, MEMBER);
      const answer = succeeded(
        await client.call('POST', `/sanctions/${encodeURIComponent(id)}/lift`, { reason }),
      );
      tell(cli, answer, () => sanctionLine(sanctionSchema.parse(answer)));
    });
}

interface ListFlags {
  readonly follow?: boolean;
  readonly status?: string;
  readonly severity?: string;
  readonly open?: boolean;
  readonly limit: number;
  readonly cursor?: string;
}

type SanctionFlags = { readonly limit: number } & Readonly<
  Partial<Record<'status' | 'subject' | 'issuer' | 'cursor', string>>
> & {
    readonly follow?: boolean;
  };

interface ReportFlags {
  readonly description: string;
  readonly evidence?: readonly string[];
  readonly issuer?: string;
}

interface StepFlags extends ConfirmFlags {
  readonly reason: string;
  readonly evidence?: readonly string[];
  readonly severity?: string;
  readonly issuer?: string;
}

function caseLine(kase: z.infer<typeof caseSchema>): string {
  const { violation_id, status, severity, violation_type, node_or_service, reported_at, missing } = kase;
  const waits = missing === undefined || missing === 0 ? [] : [`waits for ${missing} more`];
  return [
    violation_id,
    status,
    severity,
    violation_type,
    inOneLine(node_or_service),
    reported_at,
    ...waits,
  ].join('  ');
}

const kindOf = ({ kind, provisional }: z.infer<typeof sanctionSchema>): string =>
  provisional ? `provisional ${kind}` : kind;

function sanctionLine(sanction: z.infer<typeof sanctionSchema>): string {
  const { sanction_id, status, subject, until, violation_id, reason } = sanction;
  return [
    sanction_id,
    status,
    kindOf(sanction),
    subject.slice(0, 12),
    until === null ? 'until it is lifted' : `until ${until}`,
    violation_id,
    inOneLine(reason),
  ].join('  ');
}
