/** `chancery approvals`: what waits for a person, and a person's word on it. */
import type { Command } from 'commander';
import * as z from 'zod';
import { show } from './answer.ts';
import { apiClient, succeeded } from './client.ts';
import { agreed, type ConfirmFlags, confirmable } from './confirm.ts';
import { listOrFollow } from './followed-list.ts';
import { untilInterrupted } from './interrupted.ts';
import { listing } from './listing.ts';
import { newsOf } from './news.ts';
import { countFrom } from './number.ts';
import { inOneLine } from './visible.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

const approvalSchema = z.looseObject({
  approval_id: z.string(),
  status: z.string(),
  priority: z.string(),
  quorum: z.number(),
  approvals: z.number(),
  expires_at: z.string(),
  workflow: z.string().optional(),
  tool: z.string().optional(),
  drag_mode: z.string(),
  risk_level: z.number(),
  action_digest: z.string(),
  requested_by: z.looseObject({ sub: z.string(), name: z.string().optional() }).optional(),
  execution: z.looseObject({ execution_id: z.string().optional(), outcome: z.string() }).optional(),
});
type Approval = z.infer<typeof approvalSchema>;

/** Without CHANCERY_TOKEN, the local operator looks; deciding takes the token of somebody else than the requester. */
const LOOKING = ['committee_member'];

/** What changes an approval, or what became of it. */
const CHANGED_BY = ['approval.*', 'workflow.*', 'decision.made'];

export function registerApprovals(program: Command, world: (command: Command) => CliWorld): void {
  const approvals = program.command('approvals');

  listing(approvals.command('list', { isDefault: true }))
    .description('approvals, newest first')
    .option('--status <status>', 'pending (unless you follow), approved, rejected or expired')
    .option('--limit <n>', 'at most this many', countFrom(1, 200), 50)
    .option('--follow', 'go on with those that come or change, until interrupted')
    .action(async (options: { status?: string; limit: number; follow?: boolean }, command: Command) => {
      const cli = world(command);
      // Who follows wants to see what becomes of those that are pending.
      const status = options.status ?? (options.follow === true ? undefined : 'pending');
      const query = new URLSearchParams({
        ...(status === undefined ? {} : { status }),
        limit: String(options.limit),
      });
      await listOrFollow(cli, options.follow, {
        path: `/approvals?${query}`,
        roles: LOOKING,
        rowsIn: (answer) => z.object({ approvals: z.array(approvalSchema) }).parse(answer).approvals,
        line,
        news: CHANGED_BY,
        name: ({ approval_id }) => approval_id,
        columns: [
          { head: 'approval', cell: ({ approval_id }) => approval_id },
          { head: 'status', cell: ({ status }) => status, state: true },
          { head: 'votes', cell: ({ approvals: given, quorum }) => `${given}/${quorum}`, right: true },
          { head: 'priority', cell: ({ priority }) => priority },
          { head: 'risk', cell: ({ risk_level }) => risk_level, right: true },
          { head: 'what', cell: ({ workflow, tool }) => workflow ?? tool ?? 'decision' },
          { head: 'asked by', cell: ({ requested_by }) => requested_by?.name ?? requested_by?.sub },
          { head: 'until', cell: ({ expires_at }) => expires_at },
          { head: 'mode', cell: ({ drag_mode }) => drag_mode, wide: true },
          { head: 'run', cell: ({ execution }) => execution?.outcome, wide: true },
          { head: 'execution', cell: ({ execution }) => execution?.execution_id, wide: true },
          { head: 'action digest', cell: ({ action_digest }) => action_digest, wide: true },
        ],
        empty: status === undefined ? 'no approval' : `no approval is ${status}`,
      });
    });

  approvals
    .command('show')
    .description('one approval, with the request that it is bound to')
    .argument('<id>')
    .action(async (id: string, _options: unknown, command: Command) => {
      const cli = world(command);
      const client = await apiClient(cli, LOOKING);
      const answer = succeeded(await client.call('GET', `/approvals/${encodeURIComponent(id)}`));
      show(cli, answer);
    });

  approvals
    .command('follow')
    .description('wait until it is decided and what it was for has begun; exit 1 when that was refused')
    .argument('<id>')
    .action(async (id: string, _options: unknown, command: Command) => {
      const cli = world(command);
      const client = await apiClient(cli, LOOKING);
      await untilInterrupted(async (ended) => {
        const nextLook = newsOf(cli, CHANGED_BY, LOOKING);
        for (let last = ''; !ended.aborted; await nextLook(ended)) {
          const answer = succeeded(await client.call('GET', `/approvals/${encodeURIComponent(id)}`));
          const approval = approvalSchema.parse(answer);
          const now = cli.json ? JSON.stringify(answer) : line(approval);
          if (now !== last) cli.out(now);
          last = now;
          const over = approval.status !== 'pending' && approval.status !== 'approved';
          const run = approval.execution?.outcome;
          if (over || run === 'refused')
            throw new CommandEnd(`approval ${run ?? approval.status}`, EXIT.negative);
          if (run !== undefined && run !== 'starting') return;
        }
      });
    });

  for (const verdict of ['approve', 'reject'] as const)
    confirmable(approvals.command(verdict))
      .description(verdict === 'approve' ? 'approve; the last approval needed starts the run' : 'reject')
      .argument('<id>')
      .option('--comment <text>', 'kept with your decision')
      .option('--digest <hex>', 'the action digest that you looked at; anything else is refused')
      .action(async (id: string, options: VoteFlags, command: Command) => {
        const cli = world(command);
        if (!(await agreed(cli, options, `${verdict} ${id}`))) return;
        const client = await apiClient(cli, LOOKING);
        const body = {
          ...(options.comment === undefined ? {} : { comment: options.comment }),
          ...(options.digest === undefined ? {} : { action_digest: options.digest }),
        };
        const answer = succeeded(
          await client.call('POST', `/approvals/${encodeURIComponent(id)}/${verdict}`, body),
        );
        if (cli.json) cli.data(answer);
        else cli.out(line(z.object({ approval: approvalSchema }).parse(answer).approval));
      });
}

interface VoteFlags extends ConfirmFlags {
  readonly comment?: string;
  readonly digest?: string;
}

function line(approval: Approval): string {
  const {
    approval_id,
    status,
    approvals,
    quorum,
    priority,
    workflow,
    tool,
    drag_mode,
    risk_level,
    expires_at,
  } = approval;
  const by = approval.requested_by?.name ?? approval.requested_by?.sub;
  const run = approval.execution;
  return [
    approval_id,
    `${status} ${approvals}/${quorum}`,
    `${inOneLine(workflow ?? tool ?? 'decision')} in ${drag_mode} mode, risk ${risk_level}`,
    ...(by === undefined ? [] : [`asked by ${inOneLine(by)}`]),
    ...(status === 'pending' ? [`${priority}, until ${expires_at}`] : []),
    ...(run === undefined ? [] : [`run ${run.outcome}${run.execution_id ? ` ${run.execution_id}` : ''}`]),
  ].join('  ');
}
