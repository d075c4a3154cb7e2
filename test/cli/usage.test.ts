/** Command lines that are wrong: nothing is sent, and what is said can be read by people and by scripts. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../../cli/main.ts';

describe('a wrong command line', () => {
  let said = '';
  beforeEach(() => {
    said = '';
    vi.stubEnv('CHANCERY_URL', 'http://127.0.0.1:9');
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      said += String(text);
      return true;
    });
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  it.each([
    ['frobnicate --help', "unknown command 'frobnicate'"],
    ['ledger frobnicate --help', "unknown command 'frobnicate'"],
    ['--env staging frobnicate -h', "unknown command 'frobnicate'"],
    ['approvals list --limit abc', 'It takes a whole number from 1 to 200, in the digits 0 to 9.'],
    ['approvals list --limit NaN', 'It takes a whole number from 1 to 200, in the digits 0 to 9.'],
    ['violations list --limit 1.5', 'It takes a whole number from 1 to 200'],
    ['sanctions list --limit 0', 'It takes a whole number from 1 to 200, in the digits 0 to 9.'],
    ['overrides list --limit -5', 'It takes a whole number from 1 to 200, in the digits 0 to 9.'],
    ['healing list --limit 1e3', 'It takes a whole number from 1 to 200, in the digits 0 to 9.'],
    ['metrics top-users --limit many', 'It takes a whole number from 1 to 1000, in the digits 0 to 9.'],
    ['metrics latency --percentiles 50,x', 'It takes numbers between 0 and 100'],
    ['metrics report --format xml', 'text, json, csv'],
    ['health --watch --times x', 'It takes a whole number from 1 to 1000000, in the digits 0 to 9.'],
    ['ledger tail --lines many', 'It takes a whole number from 1 to 10000, in the digits 0 to 9.'],
    ['ledger prune --retention-days soon', 'It takes a whole number from 1 to 36500, in the digits 0 to 9.'],
    ['logs search --query x --limit 0x10', 'It takes a whole number from 1 to 10000, in the digits 0 to 9.'],
    [
      'missions register aim.json --tool a.b --max-calls ten',
      'It takes a whole number from 1 to 1000000, in the digits 0 to 9.',
    ],
    ['slo check --min-success-rate 1.1', 'It takes a number from 0 to 1, in the digits 0 to 9.'],
    ['logs slow-requests --threshold 2', 'is no period'],
  ])('%s: exit 2, and why', async (line, why) => {
    expect(await main(line.split(' '))).toBe(2);
    expect(said).toContain(why);
  });

  it.each([
    ['token --sub', "option '--sub <id>' is blank"],
    ['rate-limits reset --yes --user', "option '--user <sub>' is blank"],
    ['ledger tail --type', "option '--type <type>' is blank"],
    ['token --sub jake --role', "option '--role <role>' is blank"],
    ['violations show', "argument 'id' is blank"],
  ])('%s and a variable that was empty: exit 2, and why', async (line, why) => {
    for (const blank of ['', ' ']) {
      said = '';
      expect(await main([...line.split(' '), blank])).toBe(2);
      expect(said).toContain(why);
    }
  });

  it.each([
    ['ledger audit-receipt /nonexistent.json', '/nonexistent.json: there is no such file or folder.'],
    ['ledger audit-receipt /tmp', 'it is a folder'],
    ['ledger proof --check /dev/null/x', '/dev/null/x: a part of this path is a file.'],
    ['charter validate /nonexistent', '/nonexistent: there is no such file or folder.'],
    ['ledger verify /nonexistent', 'There is no trust.json at /nonexistent/trust.json'],
    ['context add x --url notaurl', 'it is a URL that begins with https:// or http://'],
  ])('%s: exit 2, since nothing was asked of anybody', async (line, why) => {
    expect(await main(line.split(' '))).toBe(2);
    expect(said).toContain(why);
  });

  it.each([
    ['CHANCERY_URL', 'ftp://example.org', 'it is a URL that begins with http:// or https://'],
    ['CHANCERY_URL', 'example.org', 'it is a URL that begins with http:// or https://'],
    ['CHANCERY_TOKEN', 'a\nb', 'it is one token'],
    ['PORT', 'abc', 'it is a port: a whole number from 0 to 65535'],
    ['PORT', '1.5', 'it is a port: a whole number from 0 to 65535'],
    ['CHANCERY_TRACE_RATE', '2', 'it is a share from 0 to 1'],
  ])('%s=%j: exit 2, and what it takes', async (name, value, why) => {
    vi.stubEnv(name, value);
    expect(await main(['status'])).toBe(2);
    expect(said).toContain(`${name}: ${why}`);
  });

  it.each(['frobnicate', 'token', 'approvals list --limit x', 'frobnicate --help'])(
    '%s --json: one line of JSON',
    async (line) => {
      expect(await main([...line.split(' '), '--json'])).toBe(2);
      const { error, ...rest } = JSON.parse(said);
      expect(rest).toEqual({ code: 'USAGE', exit: 2 });
      expect(error).not.toBe('');
    },
  );

  it.each(['--help', 'ledger --help', 'ledger verify --help', '--env dev approvals --help', 'help ledger'])(
    '%s is none',
    async (line) => {
      expect(await main(line.split(' '))).toBe(0);
    },
  );
});
