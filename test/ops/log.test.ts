import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openJsonlLog } from '../../adapters/local/jsonl-log.ts';
import { openLineFile } from '../../adapters/local/line-file.ts';
import { shareOfTraces, spanTracer } from '../../adapters/traces/span-tracer.ts';
import { formatTraceparent, parseTraceparent, type SpanLine, w3cTraceId } from '../../src/basics/trace.ts';
import { logLines } from '../../src/watch/ops/log-line.ts';
import { createRedactor } from '../../src/watch/ops/redact.ts';

const NOW = Date.parse('2026-11-21T08:00:00.000Z');
const format = (settings: Parameters<typeof logLines>[0]) => logLines(settings, createRedactor(), () => NOW);
const trace = (index: number): string => index.toString(16).padStart(32, '0');

describe('log lines', () => {
  it('carry time, level, logger and message first, then the fields, redacted', () => {
    const line = format({ level: 'info' })('info', 'http', 'hello a@b.example', {
      trace_id: trace(1),
      token: 'x',
    });
    expect(line).toBe(
      `{"timestamp":"2026-11-21T08:00:00.000Z","level":"info","logger":"http","trace_id":"${trace(1)}","token":"[redacted]","message":"hello [redacted]"}`,
    );
  });

  it('are written by the level of their component', () => {
    const write = format({ level: 'warn', levels: { ledger: 'debug' } });
    expect(write('info', 'http', 'x')).toBeUndefined();
    expect(write('debug', 'ledger', 'x')).toBeDefined();
    expect(write('debug', 'ledger.seal', 'x')).toBeDefined();
  });

  it('are sampled by trace, all lines of one or none, and keep warnings, errors and faults', () => {
    const write = format({ level: 'debug', samples: { http: 0.1 } });
    let kept = 0;
    for (let index = 0; index < 2_000; index += 1) {
      const first = write('info', 'http', 'begin', { trace_id: trace(index * 7919) });
      const second = write('info', 'http', 'end', { trace_id: trace(index * 7919) });
      expect(first === undefined).toBe(second === undefined);
      if (first !== undefined) kept += 1;
      expect(write('error', 'http', 'x', { trace_id: trace(index) })).toBeDefined();
      expect(write('warn', 'http', 'x', { trace_id: trace(index) })).toBeDefined();
      expect(write('info', 'http', 'request', { trace_id: trace(index), status: 503 })).toBeDefined();
    }
    expect(kept).toBeGreaterThan(100);
    expect(kept).toBeLessThan(320);
  });
});

describe('the files', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'chancery-log-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('are rotated by size, and the oldest is dropped', () => {
    const path = join(folder, 'logs', 'x.jsonl');
    const log = openJsonlLog({ path, max_bytes: 400, keep: 2 }, format({ level: 'info' }));
    for (let index = 0; index < 20; index += 1) {
      log.write('info', 'test', `line ${index}`);
      log.flush();
    }
    log.close();
    const lines = [`${path}.2`, `${path}.1`, path].flatMap((file) =>
      readFileSync(file, 'utf8').trim().split('\n'),
    );
    const numbers = lines.map((line) => Number(JSON.parse(line).message.slice(5)));
    expect(numbers).toEqual([...numbers].sort((left, right) => left - right));
    expect(numbers.at(-1)).toBe(19);
    expect(numbers.length).toBeLessThan(20);
    expect(readFileSync(path).length).toBeLessThanOrEqual(400);
  });

  it('do not stop the service when the disk refuses a line', () => {
    const failures: unknown[] = [];
    const file = openLineFile({ path: join(folder, 'x.jsonl'), max_bytes: 10 }, (error) =>
      failures.push(error),
    );
    file.append('first');
    file.flush();
    rmSync(folder, { recursive: true });
    file.append('a second line that needs a rotation into a folder that is gone');
    expect(() => file.flush()).not.toThrow();
    expect(failures).toHaveLength(1);
  });
});

describe('a line that is held', () => {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-held-'));
  const path = join(folder, 'x.jsonl');
  const written = (): string => readFileSync(path, 'utf8');
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is written with the next that is appended, in a moment where none comes, or at the end', async () => {
    const file = openLineFile({ path });
    file.hold('part');
    await nextTurn();
    expect(written()).toBe('');
    file.append('whole');
    await nextTurn();
    expect(written()).toBe('part\nwhole\n');
    file.hold('alone');
    vi.advanceTimersByTime(20);
    expect(written()).toBe('part\nwhole\nalone\n');
    file.hold('last');
    file.close();
    expect(written()).toBe('part\nwhole\nalone\nlast\n');
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('spans', () => {
  const traced = (rate: number, routes: Record<string, number> = {}) => {
    const lines: SpanLine[] = [];
    let made = 0;
    const tracer = spanTracer({
      written: (line) => lines.push(line),
      clock: () => NOW,
      micros: () => 0,
      random: (length) => new Uint8Array(length).fill(++made),
      redact: createRedactor(),
      sampled: shareOfTraces(rate, routes),
      keepsFailures: true,
    });
    return { lines, tracer };
  };

  it('know their trace and their parent across awaits, side by side', async () => {
    const { lines, tracer } = traced(1);
    const request = (id: string) =>
      tracer.span('request', { trace_id: id }, async () => {
        await Promise.resolve();
        await tracer.span('standing', { cache_hit: true }, async () => undefined);
      });
    await Promise.all([request(trace(1)), request(trace(2))]);
    for (const id of [trace(1), trace(2)]) {
      const [child, root] = lines.filter((line) => line.trace_id === id);
      expect(child?.name).toBe('standing');
      expect(child?.parent_id).toBe(root?.span_id);
      expect(root?.parent_id).toBeUndefined();
    }
  });

  it('are sampled whole by trace and route, and written anyway when they fail', async () => {
    const { lines, tracer } = traced(0, { '/always': 1 });
    await tracer.span('request', { trace_id: trace(1), 'http.route': '/x' }, () =>
      tracer.span('a', {}, async () => undefined),
    );
    expect(lines).toEqual([]);
    await tracer.span('request', { trace_id: trace(1), 'http.route': '/always' }, () =>
      tracer.span('a', {}, async () => undefined),
    );
    expect(lines.map(({ name }) => name)).toEqual(['a', 'request']);
    const failing = tracer.span('request', { trace_id: trace(1) }, async () => {
      throw new RangeError('no');
    });
    await expect(failing).rejects.toThrow(RangeError);
    expect(lines.at(-1)).toMatchObject({ status: 'error', attributes: { 'error.type': 'RangeError' } });
  });

  it('outside any trace are not recorded, and the work is done', async () => {
    const { lines, tracer } = traced(1);
    expect(await tracer.span('alone', {}, async () => 7)).toBe(7);
    expect(lines).toEqual([]);
  });
});

describe('traceparent', () => {
  const id = '4bf92f3577b34da6a3ce929d0e0e4736';

  it('is read as W3C Trace Context says', () => {
    expect(parseTraceparent(`00-${id}-00f067aa0ba902b7-01`)).toEqual({
      trace_id: id,
      parent_id: '00f067aa0ba902b7',
      sampled: true,
    });
    expect(parseTraceparent(`cc-${id}-00f067aa0ba902b7-00-what-may-come`)?.sampled).toBe(false);
    for (const bad of [
      undefined,
      '',
      `ff-${id}-00f067aa0ba902b7-01`,
      `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
      `00-${id}-${'0'.repeat(16)}-01`,
      `00-${id}-00f067aa0ba902b7-01-extra`,
      `00-${id.toUpperCase()}-00f067aa0ba902b7-01`,
    ]) {
      expect(parseTraceparent(bad), String(bad)).toBeUndefined();
    }
  });

  it('is written so that it reads back the same', () => {
    const context = { trace_id: id, parent_id: '00f067aa0ba902b7', sampled: true };
    expect(parseTraceparent(formatTraceparent(context))).toEqual(context);
  });

  it('gets 32 hex from any honoured trace id, always the same', () => {
    expect(w3cTraceId('4bf92f35-77b3-4da6-a3ce-929d0e0e4736')).toBe(id);
    expect(w3cTraceId('my-trace-0001')).toMatch(/^[0-9a-f]{32}$/);
    expect(w3cTraceId('my-trace-0001')).toBe(w3cTraceId('my-trace-0001'));
  });
});
