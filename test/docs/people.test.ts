/** The pages that a new user follows from an empty folder, and the examples: one office, each command as it stands. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT } from '../runtime/support.ts';
import { blocksOf } from './page.ts';
import { openReader, type Reader } from './reader.ts';

const STARTS = /(?:chancery|npm) start\b/;

let reader: Reader;
beforeAll(async () => {
  reader = await openReader(['workflows', 'charter', 'examples', 'deploy', 'test/verifier/verify.py']);
  // The office of the example's workflow is the one of every page.
  for (const block of blocksOf('examples/workflow/README.md').slice(0, 1)) await reader.follow(block);
}, 60_000);
afterAll(() => reader.close());

/** What each block printed, but of those that start an office: there is one. A page is one terminal: what it exports stays. */
async function follow(page: string): Promise<string[]> {
  const printed: string[] = [];
  const terminal = `.${page.replaceAll('/', '-')}.terminal`;
  for (const block of blocksOf(page)) {
    if (STARTS.test(block.text)) continue;
    if (block.file !== undefined) await reader.follow(block);
    else if (block.language === 'sh') {
      const text = `if [ -f ${terminal} ]; then . ./${terminal}; fi\n${block.text}export -p > ${terminal}\n`;
      printed.push(await reader.follow({ ...block, text }));
    }
  }
  return printed.filter((text) => text !== '');
}

describe('tutorials', () => {
  it('take a caller from a token to a receipt, by a refusal and an approval', async () => {
    const [valid = '', ran = '', denied = '', misspelt = '', votes, end = '', kept] =
      await follow('docs/tutorial-caller.md');
    expect(JSON.parse(valid)).toMatchObject({ valid: true, decision: { outcome: 'allow' } });
    expect(JSON.parse(ran)).toMatchObject({ outcome: 'success', settlement: { result: 'met' } });
    expect(JSON.parse(denied)).toMatchObject({
      code: 'CHARTER_DENIED',
      reasons: [{ code: 'not_permitted' }],
    });
    expect(JSON.parse(misspelt).error).toContain('parameters');
    expect(votes).toMatch(/pending 1\/2[\s\S]*approved 2\/2 .* run \w+/);
    expect(JSON.parse(end)).toMatchObject({ outcome: 'success' });
    expect(kept).toMatch(/kept|pending/i);
  }, 120_000);

  it('take an auditor from an export to a verdict by two verifiers, a kept receipt and a report compiled again', async () => {
    const printed: string[] = [];
    for (const block of blocksOf('docs/tutorial-auditor.md')) {
      // Others' code has a test of its own, with real parts.
      if (block.text.startsWith('go run')) continue;
      printed.push(await reader.follow(block));
      // What an auditor brings: the keys of last time, and the receipt that the caller of the page before kept.
      if (printed.length === 1)
        await reader.follow({
          language: 'sh',
          text: 'cp export/trust.json trust-from-last-year.json; cp answer.json receipt.json',
        });
    }
    const [exported, , holds, verdict, second, promise, report] = printed;
    expect(exported).toMatch(/records are in/);
    expect(holds).toMatch(/^it holds/);
    expect(verdict).toMatch(/^OK: /m);
    expect(second).toMatch(/OK/);
    expect(promise).toMatch(/^kept: /);
    expect(report).toContain('the same to the byte');
  }, 60_000);

  it('take an operator from a look at health to a restored backup', async () => {
    const [well, seen, why, right, stopped, drained, restored] = await follow('docs/tutorial-operator.md');
    expect(well).toMatch(/is healthy[\s\S]*audit_integrity/);
    expect(seen).toMatch(/subject +decisions +denied/i);
    expect(why).toMatch(/ledger records[\s\S]*decision\.made/);
    expect(right).toMatch(/^(OK|PENDING): [\s\S]*^equal: [\s\S]*^OK: /m);
    expect(stopped).toMatch(/everything is stopped[\s\S]*released/);
    expect(drained).toMatch(/drained: nothing runs\ntaking work again/);
    expect(restored).toMatch(/^(OK|PENDING): /m);
  }, 120_000);
});

describe('pages for every day', () => {
  it('have a checklist whose commands run', async () => {
    const [morning, evening, week, quarter] = await follow('docs/daily-checklist.md');
    expect(morning).toMatch(/no alerts[\s\S]*no approval is pending/);
    expect(evening).toMatch(/no dead letters[\s\S]*drift 0/);
    expect(week).toMatch(/^OK: /m);
    expect(quarter).not.toBe('');
  }, 120_000);

  it('have a page on trouble, whose commands run and whose codes there are', async () => {
    const [health, figures] = await follow('docs/troubleshooting.md');
    expect(health).toMatch(/healthy/);
    expect(figures).toMatch(/drift 0[\s\S]*^(OK|PENDING): /m);
    const page = readFileSync(join(PROJECT, 'docs/troubleshooting.md'), 'utf8');
    const codes = [...page.matchAll(/`([A-Z]+_[A-Z_]+)`/g)]
      .map(([, code = '']) => code)
      .filter((code) => !/^(CHANCERY|DEPLOY)_/.test(code));
    const known = readFileSync(join(PROJECT, 'docs/errors.md'), 'utf8');
    for (const code of codes) expect(known, code).toContain(`## ${code}\n`);
  }, 60_000);

  it('have a page on the live feed, which the office says where to find', async () => {
    const [said = ''] = await follow('docs/live.md');
    expect(JSON.parse(said)).toMatchObject({ live: 'live' });
  });

  it('tell stories that happen as they are told', async () => {
    const [made, agent = '', collected] = await follow('docs/scenarios.md');
    expect(made).toMatch(/workflow\.succeeded[\s\S]*(kept|pending)/i);
    expect(JSON.parse(agent.split('\n')[0] ?? '')).toMatchObject({ outcome: 'deny' });
    expect(collected).toMatch(/BLOCK[\s\S]*BAN/);
  }, 60_000);

  it('say of containers what kustomize would apply', async () => {
    expect(blocksOf('docs/containers.md').filter(({ language }) => language === 'sh')).toHaveLength(1);
  });
});

describe('examples', () => {
  it('of clients end with a record that is what the receipt promised', async () => {
    const [printed] = await follow('examples/client/README.md');
    const [answer = '', entry = ''] = (printed ?? '').split('\n');
    expect(JSON.parse(entry).record_hash).toBe(JSON.parse(answer).receipt.record_hash);
    expect(printed?.match(/is what the receipt promised/g)).toHaveLength(2);
  }, 60_000);

  it('of a workflow run it, and refuse a parameter that its schema does not know', async () => {
    const [printed] = await follow('examples/workflow/README.md');
    expect(printed).toMatch(
      /"to": "payments"[\s\S]*"result": "met"[\s\S]*schema_error[\s\S]*refused before anything ran/,
    );
  }, 60_000);

  it('of a policy: it is valid, and holds what its examples say', async () => {
    const [printed] = await follow('examples/policy/README.md');
    expect(printed).toMatch(/^valid: /);
    expect(printed).toContain('+ policy/release-freeze');
    expect(printed).not.toContain('freeze.yaml');
  }, 60_000);
});
