import { describe, expect, it } from 'vitest';
import { openSqliteTable } from '../../adapters/local/sqlite-table.ts';
import { checkpointText } from '../../src/ledger/tree/checkpoint.ts';
import { openCheckpointSigner } from '../../src/ledger/tree/sign-once.ts';
import { authoritySigner, ORIGIN } from './support.ts';

const tree = (size: number, fill: number, origin = ORIGIN) =>
  checkpointText({ origin, size, root: new Uint8Array(32).fill(fill) });

describe('the signer of checkpoints', () => {
  const made = () =>
    openCheckpointSigner({
      table: openSqliteTable(':memory:'),
      signer: authoritySigner('checkpoint'),
      origin: ORIGIN,
    });

  it('signs what grows, and the same again', async () => {
    const signer = made();
    const first = await signer.sign(tree(5, 1));
    expect(first).toMatchObject({ ok: true });
    expect(await signer.sign(tree(5, 1))).toEqual(first);
    expect(await signer.sign(tree(8, 2))).toMatchObject({ ok: true });
  });

  it('signs no second tree of a size, nor a smaller one', async () => {
    const signer = made();
    await signer.sign(tree(5, 1));
    expect(await signer.sign(tree(5, 2))).toMatchObject({ ok: false });
    expect(await signer.sign(tree(4, 1))).toMatchObject({ ok: false });
  });

  it('signs one of two trees of a size that are asked for at once', async () => {
    const signer = made();
    const answers = await Promise.all([signer.sign(tree(5, 1)), signer.sign(tree(5, 2))]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  });

  it('signs for no other log, and nothing that is no checkpoint', async () => {
    const signer = made();
    expect(await signer.sign(tree(5, 1, 'another'))).toMatchObject({ ok: false });
    expect(await signer.sign('cosignature/v1\ntime 1\n')).toMatchObject({ ok: false });
  });
});
