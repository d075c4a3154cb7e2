/** The command line on a real (pseudo-)terminal: its width, its colours, its questions, Ctrl-C. Needs Python, which has pseudo-terminals in its library. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type StandIn, standIn } from '../cli/run.ts';
import { PROJECT } from '../runtime/support.ts';

const ESC = String.fromCharCode(27);
const CTRL_C = String.fromCharCode(3);
let api: StandIn;
beforeAll(async () => {
  const sanction = {
    sanction_id: 'sn_01',
    subject: 'p-0123456789abcdef',
    kind: 'ban',
    severity: 'high',
    violation_id: 'vio_01',
    provisional: false,
    status: 'active',
    from: '2026-01-02T03:04:05.000Z',
    until: null,
    reason: `a long reason with ${ESC}[31mred${ESC}[0m and 漢字 in it, `.repeat(4),
    record: '1.7',
  };
  api = await standIn(() => ({ body: { sanctions: [sanction] } }));
});
afterAll(() => api.close());

interface Shown {
  readonly code: number | null;
  readonly text: string;
}

async function onTerminal(
  line: string,
  {
    width = 60,
    env = {},
    prompt = '',
    typed = '',
  }: { width?: number; env?: NodeJS.ProcessEnv; prompt?: string; typed?: string } = {},
): Promise<Shown> {
  const python = join(import.meta.dirname, 'terminal/on-a-terminal.py');
  const command = [process.execPath, join(PROJECT, 'bin/chancery.ts'), ...line.split(' ')];
  const { NO_COLOR: _, FORCE_COLOR: __, CI: ___, ...rest } = process.env;
  const child = spawn('python3', [python, String(width), prompt, typed, ...command], {
    env: { ...rest, TERM: 'xterm-256color', CHANCERY_URL: api.url, CHANCERY_TOKEN: 'token', ...env },
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  const code = await new Promise<number | null>((done) => child.on('close', done));
  return { code, text };
}

it('cuts tables to its width, in colours, and lets nobody else’s control characters through', async () => {
  for (const width of [60, 100]) {
    const { code, text } = await onTerminal('sanctions list', { width });
    expect([code, text.includes(`${ESC}[`)]).toEqual([0, true]);
    expect(text).not.toContain(`${ESC}[31mred`);
    const lines = stripVTControlCharacters(text).split('\r\n');
    expect(lines.find((line) => line.startsWith('sn_01'))).toContain('…');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
  }
});

it('shows no colours where they are not wanted', async () => {
  for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }])
    expect((await onTerminal('sanctions list', { env })).text).not.toContain(ESC);
});

it('asks before what cannot be undone: no, nothing and Ctrl-C do nothing', async () => {
  const before = api.reached.length;
  for (const typed of ['n\n', '\n', CTRL_C]) {
    const { code, text } = await onTerminal('emergency stop', { prompt: '[y/N]', typed });
    expect([typed, code === 0]).toEqual([typed, false]);
    expect(text).toContain('Go on? [y/N]');
  }
  expect(api.reached).toHaveLength(before);
});

it('does it once the answer is yes', async () => {
  const before = api.reached.length;
  await onTerminal('sanctions lift sn_01 --reason ten_letters', { prompt: '[y/N]', typed: 'y\n' });
  expect(api.reached.slice(before).map(({ what }) => what)).toEqual(['POST /sanctions/sn_01/lift']);
});
