/** Every family of commands, loaded only when its word is on the command line: printing a token needs no ledger. */
import type { Command } from 'commander';
import type { CliWorld } from './world.ts';

export type Register = (program: Command, world: (command: Command) => CliWorld) => void;

export interface Family {
  /** The first words of its commands. */
  readonly words: readonly string[];
  readonly load: () => Promise<Register>;
}

const family = (words: string, load: () => Promise<Register>): Family => ({ words: words.split(' '), load });

export const FAMILIES: readonly Family[] = [
  family('start', async () => (await import('./start.ts')).registerStart),
  family('demo', async () => (await import('./demo.ts')).registerDemo),
  family('token', async () => (await import('./token.ts')).registerToken),
  family('execute', async () => (await import('./execute.ts')).registerExecute),
  family('status', async () => (await import('./status.ts')).registerStatus),
  family('health', async () => (await import('./health.ts')).registerHealth),
  family('ledger', async () => (await import('./ledger.ts')).registerLedger),
  family('charter', async () => (await import('./charter.ts')).registerCharter),
  family('approvals', async () => (await import('./approvals.ts')).registerApprovals),
  family('emergency drain rate-limits', async () => (await import('./emergency.ts')).registerEmergency),
  family('revoke revocations', async () => (await import('./revoke.ts')).registerRevoke),
  family('state', async () => (await import('./state.ts')).registerState),
  family('tools', async () => (await import('./tools.ts')).registerTools),
  family('metrics', async () => (await import('./metrics.ts')).registerMetrics),
  family('sessions', async () => (await import('./sessions.ts')).registerSessions),
  family('logs', async () => (await import('./logs.ts')).registerLogs),
  family('slo', async () => (await import('./slo.ts')).registerSlo),
  family('alerts', async () => (await import('./alerts.ts')).registerAlerts),
  family('dora', async () => (await import('./dora.ts')).registerDora),
];

/** The families that a command line needs: that of its first known word, or all when there is none (help, a typo). */
export function familiesFor(argv: readonly string[]): readonly Family[] {
  const word = argv.find((argument) => FAMILIES.some(({ words }) => words.includes(argument)));
  const wanted = FAMILIES.filter(({ words }) => word !== undefined && words.includes(word));
  return wanted.length === 0 ? FAMILIES : wanted;
}
