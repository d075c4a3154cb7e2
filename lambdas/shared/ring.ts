/** Waking another function, which looks by itself within the minute where that fails. */
import { defaultProvider } from '../../adapters/aws/environment-credentials.ts';
import { invokeLater } from '../../adapters/aws/invoke-function.ts';
import { signer } from '../../adapters/aws/sigv4.ts';
import { type AwsProcess, causesOf, whereOf } from './process.ts';

/** @returns what wakes a function. `name`: of the logger that tells where it could not be woken; `arn` with its alias. */
export function ringer({ settings, clock, log }: AwsProcess): (name: string, arn: string) => Promise<void> {
  const where = {
    ...whereOf(settings),
    sign: signer('lambda', settings.AWS_REGION, defaultProvider()),
    fetch,
    clock,
  };
  return async (name, arn) => {
    try {
      await invokeLater(arn, where);
    } catch (error) {
      log.write('error', name, 'it could not be woken', { causes: causesOf(error) });
    }
  };
}
