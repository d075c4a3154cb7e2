/**
 * Every top-level command with what it is for, and the file that it is in. That file is loaded only when its word is on
 * the command line: help, a version and a typo answer at once, and printing a token needs no ledger.
 */
import type { Command } from 'commander';
import type { Family } from './family.ts';
import type { CliWorld } from './world.ts';

const family = (commands: Family['commands'], load: Family['load']): Family => ({ commands, load });

export const FAMILIES: readonly Family[] = [
  family(
    { start: 'run the local runtime on 127.0.0.1 (PORT, CHANCERY_DATA)' },
    async () => (await import('./start.ts')).registerStart,
  ),
  family(
    { demo: 'walk through a governed request in a fresh data folder, and prove the record of it' },
    async () => (await import('./demo.ts')).registerDemo,
  ),
  family(
    { token: 'print a token of the development issuer (local runtime only)' },
    async () => (await import('./token.ts')).registerToken,
  ),
  family(
    { context: 'the environments that you work with: where each is, and how to get a token' },
    async () => (await import('./context.ts')).registerContext,
  ),
  family({ completion: 'a script that completes command lines in your shell' }, async () =>
    (await import('./completion.ts')).completionOf(FAMILIES),
  ),
  family(
    { execute: 'send a governed request from a JSON file (- for standard input)' },
    async () => (await import('./execute.ts')).registerExecute,
  ),
  family({ status: 'health and what is in force' }, async () => (await import('./status.ts')).registerStatus),
  family(
    { health: 'every health check; exit 1 when unhealthy' },
    async () => (await import('./health.ts')).registerHealth,
  ),
  family(
    { ledger: 'verify, read and prove the ledger' },
    async () => (await import('./ledger.ts')).registerLedger,
  ),
  family(
    {
      backup: 'a consistent copy of the data folder, while it is in use',
      restore: 'a data folder out of a backup, a copy or a sealed log; says what is missing',
    },
    async () => (await import('./backup.ts')).registerBackup,
  ),
  family(
    { charter: 'check, compare, try, activate and roll back charters' },
    async () => (await import('./charter.ts')).registerCharter,
  ),
  family(
    { approvals: 'what waits for a person' },
    async () => (await import('./approvals.ts')).registerApprovals,
  ),
  family(
    {
      overrides: 'workflows that run without an approval for a time',
      whistleblower: 'reports without a name: list, show, answer',
      report: 'the quarterly report',
    },
    async () => (await import('./committee.ts')).registerCommittee,
  ),
  family(
    { healing: 'what the loop does about violations' },
    async () => (await import('./healing.ts')).registerHealing,
  ),
  family(
    {
      violations: 'cases: report, show, confirm, dismiss, appeal, restore',
      sanctions: 'what principals are under, and why; lift it',
    },
    async () => (await import('./violations.ts')).registerViolations,
  ),
  family(
    {
      emergency: 'stop everything, or let it run again',
      drain: 'finish what runs and take no new work (needs system:maintenance)',
      'rate-limits': 'rate limits of principals',
    },
    async () => (await import('./emergency.ts')).registerEmergency,
  ),
  family(
    {
      revoke: "stop a person's access, export what is held of them, erase it, prove it",
      revocations: 'revocations and their exports',
    },
    async () => (await import('./revoke.ts')).registerRevoke,
  ),
  family(
    { state: 'working state: charter, stop, approvals, holds, revocations and what else gives power' },
    async () => (await import('./state.ts')).registerState,
  ),
  family(
    { mcp: 'the office as an MCP server for programs on this machine' },
    async () => (await import('./mcp.ts')).registerMcp,
  ),
  family(
    { missions: 'what the calls of tools that follow are for' },
    async () => (await import('./missions.ts')).registerMissions,
  ),
  family({ tools: 'tool calls through the gateway' }, async () => (await import('./tools.ts')).registerTools),
  family(
    { metrics: 'figures, and the proof that they are right' },
    async () => (await import('./metrics.ts')).registerMetrics,
  ),
  family(
    { sessions: 'sessions of the last 15 minutes' },
    async () => (await import('./sessions.ts')).registerSessions,
  ),
  family({ logs: 'search logs, follow a request' }, async () => (await import('./logs.ts')).registerLogs),
  family({ slo: 'service levels' }, async () => (await import('./slo.ts')).registerSlo),
  family(
    { alerts: 'alerts that fire, and notifications that failed' },
    async () => (await import('./alerts.ts')).registerAlerts,
  ),
  family(
    { doctor: 'whether an AWS account is ready, and what is deployed there well; says what to do' },
    async () => (await import('./doctor.ts')).registerDoctor,
  ),
  family(
    { dora: 'deployments, and how well delivery goes' },
    async () => (await import('./dora.ts')).registerDora,
  ),
];

/** Commands that start a system, read files or make what this machine needs: no other place can be named to them. */
const OF_THIS_MACHINE: ReadonlySet<string> = new Set([
  'start',
  'demo',
  'token',
  'backup',
  'restore',
  'context',
  'completion',
  'ledger rotate-keys',
  'charter validate',
  'charter test',
  'metrics verify',
  'mcp wrap',
]);

export function isOfThisMachine(command: Command): boolean {
  const words: string[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) words.unshift(at.name());
  const [, ...path] = words;
  return path.some((_, end) => OF_THIS_MACHINE.has(path.slice(0, end + 1).join(' ')));
}

/**
 * Puts every command on `program`: those whose words are on the command line whole, and the others with what they are
 * for. A word may also be the value of an option; then one family too many is loaded.
 */
export async function registerCommands(
  program: Command,
  argv: readonly string[],
  loadWorld: () => Promise<(command: Command) => CliWorld>,
): Promise<void> {
  for (const { commands, load } of FAMILIES) {
    const names = Object.keys(commands);
    if (argv.some((argument) => names.includes(argument))) (await load())(program, await loadWorld());
    for (const [name, summary] of Object.entries(commands)) {
      const known = program.commands.find((command) => command.name() === name);
      (known ?? program.command(name)).description(summary);
    }
  }
}
