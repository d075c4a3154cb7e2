/** docs/cli.md: what every command understands, and each command, out of the table. */
import type { TableCommand, TableOption } from './command-table.ts';

const HEAD = `# The command line

Generated from the table of commands (\`npm run generate\`). \`npx chancery COMMAND --help\` says the same.

## Where a command acts

Without a name: where \`CHANCERY_URL\` leads, else in the current context, else on this machine. \`--env NAME\` (or \`--context NAME\`) names
a context, \`local\` (this machine), or \`dev\`, \`staging\`, \`prod\`, which AWS credentials lead to. A name is obeyed or refused with exit
code 2 before anything is sent.

\`\`\`
chancery context add staging --url https://chancery.example.org --token-command 'get-token staging'
chancery context add prod --url https://prod.example.org --oidc-issuer https://login.example.org --client-id chancery-cli
chancery context login prod
chancery --env staging status
chancery context use staging
\`\`\`

Contexts are in the file that \`CHANCERY_CONFIG\` names, by default \`chancery/config.json\` in \`XDG_CONFIG_HOME\` or \`~/.config\`; tokens of
the device flow (RFC 8628) are in a second file beside it. Both are readable by their owner alone. A context that was named uses its own way
to a token; \`CHANCERY_TOKEN\` is used where it has none, and where the context is only the current one.

## What is printed

\`-o table\` is for people: it has a head, and is cut to the width of a terminal, never in a pipe. \`-o wide\` has more columns and is never
cut. \`-o name\` prints of a list what other commands take, one a line. \`-o json\` (or \`--json\`) and \`-o yaml\` print the API's answer;
what comes line by line is one object a line. Colours are sent to a terminal only; \`NO_COLOR\` and \`TERM=dumb\` turn them off, \`FORCE_COLOR\`
decides both ways. What others wrote is printed with its control and invisible characters as \`\\uXXXX\`.

Errors go to standard error. With \`--json\` an error is one line:

\`\`\`json
{"error": "CHARTER_DENIED: …", "code": "CHARTER_DENIED", "exit": 1, "status": 403, "type": "…", "reasons": [{"code": "…", "message": "…", "path": "…"}], "trace_id": "…", "decision_id": "…"}
\`\`\`

\`error\` and \`exit\` are always there. \`code\` is \`USAGE\` for a wrong command line, else a code of [errors.md](errors.md). The rest is there
where the API answered with a problem document (RFC 9457).

| exit | means |
|---|---|
| 0 | yes, done |
| 1 | the answer is no: denied, breached, not verified |
| 2 | the command line or a setting is wrong; nothing was sent |
| 3 | the service could not be reached, or could not answer |
| 4 | a receipt's promise is late |
| 5 | a receipt that this ledger never gave |
| 130 | interrupted |

## Completion

\`\`\`
eval "$(chancery completion bash)"
eval "$(chancery completion zsh)"
chancery completion fish | source
\`\`\`
`;

/** @param table as \`commandTable\` gives it */
export function cliPage(table: readonly TableCommand[]): string {
  const [root, ...commands] = table;
  const global = root?.options ?? [];
  return `${[
    HEAD,
    '## Options of every command\n',
    optionsTable(global),
    '## Commands',
    ...commands.map((command) => section(command, global)),
  ].join('\n')}\n`;
}

function section(
  { path, usage, about, arguments: taken, options }: TableCommand,
  global: readonly TableOption[],
): string {
  const shared = new Set(global.map(({ usage: flags }) => flags));
  const own = options.filter(({ usage: flags, flags: [first] }) => !shared.has(flags) && first !== '-h');
  return [
    `\n${'#'.repeat(Math.min(path.length + 2, 4))} chancery ${[...path, usage].join(' ').trim()}\n`,
    ...(about === '' ? [] : [`${sentence(about)}\n`]),
    ...taken.flatMap(({ name, about: what }) => (what === '' ? [] : [`- \`${name}\`: ${cell(what)}`])),
    ...(own.length === 0
      ? []
      : [`${taken.some(({ about: what }) => what !== '') ? '\n' : ''}${optionsTable(own)}`]),
  ].join('\n');
}

const optionsTable = (options: readonly TableOption[]): string =>
  [
    '| option | |',
    '|---|---|',
    ...options.map(({ usage, about, choices, mandatory }) => {
      const words = choices.length === 0 ? '' : `one of ${choices.join(', ')}`;
      const what = [about, words, mandatory ? 'needed' : ''].filter((part) => part !== '').join('; ');
      return `| \`${usage}\` | ${cell(what)} |`;
    }),
    '',
  ].join('\n');

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '\\<');
const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${cell(text.slice(1))}.`;
