/**
 * Everything that reads what callers write, on texts made to be slow: 0.5 MB and 1 MB of each, generated for all
 * readers alike. Linear time means that twice the text takes about twice as long (goal: at most 2.3 times). What is
 * bounded before it is read is given as much as gets through. `node bench/worst-cases.ts [reader…]`.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { evaluation } from '../http/gate/authzen-question.ts';
import { faultOf } from '../http/mcp/envelope.ts';
import { nameInCursor } from '../http/page.ts';
import { callerSpanOf, traceIdOf } from '../http/trace.ts';
import { wording } from '../http/words.ts';
import { screen } from '../src/aim/prescriptive.ts';
import { parseGoverned } from '../src/aim/request.ts';
import { checkAim } from '../src/aim/rules.ts';
import { mediaQuality, takesGzip } from '../src/basics/accept.ts';
import { decimalIn, wholeIn } from '../src/basics/decimal.ts';
import { sha256 } from '../src/basics/digest.ts';
import { duration } from '../src/basics/duration.ts';
import { nearest } from '../src/basics/nearest.ts';
import { skeleton } from '../src/basics/skeleton.ts';
import { parseStrict } from '../src/basics/strict-json.ts';
import { parseTraceparent, w3cTraceId } from '../src/basics/trace.ts';
import { beyondBounds, MAX_BUNDLE } from '../src/charter/bounds.ts';
import { judgeSample } from '../src/charter/collection.ts';
import { actorsOf, unreadable } from '../src/charter/declared.ts';
import { callFacts, toolLikeness } from '../src/charter/gateway.ts';
import { filterParameters } from '../src/charter/secrets.ts';
import { provesExpression, provesRead } from '../src/charter/sql/reads.ts';
import { LONGEST_STATEMENT } from '../src/charter/sql/tokens.ts';
import { openly } from '../src/decision/openly.ts';
import { weakness } from '../src/govern/overrides/justification.ts';
import { parseClaims } from '../src/identity/claims.ts';
import { bearerToken, takeApart } from '../src/identity/header.ts';
import { isSub } from '../src/identity/issuers.ts';
import { fold, handlesOf } from '../src/identity/person.ts';
import type { JsonObject } from '../src/json.ts';
import { openName } from '../src/ledger/people/names.ts';
import { readDefinition } from '../src/tools/definition.ts';
import { forSlack, safeUrl } from '../src/watch/alerts/notify/clean.ts';
import { fromWebhook, severityIn, webhookDoor } from '../src/watch/alerts/notify/parse.ts';
import { parseCursor } from '../src/watch/live/position.ts';
import { createRedactor } from '../src/watch/ops/redact.ts';
import { checkParameters } from '../src/workflow/parameters.ts';
import { parsePath } from '../src/workflow/path.ts';
import { compilePattern, isFound, type Pattern } from '../src/workflow/pattern.ts';
import { JAKE } from '../test/aim/sample.ts';
import { shipped } from '../test/charter/world.ts';
import { BOOK } from '../test/corpus/corpus.ts';
import { registryOf, shippedFiles as shippedWorkflowFiles } from '../test/workflow/files.ts';
import { show, type Table, table } from './table.ts';

const MEGABYTE = 1_000_000;
const MOST = 2.3;
/** Below this many milliseconds a ratio says nothing: processors' time is counted in steps of four. */
const NOISE = 16;
/** How often a text is measured again before its ratio is believed to be too much, and for how many milliseconds. */
const TURNS = 4;
const LONG_ENOUGH = 120;

const gateway: { sql_functions: string[] } = parse(
  readFileSync(new URL('../charter/gateway.yaml', import.meta.url), 'utf8'),
);
const FUNCTIONS = new Set(gateway.sql_functions);
const redact = createRedactor();
const PATTERN = patternOf('(a+)+$|you (should|must)+|[^x]*y');

function patternOf(text: string): Pattern {
  const pattern = compilePattern(text);
  if (pattern === undefined) throw new Error(`${text} is no pattern`);
  return pattern;
}

/** A governed body whose every text is this one. */
const governedWith = (text: string): JsonObject => ({
  workflow_name: 'compliance-report',
  drag_mode: 'grunt',
  aim: {
    actor: { name: text, role: text, email: text },
    input: { sources: [{ type: text, description: text, location: text }], constraints: [text] },
    mission: { objective: text, success_criteria: [text], checks: [] },
  },
  parameters: { [text]: text },
  output_text: text,
});
/** A workflow with a parameter of each form that a schema can ask for. */
const SHIPPED = registryOf(shippedWorkflowFiles()).get('deploy-to-staging');
if (SHIPPED === undefined) throw new Error('deploy-to-staging is not shipped');
const FORMS = {
  ...SHIPPED,
  parameters: {
    type: 'object',
    properties: {
      ...Object.fromEntries(
        ['date-time', 'date', 'email', 'uri', 'uuid'].map((format) => [format, { type: 'string', format }]),
      ),
      version: { type: 'string', pattern: '^v?[0-9]+(\\.[0-9]+)*$' },
    },
  },
};

/** A text in pieces, each once: as many members of an object. */
const members = (text: string): JsonObject =>
  Object.fromEntries((text.match(/[\s\S]{1,9}/g) ?? []).map((name, n) => [name + n, 1]));
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Each reader of callers' text, by what it reads. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  'SQL, a statement': (text) => provesRead(text, FUNCTIONS),
  'SQL, an expression': (text) => provesExpression(text, FUNCTIONS),
  'a parameter of a database tool': (text) => callFacts(shipped, 'postgres-mcp.query', { x: text }),
  'a parameter of another tool': (text) => callFacts(shipped, 'github-mcp.create_issue', { x: text }),
  'a list of parameters': (text) =>
    callFacts(shipped, 'postgres-mcp.query', { x: text.match(/[\s\S]{1,9}/g) ?? [] }),
  'names of parameters': (text) => filterParameters(shipped, members(text)),
  'one name of a parameter': (text) => filterParameters(shipped, { [text]: 1 }),
  'a name, folded': skeleton,
  'the name of a tool': toolLikeness,
  'JSON, as text in a body': (text) => parseStrict(bytes(JSON.stringify({ x: text }))),
  'JSON, as the body': (text) => parseStrict(bytes(text)),
  'prescriptive language': (text) => screen(text, BOOK),
  'names and texts of an AIM': (text) => {
    const parsed = parseGoverned(governedWith(text));
    return parsed.ok ? checkAim(parsed.request, JAKE) : parsed.reasons;
  },
  'the shape of an AIM': (text) => parseGoverned({ ...governedWith('x'), [text]: { [text]: text } }),
  'a name, taken for a person’s': fold,
  'a person, by what they are called': (text) => handlesOf({ sub: text, name: text, email: `a@${text}` }),
  'a person’s sub': isSub,
  'a justification': (text) => weakness(text),
  'what people say in their own words': (text) => wording(10, MEGABYTE).safeParse(text),
  'a metric sample': (text) =>
    judgeSample(
      shipped,
      { metric_name: text, value: text, timestamp: `2026-11-21T07:00${text}`, source: text },
      0,
    ),
  'words of a decision, in its record': (text) =>
    openly(
      shipped,
      {
        action: text,
        resource: { type: text, id: text },
        reasons: [{ code: 'x', path: `/${text}`, message: `${text} is denied`, kind: 'forbidden' }],
      },
      sha256,
    ),
  'an AuthZEN evaluation': (text) =>
    evaluation.safeParse({
      subject: { type: text, id: text },
      action: { name: text },
      resource: { type: text, id: text },
      context: members(text),
    }),
  'members of an AuthZEN evaluation': (text) =>
    unreadable(shipped, {
      action: 'gateway:tool:invoke',
      type: 'tool',
      properties: members(text),
      context: members(text),
      subject: members(text),
    }),
  'a list of roles': (text) =>
    unreadable(shipped, {
      action: 'gateway:tool:invoke',
      type: 'tool',
      properties: {},
      context: {},
      subject: { roles: Object.keys(members(text)) },
    }),
  'parameters of a workflow': (text) =>
    checkParameters(
      FORMS,
      Object.fromEntries(
        ['date-time', 'date', 'email', 'uri', 'uuid', 'version'].map((name) => [name, text]),
      ),
    ),
  'a chain of actors': (text) => actorsOf({ sub: text, act: { sub: text } }),
  'an MCP message': (text) =>
    faultOf({ id: 1, method: text, params: { name: text } }, { method: text, name: `${text} ` }),
  'the definition of a tool': (text) =>
    readDefinition({ name: text, description: text, inputSchema: members(text) }),
  'a notification of Alertmanager': (text) => {
    const alert = {
      status: 'firing',
      labels: { ...members(text), x: text },
      startsAt: '2026-11-21T07:00:00Z',
    };
    const body = webhookDoor.safeParse({ status: 'firing', groupLabels: { x: text }, alerts: [alert] });
    return body.success && fromWebhook(body.data, '2026-11-21T07:00:00Z');
  },
  'a notification that cannot be read': severityIn,
  'a label, on its way to Slack': (text) => forSlack(text, 300),
  'a link of an alert': (text) => safeUrl(`https://example.org/${text}`),
  'a cursor of the live feed': (text) => parseCursor(`0123abcd.1.${text}`, 'log'),
  'a cursor of a list': nameInCursor,
  'headers of a trace': (text) => {
    const headers = { get: () => text };
    return [traceIdOf(headers, () => ''), callerSpanOf(headers, '')];
  },
  'a name, shown in a record': (text) => openName(text, (name) => sha256(name)),
  'a path of a check': parsePath,
  'a pattern of a check': compilePattern,
  'a text that a pattern is looked for in': (text) =>
    isFound(PATTERN, text, { left: Number.POSITIVE_INFINITY }),
  'what is logged': redact,
  'a token': takeApart,
  'an Authorization header': bearerToken,
  'claims of a token': (text) =>
    parseClaims({ iss: text, sub: text, scope: text, name: text, roles: [text] }),
  'an Accept header': (text) => mediaQuality(text, 'application/json'),
  'an Accept-Encoding header': takesGzip,
  'a traceparent': parseTraceparent,
  'a trace id': w3cTraceId,
  'a number in a query': (text) => [wholeIn(text), decimalIn(`1${text}`)],
  'a stretch of time': (text) => duration.safeParse(text),
  'a misspelt member': (text) => nearest(text, ['options', 'parameters', 'drag_mode']),
  'a bundle, before it is read': (text) =>
    beyondBounds(
      new Map([
        ['policies/x.cedar', text],
        ['flags.yaml', text],
      ]),
    ),
};

const PIECES: readonly string[] = [
  '[',
  '(',
  '{',
  '{"a":',
  '[[',
  '/* ',
  '/* */',
  '/*/',
  '*/',
  '-- ',
  '-- \n',
  '--',
  "'",
  "''",
  '"',
  '""',
  '`',
  '\\',
  "\\'",
  '\\\\',
  'a',
  'a ',
  'A',
  '_',
  '.',
  'a.',
  ',',
  ';',
  '; ',
  '1',
  '1e',
  '0x',
  '$',
  '$$',
  '$a$',
  '@',
  '#',
  '\n',
  '\r',
  '\t',
  ' ',
  '\0',
  'select ',
  'select (',
  'f(',
  '1+',
  '[a]',
  "'a' ",
  '"a" ',
  'with a as (',
  'you should ',
  '"you should" ',
  '“you should ',
  "'x ",
  'уоu ѕhоuld ',
  '\u0315\u0316',
  'y\u0301\u0301\u0301',
  '\u200b',
  '𝐲',
  'ﷺ',
  'İ',
  'passwordx',
  'x_token_',
  'aA',
  'a-',
  '-a a',
  'sh0u1d ',
  'r e c o m m e n d a t i o ',
  'you-should ',
  '- ',
  '%20',
  '&amp;',
  '<b>',
];

const fill = (piece: string, length: number): string =>
  piece.repeat(Math.ceil(length / piece.length)).slice(0, length);

/**
 * Milliseconds of this thread's processor for one reading: what else runs on the machine is not in it. The collector's
 * work is, and comes in lumps, so that it takes many readings to see how much of it is whose.
 */
function time(read: (text: string) => unknown, text: string, times: number): number {
  const began = process.threadCpuUsage();
  for (let turn = 0; turn < times; turn++) {
    try {
      read(text);
    } catch {
      // Refusing is an answer, too: how long it takes is the question.
    }
  }
  const { user, system } = process.threadCpuUsage(began);
  return (user + system) / 1000 / times;
}

interface Worst {
  readonly piece: string;
  readonly half: number;
  readonly whole: number;
}

/** Longer texts are refused by their length alone, which would measure nothing. */
const MOST_READ: Readonly<Record<string, number>> = {
  'SQL, a statement': LONGEST_STATEMENT,
  'SQL, an expression': LONGEST_STATEMENT,
  'a bundle, before it is read': MAX_BUNDLE / 2,
  // As the route takes it.
  'a justification': 2_000,
};

function worstOf(
  read: (text: string) => unknown,
  size: number,
): { readonly slowest: Worst; readonly steepest: Worst } {
  const measured = PIECES.map((piece): Worst => {
    const [half, whole] = [fill(piece, size / 2), fill(piece, size)];
    let best: Worst = { piece, half: time(read, half, 1), whole: time(read, whole, 1) };
    // In turns before it is believed, since what else the machine does slows memory down for whole spells.
    for (let turn = 0; turn < TURNS && ratio(best) > MOST; turn++) {
      const times = Math.ceil(LONG_ENOUGH / Math.max(best.half, 1));
      const again = { piece, half: time(read, half, times), whole: time(read, whole, times) };
      if (turn === 0 || ratio(again) < ratio(best)) best = again;
    }
    return best;
  });
  const by = (of: (one: Worst) => number) =>
    measured.reduce((most, one) => (of(one) > of(most) ? one : most));
  return { slowest: by(({ whole }) => whole), steepest: by(ratio) };
}

const ratio = ({ half, whole }: Worst): number => (whole < NOISE ? 0 : whole / Math.max(half, 0.01));

export function benchWorstCases(readers = Object.keys(READERS)): Table {
  const rows = Object.entries(READERS)
    .filter(([name]) => readers.includes(name))
    .map(([name, read]) => {
      const { slowest, steepest } = worstOf(read, MOST_READ[name] ?? MEGABYTE);
      const steep = ratio(steepest);
      console.error(
        `${steep <= MOST ? 'linear' : 'NOT LINEAR'}  ${steep.toFixed(2)}  ${name}  ${JSON.stringify(steepest)}`,
      );
      return [
        name,
        JSON.stringify(slowest.piece),
        slowest.whole.toFixed(1),
        JSON.stringify(steepest.piece),
        steep.toFixed(2),
        steep <= MOST ? 'yes' : 'no',
      ];
    });
  return table(
    `Worst cases: 1 MB of what callers write (goal: twice the text, at most ${MOST} times the time)`,
    ['reads', 'slowest', 'ms', 'steepest', 'ratio', 'linear'],
    rows,
  );
}

if (import.meta.main) {
  const named = process.argv.slice(2);
  console.log(show(named.length === 0 ? benchWorstCases() : benchWorstCases(named)));
}
