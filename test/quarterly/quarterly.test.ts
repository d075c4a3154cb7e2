/** The quarterly report on the running system: its figures, its advice, its pages, and that it can be compiled again. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { noFigures, recommendationsFor } from '../../src/govern/quarterly/report.ts';
import { fromBase64 } from '../../src/ledger/bytes.ts';
import { verifyConsistency } from '../../src/ledger/tree/merkle.ts';
import { run } from '../cli/run.ts';
import { OPERATOR, startTestRuntime, type TestRuntime } from '../runtime/support.ts';

const MEMBER = {
  sub: 'mia',
  name: 'Mia Member',
  email: 'mia@example.org',
  roles: ['committee_member'],
} as const;

describe('the quarterly report', () => {
  let it_: TestRuntime;
  beforeAll(async () => {
    it_ = await startTestRuntime();
  });
  afterAll(() => it_.stop());

  const report = async (query = '') => {
    const token = await it_.token({ sub: 'audra', name: 'Audra Auditor', roles: ['auditor'] });
    return it_.call('GET', `/reports/quarterly${query}`, { token });
  };

  it('counts by type, advises, and is the same when it is compiled again between the same checkpoints', async () => {
    const token = await it_.token(OPERATOR);
    for (let many = 0; many < 11; many += 1)
      await it_.call('POST', '/violations', {
        token,
        body: {
          violation_type: 'data_extraction',
          node_or_service: `node-${many}`,
          description: 'It copied it.',
        },
      });
    for (let many = 0; many < 4; many += 1)
      await it_.call('POST', '/overrides', {
        token: await it_.token(MEMBER),
        body: {
          reason: 'risk_accepted',
          justification: 'The archive moves to the new storage vendor',
          workflow_name: 'data-export',
        },
      });
    const { body } = await vi.waitFor(
      async () => {
        const answer = await report();
        expect(answer.body.overrides?.started).toBe(4);
        return answer;
      },
      { timeout: 15_000, interval: 500 },
    );
    expect(body.violations).toMatchObject({ total: 11, by_type: { data_extraction: 11 } });
    expect(body.recommendations.map(({ code }: { code: string }) => code)).toEqual([
      'bi_monthly_audits',
      'override_review',
    ]);
    const { from, to, consistency } = body.proof;
    const again = await report(
      `?quarter=${body.period.quarter}&from_size=${from.tree_size}&to_size=${to.tree_size}`,
    );
    expect({ ...again.body, proof: { ...again.body.proof, checkpoint: '' } }).toEqual({
      ...body,
      proof: { ...body.proof, checkpoint: '' },
    });
    const proof = consistency.map(fromBase64);
    const [old, now] = [fromBase64(from.root), fromBase64(to.root)];
    expect(verifyConsistency(from.tree_size, old, to.tree_size, now, proof)).toBe(true);
    // The period is not over: it reaches to the end of the log, whose root the signed note has.
    const [, size, root] = body.proof.checkpoint.split('\n');
    expect({ size: Number(size), root }).toEqual({ size: to.tree_size, root: to.root });
  });

  it.each([
    [10, 3, []],
    [11, 3, ['bi_monthly_audits']],
    [10, 4, ['override_review']],
  ])('of %i violations and %i overrides recommends %j', (total, started, codes) => {
    const figures = noFigures();
    figures.violations.total = total;
    figures.overrides.started = started;
    expect(recommendationsFor(figures).map(({ code }) => code)).toEqual(codes);
  });

  it('is a page for people too', async () => {
    const markdown = await report('?format=markdown');
    expect(markdown.headers.get('content-type')).toContain('text/markdown');
    expect(markdown.text).toContain('| data extraction | 11 |');
    const html = await report('?format=html');
    expect(html.text).toContain('<th scope="row">data extraction</th><td>11</td>');
  });

  it('is the same to the byte when an auditor compiles it out of an export, in every format, and another is told apart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chancery-auditor-'));
    const offline = (...words: string[]) =>
      run(['report', 'quarterly', ...words], { CHANCERY_DATA: join(folder, 'none') });
    try {
      const served = await Promise.all(
        (['json', 'markdown', 'html'] as const).map(async (format) => {
          const file = join(folder, `report.${format}`);
          await writeFile(file, (await report(`?format=${format}`)).text);
          return { format, file };
        }),
      );
      const exported = join(folder, 'export');
      expect(await run(['ledger', 'export', exported], { CHANCERY_DATA: it_.folder })).toMatchObject({
        code: 0,
      });
      for (const { format, file } of served) {
        const same = await offline('--folder', exported, '--check', file, '--json');
        expect(same, format).toMatchObject({ code: 0, err: '' });
        expect(JSON.parse(same.out)).toMatchObject({ same: true, format });
        const text = await readFile(file, 'utf8');
        await writeFile(file, text.replace(/\b11\b/, '10'));
        const other = await offline('--folder', exported, '--check', file);
        expect(other, format).toMatchObject({ code: 1, err: expect.stringContaining('and the log gives') });
      }
      const own = JSON.parse((await offline('--folder', exported, '--json')).out);
      expect(own.violations).toMatchObject({ total: 11, by_type: { data_extraction: 11 } });
      expect(await offline('--folder', exported, '--from', '2026-12-01T00:00:00Z')).toMatchObject({
        code: 2,
      });
      // Somebody changed a record and left the tiles: the figures of such a log are nobody's.
      const bundle = (
        await readdir(join(exported, 'tile', 'entries'), { recursive: true, withFileTypes: true })
      ).find((each) => each.isFile());
      const at = join(bundle?.parentPath ?? '', bundle?.name ?? '');
      const bytes = await readFile(at);
      await writeFile(
        at,
        Buffer.from(bytes.toString('latin1').replaceAll('data_extraction', 'data_extractioN'), 'latin1'),
      );
      expect(await offline('--folder', exported)).toMatchObject({
        code: 1,
        err: expect.stringContaining('not those of the signed tree'),
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it.each([
    '?quarter=2026-Q5',
    '?from=2026-10-01T00:00:00Z',
    '?from=2026-12-01T00:00:00Z&to=2026-10-01T00:00:00Z',
    '?from_size=9&to_size=3',
    '?quarter=2026-Q1&quarter=2026-Q4',
  ])(
    'refuses what is no quarter, half a time, one that runs backwards, and two of a kind: %s',
    async (query) => {
      expect(await report(query)).toMatchObject({ status: 400, body: { code: 'VALIDATION_ERROR' } });
    },
  );
});
