/** What `chancery --help` prints, for bin/help.txt: from there it is printed before anything is loaded (bin/chancery.cjs). */
import { registerCommands } from './commands.ts';
import { bareProgram } from './program.ts';

/** Columns that every terminal has. */
const WIDTH = 80;

export async function helpText(): Promise<string> {
  let text = '';
  const program = bareProgram('any').configureOutput({
    getOutHelpWidth: () => WIDTH,
    writeOut: (part) => {
      text += part;
    },
  });
  await registerCommands(program, [], () => Promise.reject(new Error('help runs no command')));
  program.outputHelp();
  return text;
}
