/** `chancery revoke`: a person's access ends, their data is exported and erased; `chancery revocations` says how far. */
import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import * as z from 'zod';
import { REVOCATION_REASONS } from '../src/terms.ts';
import { apiClient, succeeded } from './client.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

const revocationSchema = z.looseObject({
  revocation_id: z.string(),
  status: z.string(),
  reason: z.string(),
  requested_at: z.string(),
  export: z.looseObject({ status: z.string(), records: z.number(), until: z.string() }).optional(),
  held_by: z.string().optional(),
  proof: z.looseObject({ id: z.string() }).optional(),
});

export function registerRevoke(program: Command, world: (command: Command) => CliWorld): void {
  program
    .command('revoke')
    .description("stop a person's access, export what is held of them, erase it, prove it")
    .argument('<subject>', 'the sub of whose data it is')
    .option('--issuer <name>', 'whose person it is, where more than one issuer is trusted')
    .addOption(new Option('--reason <reason>').choices(REVOCATION_REASONS).makeOptionMandatory())
    .action(async (subject: string, options: { reason: string; issuer?: string }, command: Command) => {
      const cli = world(command);
      const client = await apiClient(cli);
      print(cli, succeeded(await client.call('POST', '/revocations', { subject, ...options })));
    });

  const revocations = program.command('revocations').description('revocations and their exports');

  revocations
    .command('list', { isDefault: true })
    .description('newest first')
    .action(async (_options: unknown, command: Command) => {
      const cli = world(command);
      const answer = succeeded(await (await apiClient(cli)).call('GET', '/revocations'));
      const { revocations: found } = z.object({ revocations: z.array(revocationSchema) }).parse(answer);
      if (cli.json) cli.out(JSON.stringify(answer));
      else if (found.length === 0) cli.out('nothing was revoked');
      else for (const each of found) cli.out(line(each));
    });

  revocations
    .command('show')
    .description('how far one has come')
    .argument('<id>')
    .action(async (id: string, _options: unknown, command: Command) => {
      const cli = world(command);
      const client = await apiClient(cli);
      print(cli, succeeded(await client.call('GET', `/revocations/${encodeURIComponent(id)}`)));
    });

  revocations
    .command('export')
    .description('write the export to a file, to be handed to the person; --destroy ends it afterwards')
    .argument('<id>')
    .argument('<file>')
    .option('--destroy', 'destroy the kept copy and its key once the file is written')
    .action(async (id: string, file: string, options: { destroy?: boolean }, command: Command) => {
      const cli = world(command);
      const client = await apiClient(cli);
      const path = `/revocations/${encodeURIComponent(id)}/export`;
      const { status, text } = await client.bytes(path);
      if (status !== 200)
        throw new CommandEnd(`There is no export of ${id}, or none any more.`, EXIT.negative);
      // Only the operator who hands it over may read it.
      await writeFile(file, text, { mode: 0o600, flag: 'wx' });
      if (options.destroy === true) succeeded(await client.call('DELETE', path));
      cli.out(
        cli.json ? JSON.stringify({ file, destroyed: options.destroy === true }) : `written to ${file}`,
      );
    });
}

function print(cli: CliWorld, answer: unknown): void {
  cli.out(cli.json ? JSON.stringify(answer) : line(revocationSchema.parse(answer)));
}

function line(revocation: z.infer<typeof revocationSchema>): string {
  const { revocation_id, status, reason, requested_at, held_by, proof } = revocation;
  const kept = revocation.export;
  return [
    revocation_id,
    `${status}, access stopped`,
    reason,
    requested_at,
    ...(kept === undefined ? [] : [`export of ${kept.records} records ${kept.status} until ${kept.until}`]),
    ...(held_by === undefined ? [] : [`waits for the legal hold ${held_by}`]),
    ...(proof === undefined ? [] : [`proof ${proof.id}`]),
  ].join('  ');
}
