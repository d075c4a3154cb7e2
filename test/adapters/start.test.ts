import { DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { isAway, retriedStart } from '../../lambdas/shared/start.ts';
import { ChanceryError } from '../../src/errors.ts';

const said = (name: string, $fault: 'client' | 'server') =>
  new DynamoDBServiceException({ name, $fault, $metadata: {}, message: name });
const away = (cause: unknown) => new ChanceryError('STORE_UNAVAILABLE', 'KMS did not answer', { cause });

describe('a start that failed may be tried again', () => {
  it.each([
    ['nobody answered', away(new Error('ECONNREFUSED'))],
    ['AWS failed', away(said('InternalServerError', 'server'))],
    ['AWS had no capacity', away(said('ThrottlingException', 'client'))],
    ['the ledger gave up', new ChanceryError('LEDGER_UNAVAILABLE', 'silent', { cause: away(undefined) })],
  ])('when %s', (_, error) => expect(isAway(error)).toBe(true));

  it.each([
    ['a right is missing', away(said('AccessDeniedException', 'client'))],
    ['a table is not there', away(said('ResourceNotFoundException', 'client'))],
    ['the charter is broken', new Error('policies.cedar:3: unexpected token')],
    ['a variable is not set', new TypeError('gate was not told LEDGER_TABLE')],
  ])('but not when %s: failing is what rolls the deployment back', (_, error) =>
    expect(isAway(error)).toBe(false),
  );
});

describe('retriedStart', () => {
  const never = () => new Promise<void>(() => {});

  it('opens once for many callers, and again only after a failure', async () => {
    let opened = 0;
    const start = retriedStart(async () => {
      opened += 1;
      if (opened === 1) throw away(new Error('ECONNREFUSED'));
      return opened;
    }, never);
    const [first, second] = await Promise.allSettled([start(1), start(1)]);
    expect([first.status, second.status]).toEqual(['rejected', 'rejected']);
    expect(await Promise.all([start(1), start(1), start(1)])).toEqual([2, 2, 2]);
  });

  it('is STORE_UNAVAILABLE to who waited long enough, and goes on for the next', async () => {
    let finish = (_: string) => {};
    const start = retriedStart(
      () =>
        new Promise<string>((done) => {
          finish = done;
        }),
      async () => {},
    );
    await expect(start(1)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    finish('open');
    await Promise.resolve();
    expect(await start(1)).toBe('open');
  });
});
