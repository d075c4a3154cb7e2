/** `chancery revoke`: a person's access ends, their data is exported and erased; `chancery revocations` says how far. */
import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import * as z from 'zod';
import { REVOCATION_REASONS } from '../src/terms.ts';
import { list, tell } from './answer.ts';
import { apiClient, jsonOf, succeeded } from './client.ts';
import { agreed, type ConfirmFlags, confirmable, confirmed } from './confirm.ts';
import { listing } from './listing.ts';
import { type CliWorld, CommandEnd, EXIT } from './world.ts';

const revocationSchema = z.looseObject({
  revocation_id: z.string(),
  status: z.string(),
  access: z.string(),
  waits_for: z.string().optional(),
  reason: z.string(),
  requested_at: z.string(),
  export: z.looseObject({ status: z.string(), records: z.number(), until: z.string() }).optional(),
  held_by: z.string().optional(),
  proof: z.looseObject({ id: z.string() }).optional(),
});

interface ExportFlags extends ConfirmFlags {
  readonly destroy?: boolean;
}

export function registerRevoke(program: Command, world: (command: Command) => CliWorld): void {
  confirmable(program.command('revoke'))
    .argument('<subject>', 'the sub of whose data it is')
    .option('--issuer <name>', 'whose person it is, where more than one issuer is trusted')
    .addOption(new Option('--reason <reason>').choices(REVOCATION_REASONS).makeOptionMandatory())
    .option(
      '--subject-token <token>',
      "the person's own token, for a user_request: then no second person is needed",
    )
    .action(async (subject: string, flags: RevokeFlags, command: Command) => {
      const cli = world(command);
      const what = `stop the access of ${subject}, and have their data exported and erased`;
      if (!(await confirmed(cli, flags, what, subject))) return;
      const client = await apiClient(cli);
      const { reason, issuer, subjectToken: subject_token } = flags;
      const order = { subject, reason, issuer, subject_token };
      print(cli, succeeded(await client.call('POST', '/revocations', order)));
    });

  const revocations = program.command('revocations');

  listing(revocations.command('list', { isDefault: true }))
    .description('newest first')
    .action(async (_options: unknown, command: Command) => {
      const cli = world(command);
      const answer = succeeded(await (await apiClient(cli)).call('GET', '/revocations'));
      const { revocations: found } = z.object({ revocations: z.array(revocationSchema) }).parse(answer);
      list(cli, {
        answer,
        rows: found,
        name: ({ revocation_id }) => revocation_id,
        columns: [
          { head: 'revocation', cell: ({ revocation_id }) => revocation_id },
          { head: 'status', cell: ({ status }) => status },
          { head: 'access', cell: ({ access }) => access },
          { head: 'reason', cell: ({ reason }) => reason },
          { head: 'requested', cell: ({ requested_at }) => requested_at },
          { head: 'waits for', cell: ({ waits_for, held_by }) => held_by ?? waits_for },
          { head: 'export', cell: ({ export: kept }) => kept?.status },
          { head: 'export until', cell: ({ export: kept }) => kept?.until, wide: true },
          { head: 'proof', cell: ({ proof }) => proof?.id },
        ],
        empty: 'nothing was revoked',
      });
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

  for (const [name, what, description] of [
    [
      'confirm',
      'have the data exported and erased',
      'agree as the second person: what follows cannot be undone',
    ],
    ['lift', 'restore the access', 'take back a revocation that was a mistake, before it is erased'],
  ] as const)
    confirmable(revocations.command(name))
      .description(description)
      .argument('<id>')
      .action(async (id: string, flags: ConfirmFlags, command: Command) => {
        const cli = world(command);
        if (!(await confirmed(cli, flags, `${what} of the revocation ${id}`, id))) return;
        const client = await apiClient(cli);
        print(cli, succeeded(await client.call('POST', `/revocations/${encodeURIComponent(id)}/${name}`)));
      });

  confirmable(revocations.command('export'))
    .description('write the export to a file, to be handed to the person; --destroy ends it afterwards')
    .argument('<id>')
    .argument('<file>')
    .option('--destroy', 'destroy the kept copy and its key once the file is written')
    .action(async (id: string, file: string, options: ExportFlags, command: Command) => {
      const cli = world(command);
      const destroys = options.destroy === true ? ', and destroy what is kept of it' : '';
      if (!(await agreed(cli, options, `write the export of ${id} to ${file}${destroys}`))) return;
      const client = await apiClient(cli);
      const path = `/revocations/${encodeURIComponent(id)}/export` as const;
      const { status, text } = await client.bytes(path);
      const gone = status === 404 || status === 410;
      if (status >= 400 && !gone) succeeded({ status, body: jsonOf(text) });
      if (status !== 200)
        throw new CommandEnd(`There is no export of ${id}, or none any more.`, EXIT.negative);
      // Only the operator who hands it over may read it.
      await writeFile(file, text, { mode: 0o600, flag: 'wx' });
      if (options.destroy === true) succeeded(await client.call('DELETE', path));
      tell(cli, { file, destroyed: options.destroy === true }, () => `written to ${file}`);
    });
}

function print(cli: CliWorld, answer: unknown): void {
  tell(cli, answer, () => line(revocationSchema.parse(answer)));
}

interface RevokeFlags extends ConfirmFlags {
  readonly reason: string;
  readonly issuer?: string;
  readonly subjectToken?: string;
}

function line(revocation: z.infer<typeof revocationSchema>): string {
  const { revocation_id, status, access, waits_for, reason, requested_at, held_by, proof } = revocation;
  const kept = revocation.export;
  return [
    revocation_id,
    `${status}, access ${access}`,
    ...(waits_for === undefined ? [] : ['waits for a second person: chancery revocations confirm']),
    reason,
    requested_at,
    ...(kept === undefined ? [] : [`export of ${kept.records} records ${kept.status} until ${kept.until}`]),
    ...(held_by === undefined
      ? []
      : [`waits for ${held_by.startsWith('vio_') ? 'the case' : 'the legal hold'} ${held_by}`]),
    ...(proof === undefined ? [] : [`proof ${proof.id}`]),
  ].join('  ');
}
