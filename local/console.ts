/** The console of one machine: built when it is first asked for, so that no start waits for it. */
import type { ConsoleFiles } from '../console/build.ts';

export function consoleOnDemand(): () => Promise<ConsoleFiles> {
  let built: Promise<ConsoleFiles> | undefined;
  return () => {
    built ??= import('../console/build.ts')
      .then(({ buildConsole }) => buildConsole())
      .catch((error: unknown) => {
        built = undefined;
        throw error;
      });
    return built;
  };
}
