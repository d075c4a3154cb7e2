/** A list that is followed: what is there, what comes, what changes, each once. */
import { describe, expect, it } from 'vitest';
import { follow } from '../../cli/follow.ts';
import { CommandEnd, EXIT } from '../../cli/world.ts';

describe('a list that is followed', () => {
  const shown = async (
    json: boolean,
    ...reads: ({ id: string; status: string }[] | 'away' | 'refused')[]
  ) => {
    const lines: string[] = [];
    const left = [...reads];
    const ended = new AbortController();
    await follow(
      { json, out: (line) => void lines.push(line), err: (line) => void lines.push(line) },
      {
        read: async () => {
          const read = left.shift() ?? [];
          if (left.length === 0) ended.abort();
          if (read === 'away') throw new CommandEnd('nothing answers', EXIT.unavailable);
          if (read === 'refused') throw new CommandEnd('no scope');
          return read;
        },
        id: ({ id }) => id,
        line: ({ id, status }) => `${id} ${status}`,
      },
      async () => {},
    )(ended.signal);
    return lines;
  };

  it('shows the oldest first, then what comes and what changes, and nothing twice', async () => {
    const [a, b] = [
      { id: 'a', status: 'open' },
      { id: 'b', status: 'open' },
    ];
    expect(
      await shown(false, [b, a], [b, a], [b, { ...a, status: 'closed' }], [{ id: 'c', status: 'open' }, b]),
    ).toEqual(['a open', 'b open', 'a closed', 'c open']);
  });

  it('is one object a line with --json', async () => {
    expect(await shown(true, [{ id: 'a', status: 'open' }])).toEqual(['{"id":"a","status":"open"}']);
  });

  it('goes on where the service was away for a while, and says so once', async () => {
    const a = { id: 'a', status: 'open' };
    const lines = await shown(false, [a], 'away', 'away', [{ ...a, status: 'closed' }]);
    expect(lines).toEqual(['a open', 'The service does not answer; waiting for it.', 'a closed']);
  });

  it('ends with a refusal, and where the service never was there', async () => {
    await expect(shown(false, [], 'refused', [])).rejects.toThrow('no scope');
    await expect(shown(false, 'away', [])).rejects.toThrow('nothing answers');
  });
});
