/** `chancery completion bash | zsh | fish`: a script made from the table of commands, so that no key costs a start of the program. */
import type { Command } from 'commander';
import { commandTable, type TableCommand } from './command-table.ts';
import type { Family, Register } from './family.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** @param families whose commands are completed */
export const completionOf =
  (families: readonly Family[]): Register =>
  (program, world) => {
    const shell = program.command('completion').addHelpText(
      'after',
      `
bash:  eval "$(chancery completion bash)"      in ~/.bashrc
zsh:   eval "$(chancery completion zsh)"       in ~/.zshrc, after compinit
fish:  chancery completion fish | source       in ~/.config/fish/config.fish`,
    );
    for (const name of SHELLS)
      shell
        .command(name)
        .description(`for ${name}`)
        .action(async (_flags: unknown, command: Command) => {
          world(command).out(completionFor(name, await commandTable(families)));
        });
  };

const WRITERS: Readonly<Record<Shell, (table: readonly TableCommand[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

export const completionFor = (shell: Shell, table: readonly TableCommand[]): string => WRITERS[shell](table);

/** What may follow these words: inner commands, then options. */
interface Offer {
  readonly path: string;
  readonly words: readonly Word[];
  /** Options that take a value, with what it may be; an empty list: a file, or what nobody knows. */
  readonly values: readonly { readonly flags: readonly string[]; readonly choices: readonly string[] }[];
}
interface Word {
  readonly word: string;
  readonly about: string;
}

const CONTEXT_FLAGS: ReadonlySet<string> = new Set(['--env', '--context']);
/** Asked of the program itself, since each person has others. */
const CONTEXTS = 'chancery context list -o name 2>/dev/null';

function offersOf(table: readonly TableCommand[]): Offer[] {
  return table.map(({ path, options, commands, choices }) => ({
    path: path.join(' '),
    words: [
      ...commands.map(({ name, about }) => ({ word: name, about })),
      ...choices.map((word) => ({ word, about: '' })),
      ...options.flatMap(({ flags, about }) => flags.map((word) => ({ word, about }))),
    ],
    values: options.flatMap((option) =>
      option.takesValue ? [{ flags: option.flags, choices: option.choices }] : [],
    ),
  }));
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * Walks the words before the cursor through the table; shared by bash and zsh, which both know `case`. No variable is called `path`:
 * in zsh that one is PATH.
 */
function pathFunction(table: readonly TableCommand[], first: number): string {
  const known = table.flatMap(({ path }) => (path.length === 0 ? [] : [quoted(path.join(' '))]));
  return `_chancery_path() {
  local word at="" tried
  for word in "\${@:${first}}"; do
    tried="\${at:+$at }$word"
    case "$tried" in
      ${known.join('|')}) at="$tried" ;;
    esac
  done
  printf '%s' "$at"
}`;
}

function bashScript(table: readonly TableCommand[]): string {
  const offers = offersOf(table);
  const values = offers.flatMap(({ path, values: taking }) =>
    taking.flatMap(({ flags, choices }) => {
      const after = flags.map((flag) => quoted(`${path}:${flag}`)).join('|');
      if (flags.some((flag) => CONTEXT_FLAGS.has(flag)))
        return [`    ${after}) COMPREPLY=($(compgen -W "$(${CONTEXTS})" -- "$current")); return ;;`];
      if (choices.length === 0) return [`    ${after}) COMPREPLY=($(compgen -f -- "$current")); return ;;`];
      return [
        `    ${after}) COMPREPLY=($(compgen -W ${quoted(choices.join(' '))} -- "$current")); return ;;`,
      ];
    }),
  );
  const words = offers.map(
    ({ path, words: offered }) =>
      `    ${quoted(path)}) words=${quoted(offered.map(({ word }) => word).join(' '))} ;;`,
  );
  return `# bash completion for chancery
${pathFunction(table, 1)}
_chancery() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" at words=""
  at="$(_chancery_path "\${COMP_WORDS[@]:1:COMP_CWORD-1}")"
${chosen(values, words)}
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [ \${#COMPREPLY[@]} -eq 0 ]; then COMPREPLY=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _chancery chancery`;
}

/** What is offered: behind an option that takes a value, by the option; else by the path of the command. */
const chosen = (values: readonly string[], words: readonly string[]): string =>
  `  case "$at:$before" in
${values.join('\n')}
  esac
  case "$at" in
${words.join('\n')}
  esac`;

function zshScript(table: readonly TableCommand[]): string {
  const offers = offersOf(table);
  const described = ({ word, about }: Word): string =>
    quoted(`${word.replaceAll(':', '\\:')}${about === '' ? '' : `:${about}`}`);
  const values = offers.flatMap(({ path, values: taking }) =>
    taking.map(({ flags, choices }) => {
      const after = flags.map((flag) => quoted(`${path}:${flag}`)).join('|');
      if (flags.some((flag) => CONTEXT_FLAGS.has(flag)))
        return `    ${after}) compadd -- \${(f)"$(${CONTEXTS})"}; return ;;`;
      return choices.length === 0
        ? `    ${after}) _files; return ;;`
        : `    ${after}) compadd -- ${choices.map(quoted).join(' ')}; return ;;`;
    }),
  );
  const words = offers.map(
    ({ path, words: offered }) => `    ${quoted(path)}) offered=(${offered.map(described).join(' ')}) ;;`,
  );
  return `#compdef chancery
${pathFunction(table, 1)}
_chancery() {
  local before="\${words[CURRENT-1]}" at
  local -a offered
  at="$(_chancery_path "\${(@)words[2,CURRENT-1]}")"
${chosen(values, words)}
  _describe -t commands chancery offered || _files
}
compdef _chancery chancery`;
}

function fishScript(table: readonly TableCommand[]): string {
  const lines = offersOf(table).flatMap(({ path, words, values }) => {
    const here = `complete -c chancery -n ${quoted(`test (_chancery_path) = "${path}"`)}`;
    return words.map(({ word, about }) => {
      const value = values.find(({ flags }) => flags.includes(word));
      const offered = CONTEXT_FLAGS.has(word) ? `(${CONTEXTS})` : value?.choices.join(' ');
      const taken = value === undefined ? '' : offered === '' ? ' -r' : ` -x -a ${quoted(offered ?? '')}`;
      return `${here} ${flagOf(word)}${taken}${about === '' ? '' : ` -d ${quoted(about)}`}`;
    });
  });
  const known = table.flatMap(({ path }) => (path.length === 0 ? [] : [quoted(path.join(' '))]));
  return `# fish completion for chancery
function _chancery_path
  set -l path ""
  for word in (commandline -opc)[2..-1]
    set -l tried (string trim -- "$path $word")
    if contains -- "$tried" ${known.join(' ')}
      set path $tried
    end
  end
  echo "$path"
end
complete -c chancery -f
${lines.join('\n')}`;
}

function flagOf(word: string): string {
  if (word.startsWith('--')) return `-l ${word.slice(2)}`;
  return word.startsWith('-') ? `-s ${word.slice(1)}` : `-a ${quoted(word)}`;
}
