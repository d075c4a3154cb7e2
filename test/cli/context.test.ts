/** Environments by name: what is named is where a command acts, with that one's token, and nowhere else. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { run, type StandIn, standIn } from './run.ts';

describe('chancery context', () => {
  const folder = mkdtempSync(join(tmpdir(), 'chancery-context-'));
  let here: StandIn;
  let there: StandIn;
  let config: string;
  let count = 0;
  beforeAll(async () => {
    here = await standIn(() => ({ body: { approvals: [] } }));
    there = await standIn(() => ({ body: { approvals: [] } }));
  });
  afterAll(async () => {
    await Promise.all([here.close(), there.close()]);
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    count += 1;
    config = join(folder, `${count}`, 'config.json');
    here.reached.length = 0;
    there.reached.length = 0;
  });
  const chancery = (line: string | readonly string[], env: Record<string, string> = {}) =>
    run(line, { CHANCERY_CONFIG: config, CHANCERY_DATA: join(folder, 'data'), ...env });
  const add = (name: string, ...more: string[]) =>
    chancery(['context', 'add', name, '--url', there.url, ...more]);

  it('acts where the name says, with its own token, whatever else lies about', async () => {
    await add('staging', '--token-command', 'echo of-staging');
    const env = { CHANCERY_URL: here.url, CHANCERY_TOKEN: 'of-somebody-else' };
    for (const flag of ['--env', '--context'])
      expect(await chancery(['approvals', 'list', flag, 'staging'], env)).toMatchObject({ code: 0 });
    expect(here.reached).toEqual([]);
    expect(there.reached.map(({ token }) => token)).toEqual(['of-staging', 'of-staging']);
  });

  it('acts in the current one without a name, and on this machine with --env local', async () => {
    await add('staging', '--token-command', 'echo of-staging');
    expect((await chancery('context use staging')).code).toBe(0);
    expect((await chancery('context current')).out).toBe('staging\n');
    await chancery('approvals list');
    expect(there.reached).toEqual([{ what: 'GET /approvals?status=pending&limit=50', token: 'of-staging' }]);
    await chancery('approvals list', { CHANCERY_URL: here.url, CHANCERY_TOKEN: 'mine' });
    await chancery('approvals list --env local', { CHANCERY_URL: here.url, CHANCERY_TOKEN: 'mine' });
    expect(here.reached.map(({ token }) => token)).toEqual(['mine', 'mine']);
    expect(there.reached).toHaveLength(1);
    await chancery('context use local');
    expect((await chancery('context current --json')).out).toBe('{"current":"local"}\n');
  });

  it.each([
    ['approvals list --env nosuch', 'There is no environment nosuch'],
    ['approvals list --env constructor', 'There is no environment constructor'],
    ['approvals list --env Staging', 'There is no environment Staging'],
    [['approvals', 'list', '--env', ''], 'There is no environment'],
    ['approvals list --env staging --context other', 'give one'],
    ['approvals list --env prod', 'set CHANCERY_TOKEN'],
    ['token --sub jake --env staging', 'works on this machine only'],
    ['start --env staging', 'works on this machine only'],
    ['charter validate charter --env staging', 'works on this machine only'],
    ['metrics verify --env staging', 'works on this machine only'],
    ['ledger verify . --env staging', 'is not staging'],
    ['ledger tail --url http://127.0.0.1:9 --env staging', 'is not staging'],
    ['context list --env staging', 'works on this machine only'],
  ])('refuses %j before anything is sent', async (line, why) => {
    await add('staging', '--token-command', 'echo of-staging');
    const { code, err } = await chancery(line, { CHANCERY_URL: here.url });
    expect(err).toContain(why);
    expect(code).toBe(2);
    expect([...here.reached, ...there.reached]).toEqual([]);
  });

  it.each([
    ['exit 3', 'failed (exit 3)'],
    ['true', 'printed no token'],
    ['echo a token', 'printed no token'],
  ])('sends nothing when its token command %j gives none', async (command, why) => {
    await add('staging', '--token-command', command);
    const { code, err } = await chancery('approvals --env staging');
    expect(err).toContain(why);
    expect({ code, reached: there.reached }).toEqual({ code: 3, reached: [] });
  });

  it('is kept for its owner alone, whole, and without a token in it', async () => {
    await Promise.all(['a', 'b', 'c'].map((name) => add(name)));
    expect(statSync(config).mode & 0o777).toBe(0o600);
    expect(Object.keys(JSON.parse(readFileSync(config, 'utf8')).contexts).sort()).toEqual(['a', 'b', 'c']);
    expect((await chancery('context list -o name')).out.split('\n').sort()).toEqual([
      '',
      'a',
      'b',
      'c',
      'local',
    ]);
  });

  it('refuses a file that others can write, and one that does not read', async () => {
    await add('staging');
    chmodSync(config, 0o666);
    expect(await chancery('context list')).toMatchObject({
      code: 2,
      err: expect.stringContaining('chmod 600'),
    });
    chmodSync(config, 0o600);
    writeFileSync(config, '{"contexts": {"x": {"url": "ftp://x"}}}');
    expect(await chancery('context list')).toMatchObject({
      code: 2,
      err: expect.stringContaining('contexts.x.url'),
    });
    writeFileSync(config, '{"contexts": ');
    expect(await chancery('context list')).toMatchObject({
      code: 2,
      err: expect.stringContaining(`${config} is not JSON`),
    });
  });

  it.each([
    ['context add local --url https://x.example', 'runtime of this machine'],
    ['context add ../x --url https://x.example', 'a name has letters'],
    ['context add x', '--url: give one'],
    ['context add x --url ftp://x.example', 'https://'],
    ['context add x --url https://user:secret@x.example', 'no user'],
    ['context add x --url https://x.example --region Frankfurt', '--region'],
    ['context add x --url https://x.example --oidc-issuer https://idp.example', '--client-id'],
    ['context use nosuch', 'There is no context nosuch'],
    ['context delete nosuch', 'There is no context nosuch'],
    ['context login local', 'There is no context local'],
  ])('refuses %j', async (line, why) => {
    const { code, err } = await chancery(line);
    expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining(why) });
  });

  it('changes one, and forgets it together with its being current', async () => {
    await add('staging', '--region', 'eu-central-1');
    expect((await add('staging')).code).toBe(2);
    await chancery(['context', 'set', 'staging', '--token-command', 'echo x']);
    expect(JSON.parse((await chancery('context show staging --json')).out)).toEqual({
      name: 'staging',
      current: false,
      url: there.url,
      region: 'eu-central-1',
      token: 'command: echo x',
    });
    await chancery('context use staging');
    expect((await chancery('context delete staging --dry-run')).out).toContain(
      'would forget the context staging',
    );
    expect((await chancery('context delete staging')).code).toBe(0);
    expect((await chancery('context current')).out).toBe('local\n');
  });
});
