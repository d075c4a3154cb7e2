/** A list that is followed: what is there, what comes, what changes, each once. */
import { describe, expect, it } from 'vitest';
import { follow } from '../../cli/follow.ts';

describe('a list that is followed', () => {
  const shown = async (json: boolean, ...reads: { id: string; status: string }[][]) => {
    const lines: string[] = [];
    const left = [...reads];
    await expect(
      follow(
        { json, out: (line) => void lines.push(line) },
        {
          read: async () => left.shift() ?? Promise.reject(new Error('the service is gone')),
          id: ({ id }) => id,
          line: ({ id, status }) => `${id} ${status}`,
        },
        async () => {},
      ),
    ).rejects.toThrow('the service is gone');
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
});
