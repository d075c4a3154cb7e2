/** What a deployed environment says of itself: the outputs of its two stacks. */
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import * as z from 'zod';
import { ChanceryError } from '../../src/errors.ts';

const schema = z.object({
  ApiUrl: z.url(),
  LogOrigin: z.string(),
  LedgerTable: z.string(),
  StateTable: z.string(),
  SubjectKeysTable: z.string(),
  DocumentsBucket: z.string(),
  LogBucket: z.string(),
  WormBucket: z.string(),
  LaneAuthorityKey: z.string(),
  CheckpointKey: z.string(),
  WitnessKey: z.string(),
  DeadLetterQueue: z.string(),
});

export type StackOutputs = z.infer<typeof schema>;

/**
 * Reads them with the caller's own AWS credentials. Throws NOT_FOUND when the environment is not deployed there,
 * STORE_UNAVAILABLE when AWS does not answer.
 */
export async function readStackOutputs(
  environment: string,
  where: { readonly region?: string; readonly endpoint?: string } = {},
): Promise<StackOutputs> {
  const client = new CloudFormationClient(where);
  const found: Record<string, string> = {};
  for (const stack of [`chancery-${environment}-ledger`, `chancery-${environment}-gate`]) {
    const { Stacks = [] } = await described(client, stack, environment);
    for (const { OutputKey, OutputValue } of Stacks[0]?.Outputs ?? []) {
      if (OutputKey !== undefined && OutputValue !== undefined) found[OutputKey] = OutputValue;
    }
  }
  return schema.parse(found);
}

async function described(client: CloudFormationClient, stack: string, environment: string) {
  try {
    return await client.send(new DescribeStacksCommand({ StackName: stack }));
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'ValidationError') {
      throw new ChanceryError(
        'NOT_FOUND',
        `${environment} is not deployed here: there is no stack ${stack}`,
        {
          cause,
        },
      );
    }
    throw new ChanceryError('STORE_UNAVAILABLE', 'CloudFormation did not answer', { cause });
  }
}
