import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../src/watch/ops/redact.ts';

const redact = createRedactor();
const shown = (value: unknown): string => JSON.stringify(redact(value));
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const base64url = (text: string): string => Buffer.from(text).toString('base64url');
const hex = (text: string): string => Buffer.from(text).toString('hex');

const JWT = `${base64url('{"alg":"RS256","kid":"k1"}')}.${base64url('{"sub":"jake","exp":1}')}.c2lnbmF0dXJl`;
const PEM =
  '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nplantedKeyBytes\n-----END PRIVATE KEY-----';
/** Written in pieces, so that no scanner of this repository takes a planted value for a real one. */
const join = (...parts: string[]): string => parts.join('');

/** Name, what is logged, and what must not be found in the output. */
const PLANTED: readonly (readonly [string, unknown, string])[] = [
  ['password field', { password: 'planted-pw-01' }, 'planted-pw-01'],
  ['camel case', { userPassword: 'planted-pw-02' }, 'planted-pw-02'],
  ['passphrase', { pass_phrase: 'planted-pw-03' }, 'planted-pw-03'],
  ['client secret', { client_secret: 'planted-04' }, 'planted-04'],
  ['api key', { 'x-api-key': 'planted-05' }, 'planted-05'],
  ['apiKey', { apiKey: 'planted-06' }, 'planted-06'],
  ['access token', { access_token: 'planted-07' }, 'planted-07'],
  ['refresh token', { refreshToken: 'planted-08' }, 'planted-08'],
  ['authorization header', { headers: { Authorization: 'planted-09' } }, 'planted-09'],
  ['cookie', { headers: { cookie: 'sid=planted-10' } }, 'planted-10'],
  ['set-cookie list', { 'set-cookie': ['sid=planted-11; HttpOnly'] }, 'planted-11'],
  ['private key field', { privateKey: 'planted-12' }, 'planted-12'],
  ['credentials object', { credentials: { user: 'u', value: 'planted-13' } }, 'planted-13'],
  ['one-time password', { otp: '493817' }, '493817'],
  ['pin', { pin: '8731' }, '8731'],
  ['routing key', { routing_key: 'planted-16' }, 'planted-16'],
  ['capability', { capability: 'planted-17' }, 'planted-17'],
  ['webhook', { slack_webhook: 'planted-18' }, 'planted-18'],
  ['e-mail field', { email: 'planted19' }, 'planted19'],
  ['e-mail in text', 'mail planted20@example.org now', 'planted20'],
  ['e-mail with tag', { note: 'planted21+tag@sub.example.co.uk' }, 'planted21'],
  ['e-mail, other alphabet', { note: 'плантед22@пример.рф' }, 'плантед22'],
  ['phone', { phone: '555-0123' }, '555-0123'],
  ['phone in text', 'call +49 170 1234567 today', '1234567'],
  ['ip field', { ip: '203.0.113.25' }, '203.0.113.25'],
  ['ip in text', 'from 198.51.100.26 came', '198.51.100.26'],
  ['ipv6 in text', 'from 2001:db8:85a3:0:0:8a2e:370:7334 came', '7334'],
  ['short ipv6', 'from 2001:db8::8a2e:28 came', '8a2e'],
  ['forwarded for', { 'x-forwarded-for': 'planted-29' }, 'planted-29'],
  ['user agent', { user_agent: 'planted-30' }, 'planted-30'],
  ['subject', { sub: 'planted-31' }, 'planted-31'],
  ['full name', { actor: { full_name: 'Planted Thirtytwo' } }, 'Planted'],
  ['birth date', { date_of_birth: '1970-01-33' }, '1970'],
  ['social security number', 'ssn 078-05-1120', '078-05-1120'],
  ['card number', 'card 4111 1111 1111 1111', '1111'],
  ['card without spaces', { note: '5500005555555559' }, '5555'],
  ['iban', 'to DE89 3704 0044 0532 0130 00 please', '3704'],
  ['postal address', { street_address: 'planted-38' }, 'planted-38'],
  ['JWT in text', `got ${JWT} here`, 'c2lnbmF0dXJl'],
  ['JWT in a field', { note: JWT }, JWT.slice(0, 20)],
  ['cut JWT', JWT.slice(0, 30), JWT.slice(0, 30)],
  ['bearer', 'header was Bearer planted.token.42', 'planted.token'],
  ['basic', `Basic ${base64('planted:43')}`, base64('planted:43')],
  ['PEM', PEM, 'plantedKeyBytes'],
  ['PEM without end', PEM.slice(0, 80), 'MIIEvQ'],
  ['AWS key id', join('AKIA', 'PLANTED46EXAMPLE'), 'PLANTED46'],
  ['AWS secret in text', 'aws_secret_access_key = planted47/abc+def', 'planted47'],
  ['GitHub token', join('ghp', '_planted48planted48planted48'), 'planted48'],
  ['GitHub fine-grained', join('github', '_pat_planted49_planted49planted49'), 'planted49'],
  ['Slack token', join('xoxb', '-planted50-planted50'), 'planted50'],
  ['Slack webhook url', 'https://hooks.slack.com/services/T0/B0/planted51', 'planted51'],
  ['Stripe key', join('sk', '_live_planted52planted52'), 'planted52'],
  ['model key', join('sk', '-ant-planted53-planted53planted53'), 'planted53'],
  ['Google key', join('AIza', 'planted54planted54planted54planted54'), 'planted54'],
  ['npm token', join('npm', '_planted55planted55planted55planted55'), 'planted55'],
  ['url credentials', 'postgres://admin:planted56@db/x', 'planted56'],
  ['query parameter', 'GET /x?token=planted57&y=1', 'planted57'],
  ['password in text', 'tried password=planted58, failed', 'planted58'],
  ['JSON in a string', '{"user":"u","password":"planted59"}', 'planted59'],
  [
    'JSON in a string in JSON',
    JSON.stringify({ body: JSON.stringify({ secret: 'planted60' }) }),
    'planted60',
  ],
  ['nested ten deep', { a: { b: { c: { d: [{ e: { email: 'x', token: 'planted61' } }] } } } }, 'planted61'],
  ['beyond the depth', deep({ token: 'planted62' }, 20), 'planted62'],
  ['base64', { note: base64('password=planted63!') }, base64('password=planted63!')],
  ['base64url of an e-mail', base64url('planted64@example.org'), base64url('planted64@example.org')],
  ['twice base64', base64(base64('token=planted65abc')), base64(base64('token=planted65abc'))],
  ['percent encoded', 'q=planted66%40example.org', 'planted66'],
  ['percent encoded secret', 'x=client_secret%3Dplanted67', 'planted67'],
  ['hex', hex('password=planted68'), hex('password=planted68')],
  ['JSON escapes', 'planted69\\u0040example.org', 'planted69'],
  ['HTML entities', 'planted70&#64;example.org', 'planted70'],
  ['error message', new Error('no login for planted71@example.org'), 'planted71'],
  ['error cause', new Error('x', { cause: new Error('password: planted72') }), 'planted72'],
  ['map', new Map([['token', 'planted73']]), 'planted73'],
  ['set', new Set(['planted74@example.org']), 'planted74'],
  ['raw header list', ['authorization', 'planted75', 'accept', '*/*'], 'planted75'],
  ['e-mail as a key', { 'planted76@example.org': 1 }, 'planted76'],
  ['bytes', { body: Buffer.from('planted77') }, 'planted77'],
];

function deep(value: unknown, levels: number): unknown {
  return levels === 0 ? value : { inner: deep(value, levels - 1) };
}

describe('redaction', () => {
  it.each(PLANTED)('%s does not reach the output', (_, value, secret) => {
    expect(
      JSON.stringify(
        value instanceof Error || value instanceof Map || value instanceof Set ? [...[secret]] : value,
      ),
    ).toBeTruthy();
    expect(shown(value)).not.toContain(secret);
    expect(shown({ context: [value] })).not.toContain(secret);
  });

  it('plants at least sixty values', () => {
    expect(PLANTED.length).toBeGreaterThanOrEqual(60);
  });

  it('leaves alone what operators need', () => {
    const line = {
      message: 'request',
      trace_id: '1859e8eddfc3ab9bb2a58209f0e4ccb2',
      request_id: 'req_01M7YJ9DWWKNDW8NKWPKKTBCT3',
      session_id: 'ses_4711',
      actor: '1a8b8b0a625400b6d8c3b288ec0cc39cd814eefd2b180b9015fe641cdb6591f0',
      record_hash: '7446d80b04efe410f4daff52f87442ffd24c3514749ee0c5b28c8700e4311512',
      signature: 'iRjMQ4AK59QAcar1A1shIIU2YnjDJzTjVBhtIUCsysitNddeqDbNIdyLrRHajIosd8YnbqD0kctRtZnTAVc+DA==',
      drag_mode: 'grunt',
      workflow_name: 'compliance-report',
      tool: 'calendar.read',
      outcome: 'success',
      duration_seconds: 0.093747,
      route: '/workflows/governed/execute',
      url: 'http://127.0.0.1:8787/metrics',
      version: '1.0.0',
      timestamp: '2026-11-21T08:06:44.474Z',
      tokens: 12,
      none: null,
      bytes: 4_111_111_111_111,
    };
    expect(redact(line)).toEqual(line);
  });

  it('survives what JSON cannot say: cycles, functions, big integers', () => {
    const loop: Record<string, unknown> = { n: 10n, f: () => 1 };
    loop.self = loop;
    expect(redact(loop)).toEqual({ n: '10', f: undefined, self: '[circular]' });
  });

  it('takes further patterns and names of fields from the charter', () => {
    expect(createRedactor({ patterns: [/CASE-\d+/g] })('see CASE-123')).toBe('see [redacted]');
    expect(createRedactor({ fields: ['badge_number', 'tool'] })({ badgeNumber: 7, tool: 'x' })).toEqual({
      badgeNumber: '[redacted]',
      tool: '[redacted]',
    });
  });
});
