/** `chancery charter …`: the life of a charter from the command line. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import * as z from 'zod';
import { readFolder } from '../adapters/bundled-files.ts';
import type { Problem } from '../src/basics/problem.ts';
import { parseBundle } from '../src/charter/bundle.ts';
import type { Charter } from '../src/charter/charter.ts';
import { diffCharters, isEmpty } from '../src/charter/diff.ts';
import { readExamples, runExamples } from '../src/govern/examples.ts';
import type { WorkflowFacts } from '../src/terms.ts';
import { describeProblems, loadWorkflows } from '../src/workflow/registry.ts';
import { tell } from './answer.ts';
import { apiClient, succeeded } from './client.ts';
import { agreed, type ConfirmFlags, confirmable } from './confirm.ts';
import { durationText } from './period.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

/** What the examples ask for: the workflows that the runtime starts with. */
function workflowsOf(cli: CliWorld): readonly WorkflowFacts[] {
  const loaded = loadWorkflows(readFolder(cli.settings.workflowsFolder));
  if (!loaded.ok) throw new CommandEnd(describeProblems(loaded.problems));
  return loaded.registry.all;
}

const AUTHOR = ['admin'];
const COMMITTEE = ['committee_member'];

const draftView = z.object({ id: z.string(), version: z.string() });
const report = z.object({
  replayed: z.number(),
  skipped: z.number(),
  flips_digest: z.string(),
  flips: z.array(
    z.object({
      kind: z.string(),
      count: z.number(),
      examples: z.array(
        z.object({
          record: z.string(),
          action: z.string(),
          resource: z.string(),
          because: z.array(z.string()),
        }),
      ),
    }),
  ),
});
const voted = z.object({
  activated: z.boolean(),
  votes: z.number(),
  quorum: z.number(),
  missing: z.number(),
  digest: z.string(),
});
const rolledBack = z.object({
  rolled_back: z.boolean(),
  from: z.string(),
  to: z.string(),
});
export function registerCharter(program: Command, world: (command: Command) => CliWorld): void {
  const charter = program.command('charter');

  charter
    .command('validate')
    .argument('[folder]', 'the bundle; by default the one that the runtime starts with')
    .description('say what is wrong with a bundle, by file, line and fix')
    .action((folder: string | undefined, _options: unknown, command: Command) => {
      const cli = world(command);
      const files = readFolder(folder ?? cli.settings.charterFolder);
      const parsed = parseBundle(files);
      const examples = readExamples(files, workflowsOf(cli));
      const problems = [...(parsed.ok ? [] : parsed.problems), ...(examples.ok ? [] : examples.problems)];
      const valid = parsed.ok && problems.length === 0;
      const digest = parsed.ok ? parsed.charter.digest : undefined;
      if (cli.json) cli.data({ valid, problems, ...(digest ? { digest } : {}) });
      else {
        for (const problem of problems) cli.out(problemLine(problem));
        cli.out(parsed.ok && valid ? `valid: ${summary(parsed.charter)}` : `${problems.length} problems`);
      }
      if (!valid) throw new CommandEnd('', EXIT.negative);
    });

  charter
    .command('test')
    .argument('[folder]', 'the bundle; by default the one that the runtime starts with')
    .description('decide the examples of a bundle and say which policies none of them uses')
    .action((folder: string | undefined, _options: unknown, command: Command) => {
      const cli = world(command);
      const path = folder ?? cli.settings.charterFolder;
      const bundle = open(path);
      const examples = readExamples(readFolder(path), workflowsOf(cli));
      if (!examples.ok) throw new CommandEnd(examples.problems.map(problemLine).join('\n'));
      const result = runExamples(bundle, examples.set, cli.clock());
      if (cli.json) cli.data(result);
      else {
        for (const one of result.results.filter(({ passed }) => !passed)) {
          cli.out(`${one.file}:${one.line} ${one.name}: ${one.differences.join('; ')}`);
        }
        if (result.uncovered.length > 0) cli.out(`no example uses: ${result.uncovered.join(', ')}`);
        const covered = result.policies - result.uncovered.length;
        cli.out(
          `${result.passed} passed, ${result.failed} failed, ${covered} of ${result.policies} policies used`,
        );
      }
      if (result.failed > 0 || result.uncovered.length > 0) throw new CommandEnd('', EXIT.negative);
    });

  charter
    .command('diff')
    .argument('<a>', 'a folder, a digest, or `active`')
    .argument('<b>', 'a folder, a digest, or `active`')
    .description('how two charters differ by meaning')
    .action(async (a: string, b: string, _options: unknown, command: Command) => {
      const cli = world(command);
      const difference = diffCharters(await find(cli, a), await find(cli, b));
      if (cli.json) return cli.data(difference);
      for (const { what } of difference.added) cli.out(`+ ${what}`);
      for (const { what } of difference.removed) cli.out(`- ${what}`);
      for (const { what, from, to } of difference.changed) {
        const short = [from, to].map((value) => JSON.stringify(value)).join(' → ');
        cli.out(`~ ${what}${short.length < 120 ? `: ${short}` : ''}`);
      }
      if (isEmpty(difference)) cli.out('no difference');
    });

  charter
    .command('draft')
    .argument('<folder>', 'the bundle')
    .description('hand a bundle in as a draft; prints its digest')
    .action(async (folder: string, _options: unknown, command: Command) => {
      const cli = world(command);
      const id = await draft(cli, folder);
      tell(cli, { id }, () => id);
    });

  charter
    .command('replay')
    .argument('<candidate>', 'a folder, or the digest of a draft')
    .option('--since <duration>', 'how far back: 90s, 15m, 24h, 7d', durationText, '7d')
    .description('decide recorded decisions again and list the flips')
    .action(async (candidate: string, options: { since: string }, command: Command) => {
      const cli = world(command);
      const id = await idOf(cli, candidate);
      if (!cli.json) cli.err(`replaying the decisions of the last ${options.since}…`);
      const api = await apiClient(cli, COMMITTEE);
      const result = report.parse(
        succeeded(await api.call('POST', `/charters/${id}/replay`, { since: options.since })),
      );
      if (cli.json) return cli.data({ id, ...result });
      cli.out(`${id}`);
      cli.out(`${result.replayed} decided again, ${result.skipped} skipped (no policy decided them)`);
      for (const { kind, count, examples } of result.flips) {
        cli.out(`${kind}: ${count}`);
        for (const { record, action, resource, because } of examples) {
          cli.out(`  ${record} ${action} ${resource}: ${because.join(', ')}`);
        }
      }
      cli.out(
        result.flips.length === 0 ? 'nothing flips' : `acknowledge with --acknowledge ${result.flips_digest}`,
      );
    });

  confirmable(charter.command('activate'))
    .argument('<candidate>', 'a folder, or the digest of a draft')
    .option(
      '--acknowledge <flips...>',
      'kinds of flips that you have seen, or the digest that the replay printed',
      [],
    )
    .description('vote to put a draft in force; with the quorum it is (needs charter:activate)')
    .action(
      async (candidate: string, options: ConfirmFlags & { acknowledge: string[] }, command: Command) => {
        const cli = world(command);
        if (!(await agreed(cli, options, `vote to put ${candidate} in force`))) return;
        const id = await idOf(cli, candidate);
        const api = await apiClient(cli, COMMITTEE);
        const result = voted.parse(
          succeeded(await api.call('POST', `/charters/${id}/activate`, { acknowledge: options.acknowledge })),
        );
        if (cli.json) return cli.data(result);
        cli.out(
          result.activated
            ? `${id} is in force`
            : `${result.votes} of ${result.quorum} votes; ${result.missing} more people have to agree`,
        );
      },
    );

  confirmable(charter.command('rollback'))
    .option('--reason <text>', 'why', 'rolled back from the command line')
    .option('--to <digest>', 'a charter that was in force before; by default the last one')
    .description('put the charter that was in force before in force again (needs charter:activate)')
    .action(async ({ yes, dryRun, ...order }: RollbackFlags, command: Command) => {
      const cli = world(command);
      const what = `put ${order.to ?? 'the charter that was in force before'} in force again`;
      if (!(await agreed(cli, { yes, dryRun }, what))) return;
      const api = await apiClient(cli, COMMITTEE);
      const result = rolledBack.parse(succeeded(await api.call('POST', '/charters/rollback', order)));
      if (cli.json) return cli.data(result);
      cli.out(
        result.rolled_back
          ? `${result.to} is in force again, ${result.from} is not`
          : `${result.to} is in force already; nothing was done`,
      );
    });
}

interface RollbackFlags extends ConfirmFlags {
  readonly reason: string;
  readonly to?: string;
}

/** A folder is handed in as a draft first. */
async function idOf(cli: CliWorld, candidate: string): Promise<string> {
  return isFolder(candidate) ? draft(cli, candidate) : candidate;
}

async function draft(cli: CliWorld, folder: string): Promise<string> {
  const api = await apiClient(cli, AUTHOR);
  const files = Object.fromEntries(readFolder(folder));
  return draftView.parse(succeeded(await api.call('POST', '/charters', { files }))).id;
}

async function find(cli: CliWorld, name: string): Promise<Charter> {
  if (isFolder(name)) return open(name);
  const api = await apiClient(cli, COMMITTEE);
  const { files } = z
    .object({ files: z.record(z.string(), z.string()) })
    .parse(succeeded(await api.call('GET', `/charters/${name}`)));
  const parsed = parseBundle(new Map(Object.entries(files)));
  if (!parsed.ok) throw new CommandEnd(parsed.problems.map(problemLine).join('\n'));
  return parsed.charter;
}

function open(folder: string): Charter {
  const parsed = parseBundle(readFolder(folder));
  if (!parsed.ok) throw new CommandEnd(parsed.problems.map(problemLine).join('\n'));
  return parsed.charter;
}

function isFolder(name: string): boolean {
  return existsSync(join(name, 'charter.yaml'));
}

function problemLine({ file, line, column, code, message, fix }: Problem): string {
  return `${file}:${line}:${column} ${code}: ${message}. ${fix}`;
}

function summary(charter: Charter): string {
  const permits = charter.policies.filter(({ effect }) => effect === 'permit').length;
  return `${charter.name} ${charter.version}, ${permits} permits, ${charter.policies.length - permits} forbids, ${charter.roles.size} roles, digest ${charter.digest}`;
}
