import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { jsonLog } from '../../adapters/aws/json-log.ts';
import { logFields, logLines } from '../../src/watch/ops/log-line.ts';
import { createRedactor } from '../../src/watch/ops/redact.ts';

const NOW = Date.parse('2026-11-21T08:00:00.000Z');
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
/** Written in pieces, so that no scanner of this repository takes a planted value for a real one. */
const KEY_ID = `AKIA${'PLANTED0KEY0ID00'}`;
const JWT = `eyJ${'hbGciOiJFZERTQSJ9'}.eyJzdWIiOiJwbGFudGVkIn0.c2lnbmF0dXJl`;

let written = '';
beforeEach(() => {
  written = '';
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      written += String(chunk);
      return true;
    });
  }
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const open = (settings: Parameters<typeof logFields>[0] = { level: 'debug' }) =>
  jsonLog(logFields(settings, createRedactor(), () => NOW));

describe('the log of a Lambda', () => {
  it('writes the same line as everywhere, at every level', () => {
    const fields = {
      trace_id: TRACE,
      request_id: 'req_1',
      actor: 'subj_1',
      drag_mode: 'execute',
      workflow_name: 'data-export',
      outcome: 'success',
      duration_seconds: 0.25,
      // Names that Powertools keeps for itself.
      service: 'theirs',
      sampling_rate: 1,
      nested: { list: [1, 'two'] },
    };
    const format = logLines({ level: 'debug' }, createRedactor(), () => NOW);
    for (const level of ['debug', 'info', 'warn', 'error'] as const) {
      written = '';
      open().write(level, 'http', 'request', fields);
      expect(written).toBe(`${format(level, 'http', 'request', fields)}\n`);
    }
  });

  it('lets no planted secret through, wherever it stands', () => {
    const log = open();
    log.write('info', 'http', `token ${JWT}`, {
      trace_id: TRACE,
      authorization: 'planted-01',
      headers: { cookie: 'sid=planted-02', list: [KEY_ID] },
      error: new Error(`refused password=planted-03 of planted@example.org`),
      nested: JSON.stringify({ client_secret: 'planted-04' }),
      encoded: Buffer.from(JWT).toString('base64'),
    });
    log.write('error', 'start', KEY_ID, { causes: [`Error: ${JWT}`] });
    for (const secret of ['planted', KEY_ID, JWT, Buffer.from(JWT).toString('base64')])
      expect(written).not.toContain(secret);
    const [first, second] = written.trim().split('\n');
    expect(JSON.parse(first ?? '')).toMatchObject({
      level: 'info',
      trace_id: TRACE,
      authorization: '[redacted]',
    });
    expect(JSON.parse(second ?? '')).toMatchObject({ level: 'error', message: '[redacted]' });
  });

  it('keeps to our levels and sampling, whatever Powertools is told', () => {
    vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'ERROR');
    vi.stubEnv('POWERTOOLS_LOGGER_SAMPLE_RATE', '1');
    const log = open({ level: 'warn', levels: { ledger: 'debug' }, samples: { ledger: 0 } });
    log.write('info', 'http', 'below its level');
    log.write('debug', 'ledger', 'not in the sample', { trace_id: TRACE });
    expect(written).toBe('');
    log.write('debug', 'ledger', 'kept');
    expect(JSON.parse(written)).toEqual({
      timestamp: '2026-11-21T08:00:00.000Z',
      level: 'debug',
      logger: 'ledger',
      message: 'kept',
    });
  });

  it('gives what Powertools says itself the same fields', () => {
    vi.stubEnv('AWS_LAMBDA_LOG_LEVEL', 'WARN');
    open();
    const line: unknown = JSON.parse(written);
    expect(line).toMatchObject({ level: 'warn', logger: 'powertools', message: expect.any(String) });
    expect(Object.keys(Object(line))).toEqual(['timestamp', 'level', 'logger', 'message']);
  });
});
