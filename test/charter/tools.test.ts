/** What tools are, what reaches them, and what their statements do: by the shipped charter. */
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callFacts, toolRefusal } from '../../src/charter/gateway.ts';
import { filterParameters } from '../../src/charter/secrets.ts';
import { provesRead } from '../../src/charter/sql/reads.ts';
import { shipped as charter } from './world.ts';

const { tools, sql_functions } = charter.documents['gateway.yaml'];
const FUNCTIONS = new Set(sql_functions);

interface Statement {
  readonly dialect: string;
  readonly sql: string;
}

function statements(file: string): Statement[] {
  const text = readFileSync(new URL(`./sql/${file}`, import.meta.url), 'utf8');
  const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', '\\': '\\', u0000: '\0' };
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [dialect = '', sql = ''] = line.split('\t');
      return { dialect, sql: sql.replace(/\\(n|r|\\|u0000)/g, (_, letter: string) => escapes[letter] ?? '') };
    });
}
const ACTS = statements('acts.txt');
const READS = statements('reads.txt');

const acts = (parameters: Parameters<typeof callFacts>[2], tool = 'postgres-mcp.query') =>
  callFacts(charter, tool, parameters).destructive_sql;

describe('a statement', () => {
  it('is tried in five dialects, with more than are needed', () => {
    expect(new Set(ACTS.map(({ dialect }) => dialect))).toEqual(
      new Set(['postgresql', 'mysql', 'sqlite', 'sqlserver', 'snowflake', 'any']),
    );
    expect(ACTS.length).toBeGreaterThanOrEqual(150);
    expect(READS.length).toBeGreaterThanOrEqual(100);
  });

  it.each(ACTS)('of $dialect that may act is never proved to read: $sql', ({ sql }) => {
    expect(provesRead(sql, FUNCTIONS)).toBe(false);
    // Nor in another case, behind a comment, or with blanks around.
    for (const form of [
      sql.toUpperCase(),
      sql.toLowerCase(),
      `/* x */ ${sql}`,
      `\n ${sql} `,
      `${sql}\n-- x`,
    ]) {
      expect(provesRead(form, FUNCTIONS), form).toBe(false);
    }
  });

  it('of an analyst is proved to read, nine times in ten', () => {
    const refused = READS.filter(({ sql }) => !provesRead(sql, FUNCTIONS)).map(({ sql }) => sql);
    expect(refused.length / READS.length, refused.join('\n')).toBeLessThanOrEqual(0.1);
  });

  it('is no read any more when something that acts is put anywhere into it', () => {
    const parts = [
      '; DROP TABLE users; ',
      ' INTO copy ',
      ' FOR UPDATE ',
      ' DROP TABLE users ',
      ' EXEC xp_cmdshell ',
      ', pg_sleep(10) ',
      ' "pg_sleep"(10) ',
      ' /*! INTO OUTFILE 1 */ ',
      " $$ ' $$ ",
      " \\' ",
      ' # ',
      ' //',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...READS.filter(({ sql }) => !/['"`[]|--|\/\*/.test(sql))),
        fc.constantFrom(...parts),
        fc.nat(),
        ({ sql }, part, place) => {
          const blanks = [...sql.matchAll(/ |$/g)].map(({ index }) => index);
          const at = blanks[place % blanks.length] ?? 0;
          expect(provesRead(sql.slice(0, at) + part + sql.slice(at), FUNCTIONS)).toBe(false);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('parameters of a database tool', () => {
  it.each([
    ['under any name', { text: 'REPLACE INTO users VALUES (1)' }],
    ['beside a harmless statement', { sql: 'select 1', x: "SELECT dblink_exec('x', 'y')" }],
    ['at any depth', { a: [{ b: { c: ['SET ROLE postgres'] } }] }],
    ['split over a list', { parts: ['DR', 'OP TABLE users'] }],
    ['split over a list of words', { parts: ['drop', 'table', 'users'] }],
    ['behind a literal', { name: "x'; DROP TABLE users; --" }],
    ['as a name', { 'DROP TABLE users': 1 }],
    ['encoded', { sql: 'DROP%20TABLE%20users' }],
    ['encoded in another parameter', { x: 'DROP%20TABLE%20users' }],
    ['as text in base 64', { sql: 'RFJPUCBUQUJMRSB1c2Vycw==' }],
    ['as codes', { sql: [68, 82, 79, 80] }],
    ['in full width', { x: 'ＤＲＯＰ TABLE users' }],
    ['as a call of a procedure', { x: 'xp_cmdshell id' }],
    ['in a condition', { where: "a = pg_read_file('/etc/passwd')" }],
  ])('are found to act %s', (_, parameters) => {
    expect(acts(parameters)).toBe(true);
  });

  it.each([
    ['a statement', { sql: 'select 1' }],
    ['several', { queries: ['select 1', 'select 2'] }],
    ['what goes with it', { query: 'select $1', database: 'analytics', limit: 10, timeout: '30s', on: true }],
    ['bound values', { query: 'select $1', params: ['alice', 'bob smith', 5, null] }],
    [
      'names and times',
      { sql: 'select 1', tables: ['public.users', 'orders'], at: '2026-01-31T10:00:00+01:00' },
    ],
    ['a condition', { table: 'orders', where: "status = 'paid' and total > 100" }],
    ['nothing', { sql: ' ' }],
  ])('are found to read: %s', (_, parameters) => {
    expect(acts(parameters)).toBe(false);
  });
});

describe('parameters of another tool', () => {
  const issue = (parameters: Parameters<typeof callFacts>[2]) => acts(parameters, 'github-mcp.create_issue');

  it.each([
    [{ title: 'Update the README', body: 'Please drop the old section, and create a table of contents.' }],
    [{ query: 'Select the best option from the list' }],
    [{ body: 'With regards to our call' }],
    [{ body: 'Show me how to delete users' }],
  ])('are sentences: %j', (parameters) => {
    expect(issue(parameters)).toBe(false);
  });

  it.each([
    [{ body: 'drop table users' }],
    [{ rawSql: 'anything' }],
    [{ x: ["insert into users values ('x')"] }],
    [{ x: "update users set admin = 'yes'" }],
    [{ x: "select load_file('/etc/passwd')" }],
  ])('are statements all the same: %j', (parameters) => {
    expect(issue(parameters)).toBe(true);
  });
});

describe('the name of a tool', () => {
  const code = (id: string) => toolRefusal(charter, id)?.code;

  it('is exact', () => {
    for (const { id } of tools) expect(code(id)).toBeUndefined();
  });

  it.each([
    'Postgres-MCP.execute',
    'postgres-mcp.execute ',
    '\u200bpostgres-mcp.execute',
    'postgres-mcp/execute',
    'postgres_mcp.execute',
    'postgres mcp execute',
    'postgresmcpexecute',
    'pоstgres-mcp.execute',
    'ｐostgres-mcp.execute',
    'postgres-rncp.execute',
    'postgrés-mcp.execute',
    'po\u017ftgres-mcp.execute',
  ])('is not %s', (id) => {
    expect(code(id)).toBe('lookalike_tool');
  });

  it.each(['shell.run_anything', 'postgres-mcp', '', 'postgres-mcp.executes', 'constructor'])(
    'is none that is not listed: %s',
    (id) => {
      expect(code(id)).toBe('unlisted_tool');
    },
  );
});

describe('what must not reach a tool', () => {
  const left = (parameters: Parameters<typeof filterParameters>[1]) =>
    filterParameters(charter, parameters).parameters;

  it.each([
    'password',
    'db_password',
    'dbPassword',
    'DB-PASSWORD',
    'password2',
    'userpassword',
    'token',
    'access_token',
    'githubToken',
    'client_secret',
    'apiKey',
    'x-api-key',
    'api_key_id',
    'Authorization',
    'pаssword',
  ])('is a parameter called %s', (name) => {
    expect(left({ [name]: 'x', deep: [{ [name]: { a: 1 }, kept: 1 }] })).toEqual({ deep: [{ kept: 1 }] });
  });

  it.each(['max_tokens', 'tokenizer', 'secretary', 'page_token', 'passenger', 'key', 'query', '__proto__x'])(
    'is not one called %s',
    (name) => {
      expect(left({ [name]: 'x' })).toEqual({ [name]: 'x' });
    },
  );

  it('is the value beside such a name', () => {
    expect(
      left({
        env: [
          { name: 'DB_PASSWORD', value: 'x' },
          { name: 'HOST', value: 'y' },
        ],
      }),
    ).toEqual({
      env: [{ name: 'DB_PASSWORD' }, { name: 'HOST', value: 'y' }],
    });
  });
});
