/** A span around each call of an SDK client, by the semantic conventions for the AWS SDK. */
import type { Tracer } from '../../src/ports.ts';

interface Answered {
  readonly $metadata: { readonly requestId?: string | undefined };
}
type Handler<I, O> = (args: { input: I }) => Promise<{ output: O; response: unknown }>;

/** What all clients of the SDK have. */
interface SdkClient<I extends object, O extends Answered> {
  readonly config: { readonly serviceId: string };
  readonly middlewareStack: {
    add(
      middleware: (next: Handler<I, O>, context: { readonly commandName?: string }) => Handler<I, O>,
      options: { readonly step: 'initialize'; readonly name: string },
    ): void;
  };
}

/** Gives the client itself. The span is `DynamoDB.PutItem`, and names the table, bucket or bus that was asked. */
export function spanned<I extends object, O extends Answered, C extends SdkClient<I, O>>(
  client: C & SdkClient<I, O>,
  tracer: Tracer,
): C {
  const service = client.config.serviceId;
  const middleware =
    (next: Handler<I, O>, { commandName = 'Call' }: { readonly commandName?: string }) =>
    (args: { input: I }) => {
      const method = commandName.replace(/Command$/, '');
      const attributes = {
        kind: 'client',
        'rpc.system': 'aws-api',
        'rpc.service': service,
        'rpc.method': method,
        ...namedBy(args.input),
      } as const;
      return tracer.span(`${service}.${method}`, attributes, async (note) => {
        const answer = await next(args);
        const { requestId } = answer.output.$metadata;
        note(requestId === undefined ? {} : { 'aws.request_id': requestId });
        return answer;
      });
    };
  client.middlewareStack.add(middleware, { step: 'initialize', name: 'chancerySpans' });
  return client;
}

function namedBy(input: object): Record<string, string> {
  if ('TableName' in input) return { 'aws.dynamodb.table_names': String(input.TableName) };
  if ('Bucket' in input) return { 'aws.s3.bucket': String(input.Bucket) };
  if ('stateMachineArn' in input)
    return { 'aws.step_functions.state_machine.arn': String(input.stateMachineArn) };
  return {};
}
