/** What the committee answers for: overrides, reports without a name, and the quarterly report. */
import type { Command } from 'commander';
import * as z from 'zod';
import type { PathFor } from '../client/paths.ts';
import { list, show, tell } from './answer.ts';
import { apiClient, queryOf, succeeded } from './client.ts';
import { agreed, type ConfirmFlags, confirmable } from './confirm.ts';
import { listOrFollow } from './followed-list.ts';
import { listing } from './listing.ts';
import { countFrom } from './number.ts';
import { durationText } from './period.ts';
import { registerQuarterly } from './quarterly.ts';
import type { CliWorld } from './world.ts';

const overrideSchema = z.looseObject({
  override_id: z.string(),
  status: z.string(),
  reason: z.string(),
  workflow: z.string(),
  production: z.boolean(),
  votes: z.number(),
  quorum: z.number(),
  until: z.string(),
});
const reportSchema = z.looseObject({
  report_id: z.string(),
  status: z.string(),
  received_at: z.string(),
  answer_by: z.string(),
  overdue: z.boolean(),
});

/** Without CHANCERY_TOKEN, the local operator looks and decides as a member of the committee. */
const COMMITTEE = ['committee_member'];

interface OverrideFlags {
  readonly status?: string;
  readonly limit: number;
  readonly follow?: boolean;
}

type World = (command: Command) => CliWorld;

export function registerCommittee(program: Command, world: World): void {
  registerOverrides(program, world);
  registerWhistleblower(program, world);
  registerQuarterly(program.command('report'), world);
}

function registerOverrides(program: Command, world: World): void {
  const overrides = program.command('overrides');

  /** Asks, sends it and shows the override as it is then. */
  const send = async <F extends ConfirmFlags>(
    command: Command,
    what: string,
    path: PathFor<'POST'>,
    { yes, dryRun, ...body }: F,
  ): Promise<void> => {
    const cli = world(command);
    if (!(await agreed(cli, { yes, dryRun }, what))) return;
    const answer = succeeded(
      await (await apiClient(cli, COMMITTEE)).call(
        'POST',
        path,
        Object.keys(body).length === 0 ? undefined : body,
      ),
    );
    tell(cli, answer, () => overrideLine(overrideSchema.parse(answer)));
  };
  const at = (id: string) => `/overrides/${encodeURIComponent(id)}` as const;

  listing(overrides.command('list', { isDefault: true }))
    .description('overrides, newest first')
    .option('--status <status>', 'waiting, active or ended')
    .option('--limit <n>', 'at most this many', countFrom(1, 200), 50)
    .option('--follow', 'go on with those that come or change, until interrupted')
    .action(async ({ follow: goOn, ...options }: OverrideFlags, command: Command) => {
      const cli = world(command);
      await listOrFollow(cli, goOn, {
        path: `/overrides?${queryOf(options)}`,
        roles: COMMITTEE,
        rowsIn: (answer) => z.object({ overrides: z.array(overrideSchema) }).parse(answer).overrides,
        line: overrideLine,
        news: ['override.*'],
        name: ({ override_id }) => override_id,
        columns: [
          { head: 'override', cell: ({ override_id }) => override_id },
          { head: 'status', cell: ({ status }) => status },
          { head: 'votes', cell: ({ votes, quorum }) => `${votes}/${quorum}`, right: true },
          { head: 'workflow', cell: ({ workflow }) => workflow },
          { head: 'production', cell: ({ production }) => (production ? 'yes' : 'no') },
          { head: 'reason', cell: ({ reason }) => reason },
          { head: 'until', cell: ({ until }) => until },
        ],
        empty: 'no overrides',
      });
    });

  overrides
    .command('show')
    .description('one override, with its justification')
    .argument('<id>')
    .action(async (id: string, _options: unknown, command: Command) => {
      const cli = world(command);
      const answer = succeeded(await (await apiClient(cli, COMMITTEE)).call('GET', at(id)));
      show(cli, answer);
    });

  confirmable(overrides.command('start'))
    .description('let a workflow run without an approval; in production others have to vote for it')
    .argument('<workflow>')
    .requiredOption('--reason <reason>', 'time_limited_exception or risk_accepted')
    .requiredOption('--justification <text>', 'what it is for, in at least 20 characters')
    .option('--duration <time>', 'such as 30m or 2d', durationText)
    .option('--subject <sub>', 'for this principal only')
    .option('--issuer <issuer>', 'of the subject, where more than one is trusted')
    .option('--environment <name>', 'production makes it one of production')
    .action((workflow_name: string, options: ConfirmFlags, command: Command) =>
      send(command, `let ${workflow_name} run without an approval`, '/overrides', {
        workflow_name,
        ...options,
      }),
    );

  confirmable(overrides.command('approve'))
    .description('vote for its start, or for the renewal that is asked')
    .argument('<id>')
    .action((id: string, options: ConfirmFlags, command: Command) =>
      send(command, `vote for the override ${id}`, `${at(id)}/approve`, options),
    );

  confirmable(overrides.command('renew'))
    .description('ask for more time, within the limit from its start')
    .argument('<id>')
    .option('--duration <time>', 'such as 30m', durationText)
    .action((id: string, options: ConfirmFlags & { duration?: string }, command: Command) =>
      send(command, `ask for more time for the override ${id}`, `${at(id)}/renew`, options),
    );

  confirmable(overrides.command('end'))
    .description('end it at once')
    .argument('<id>')
    .requiredOption('--reason <text>', 'why, in at least 10 characters')
    .action((id: string, options: ConfirmFlags & { reason: string }, command: Command) =>
      send(command, `end the override ${id}`, `${at(id)}/end`, options),
    );
}

function registerWhistleblower(program: Command, world: World): void {
  const reports = program.command('whistleblower');

  listing(reports.command('list', { isDefault: true }))
    .description('reports, newest first')
    .action(async (_options: unknown, command: Command) => {
      const cli = world(command);
      const answer = succeeded(await (await apiClient(cli, COMMITTEE)).call('GET', '/whistleblower/reports'));
      const listed = z.object({ reports: z.array(reportSchema) }).parse(answer).reports;
      list(cli, {
        answer,
        rows: listed,
        name: ({ report_id }) => report_id,
        columns: [
          { head: 'report', cell: ({ report_id }) => report_id },
          {
            head: 'status',
            cell: ({ status, overdue }) => (overdue ? `${status}, late` : status),
            state: true,
          },
          { head: 'received', cell: ({ received_at }) => received_at },
          { head: 'answer by', cell: ({ answer_by }) => answer_by },
        ],
        empty: 'no reports',
      });
    });

  reports
    .command('show')
    .description('what one says; that you looked is on record')
    .argument('<id>')
    .action(async (id: string, _options: unknown, command: Command) => {
      const cli = world(command);
      const path = `/whistleblower/reports/${encodeURIComponent(id)}` as const;
      const answer = succeeded(await (await apiClient(cli, COMMITTEE)).call('GET', path));
      show(cli, answer);
    });

  confirmable(reports.command('answer'))
    .description('answer it; whoever has its code can read that')
    .argument('<id>')
    .requiredOption('--text <text>', 'the answer')
    .action(async (id: string, options: ConfirmFlags & { text: string }, command: Command) => {
      const cli = world(command);
      if (!(await agreed(cli, options, `answer the report ${id}`))) return;
      const path = `/whistleblower/reports/${encodeURIComponent(id)}/answer` as const;
      const body = { answer: options.text };
      const answer = succeeded(await (await apiClient(cli, COMMITTEE)).call('POST', path, body));
      tell(cli, answer, () => `${id} is answered`);
    });
}

function overrideLine(override: z.infer<typeof overrideSchema>): string {
  const { override_id, status, reason, workflow, production, votes, quorum, until } = override;
  return [
    override_id,
    status === 'waiting' ? `${status} ${votes}/${quorum}` : status,
    `${workflow}${production ? ' in production' : ''}`,
    reason,
    `until ${until}`,
  ].join('  ');
}
