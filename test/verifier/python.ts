/** The second verifier is written in Python: where there is none its tests are left out, but never in CI. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export const hasPython: boolean = await promisify(execFile)('python3', ['--version']).then(
  () => true,
  (error: unknown) => {
    if (process.env.CI !== undefined)
      throw new Error('CI needs Python for the second verifier', { cause: error });
    return false;
  },
);
