/** The console in Chromium, before a running system: one browser, one runtime, a page for each person. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DevClaims } from '../../adapters/local/dev-issuer.ts';
import { openTraffic } from '../../scripts/traffic.ts';
import { governed, startTestRuntime, type TestRuntime } from '../runtime/support.ts';
import { debianTool } from './debian.ts';
import { type Provider, startProvider } from './provider.ts';

const ADA: Partial<DevClaims> = {
  sub: 'ada',
  name: 'Ada Byron',
  email: 'ada@example.org',
  roles: ['admin', 'auditor', 'committee_member'],
};

let provider: Provider;
let system: TestRuntime;
let browser: Browser;
beforeAll(async () => {
  provider = await startProvider({ sub: 'olga', name: 'Olga', kind: 'human', roles: ['auditor'] });
  system = await startTestRuntime({ issuers: [provider.settings] });
  const { runtime } = system;
  const traffic = await openTraffic({
    url: runtime.url,
    mint: (claims) => runtime.mint(claims),
    random: () => 0.5,
  });
  await traffic.everything();
  browser = await chromium.launch({
    executablePath: await debianTool('chromium', 'chromium'),
    args: ['--no-sandbox'],
  });
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await system?.stop();
  provider?.stop();
});

interface Visit {
  readonly page: Page;
  /** What the page complained of, and which other places it asked. */
  readonly trouble: string[];
}

async function visit(
  hash = '',
  claims: Partial<DevClaims> = ADA,
  options: Parameters<Browser['newContext']>[0] = {},
  before: (page: Page) => unknown = () => undefined,
): Promise<Visit> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const trouble: string[] = [];
  page.on('pageerror', (error) => trouble.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('status of 4')) trouble.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(system.runtime.url)) trouble.push(request.url());
  });
  await before(page);
  await page.goto(`${system.runtime.url}/console${hash}`);
  await page.getByLabel('Access token').fill(await system.token(claims));
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('navigation').waitFor();
  return { page, trouble };
}

describe('what is served', () => {
  it('is a page without inline script or style, that nobody may frame, and files that never change', async () => {
    const { headers, text, status } = await system.call('GET', '/console');
    expect(status).toBe(200);
    expect(text).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/);
    const policy = headers.get('content-security-policy') ?? '';
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      `connect-src 'self' ${provider.settings.issuer}`,
      "frame-ancestors 'none'",
    ])
      expect(policy.split('; ')).toContain(rule);
    expect(policy).not.toContain('unsafe');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-cache');
    const loaded = [...text.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, path]) => path ?? '');
    expect(loaded.length).toBe(3);
    let bytes = gzipSync(text).length;
    for (const path of loaded) {
      const file = await system.call('GET', `/${path}`);
      expect(file.status, path).toBe(200);
      expect(file.headers.get('cache-control')).toContain('immutable');
      bytes += gzipSync(file.text).length;
    }
    // The first load, as a server that compresses sends it.
    expect(bytes).toBeLessThanOrEqual(150_000);
    expect((await system.call('GET', '/console/..%2Fpackage.json')).status).toBe(404);
    expect((await system.call('GET', '/console/app.js')).status).toBe(404);
  });
});

describe('the ledger', () => {
  it('verifies a record in the browser', async () => {
    const { page, trouble } = await visit('#/ledger/1.3');
    await page.getByText('Genuine: signed').waitFor();
    expect(await page.locator('.steps li.ok').count()).toBe(6);
    // Once more: the head that was verified is remembered, and the tree may only have grown.
    await page.getByRole('button', { name: 'Verify again' }).click();
    await page.locator('.steps li', { hasText: 'History' }).waitFor();
    expect(await page.locator('.steps li.ok').count()).toBe(7);
    expect(trouble).toEqual([]);
  });

  const LIES: readonly (readonly [string, string, (body: string) => string])[] = [
    [
      'another outcome than was signed',
      '**/ledger/entries/1.3',
      (body) => body.replace(/"time":"\d{4}/, '"time":"2001'),
    ],
    ['bytes that nobody signed', '**/ledger/entries/1.3/proof', flipped],
    ['another hash', '**/ledger/entries/1.3', (body) => body.replace(/("record_hash":")../, '$1zz')],
    [
      'a checkpoint of another size',
      '**/ledger/entries/1.3/proof',
      (body) => body.replace(/\n(\d+)\n([A-Za-z0-9+/]{43}=\n\n)/, '\n9$1\n$2'),
    ],
  ];
  it.each(LIES)('shows red when the server shows %s', async (_, route, lie) => {
    const { page } = await visit();
    await page.route(route, async (asked) => {
      const response = await asked.fetch();
      const body = await response.text();
      const lied = lie(body);
      expect(lied).not.toBe(body);
      await asked.fulfill({ response, body: lied });
    });
    await page.goto(`${system.runtime.url}/console#/ledger/1.3`);
    await page.getByText('Not genuine').waitFor();
    expect(await page.locator('.verdict.bad .steps li.bad').count()).toBeGreaterThan(0);
  });
});

describe('receipts', () => {
  const OLGA: Partial<DevClaims> = { sub: 'olga', name: 'Olga Operator', roles: ['operator'] };
  const given = async (text: string, before: (page: Page) => unknown = () => undefined, claims = OLGA) => {
    const { page, trouble } = await visit('#/receipts', claims, {}, before);
    await page.getByLabel('A receipt, or an answer').fill(text);
    await page.getByRole('button', { name: 'Verify', exact: true }).click();
    return { page, trouble };
  };
  let answer: string;
  let id: string;
  beforeAll(async () => {
    const { body } = await system.execute(
      governed({ aim: { ...governed().aim, actor: { name: 'Olga Operator' } } }),
      OLGA,
    );
    ({ id } = body.receipt);
    answer = JSON.stringify(body);
    await system.call('POST', '/ledger/verify', { token: await system.token(ADA) });
  });

  it('are held to the record that stands sealed, by whoever was given them', async () => {
    const { page, trouble } = await given(answer);
    await page.getByText('Kept: what was promised').waitFor();
    expect(await page.locator('.steps li.ok strong').allInnerTexts()).toEqual([
      '✓ Checkpoint',
      '✓ Inclusion',
      '✓ Certificate',
      '✓ Signature',
      '✓ Receipt',
    ]);
    await page.getByText('"type": "decision.made"').waitFor();
    await page.locator('.badge', { hasText: 'kept' }).waitFor();
    expect(trouble).toEqual([]);
  });

  it('show red where they promise another record, and where the server shows one', async () => {
    const forged = JSON.stringify({ ...JSON.parse(answer).receipt, record_hash: '0'.repeat(64) });
    const { page } = await given(forged);
    await page.getByText('Not shown to be kept').waitFor();
    expect(await page.locator('.steps li.bad strong').allInnerTexts()).toEqual(['✗ Receipt']);
    const lied = await given(answer, (opened) =>
      opened.route(`**/ledger/entries/${id}/proof`, async (asked) => {
        const response = await asked.fetch();
        await asked.fulfill({ response, body: flipped(await response.text()) });
      }),
    );
    await lied.page.getByText('Not shown to be kept').waitFor();
    expect(await lied.page.locator('.steps li.bad strong').allInnerTexts()).toContain('✗ Inclusion');
  });

  it('are asked for again where there is none, and are for those whom they are about', async () => {
    const { page } = await given('{"receipt": 1}');
    await page.getByRole('alert').filter({ hasText: 'no receipt in it' }).waitFor();
    const other = await given(answer, undefined, { sub: 'ann', name: 'Ann', roles: ['operator'] });
    await other.page.getByRole('alert').filter({ hasText: 'ledger:read' }).first().waitFor();
  });
});

describe('signing in', () => {
  const through = async (lie?: Parameters<Provider['lie']>[0]): Promise<Page> => {
    provider.lie(lie);
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${system.runtime.url}/console`);
    await page.getByRole('button', { name: 'Sign in with corp' }).click();
    return page;
  };

  it('by a code of the identity provider, which then stands in no address', async () => {
    const page = await through();
    await page.getByText('Olga').waitFor();
    expect(page.url()).toBe(`${system.runtime.url}/console`);
    await page.getByRole('table', { name: 'Decisions, newest first' }).waitFor();
  });

  it.each([
    ['nonce', 'not of this sign-in'],
    ['aud', 'for another client'],
    ['state', 'no sign-in that began in this tab'],
  ] as const)('not where the %s is another', async (lie, said) => {
    const page = await through(lie);
    await page.getByRole('alert').filter({ hasText: said }).waitFor();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  });

  it('not with what is no token, and ends where the token is not taken any more', async () => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${system.runtime.url}/console`);
    await page.getByLabel('Access token').fill('no token');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('alert').filter({ hasText: 'no token' }).waitFor();
    const [head = '', payload = ''] = (await system.token(ADA)).split('.');
    await page.getByLabel('Access token').fill(`${head}.${payload}.c2ln`);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'not taken' }).waitFor();
  });
});

describe('people', () => {
  it('learn which scope they lack', async () => {
    const { page } = await visit('#/approvals', { sub: 'ann', name: 'Ann', roles: ['user_basic'] });
    await page.getByRole('alert').filter({ hasText: 'approvals:read' }).waitFor();
  });

  it('see why a request was refused: reasons, the text of the policy, and what would have been allowed', async () => {
    const { body } = await system.execute(
      governed({
        workflow_name: 'data-export',
        drag_mode: 'execute',
        parameters: { subject: 'someone', issuer: 'development' },
        aim: { ...governed().aim, actor: { name: 'Planner Seven' } },
      }),
      { sub: 'planner-7', name: 'Planner Seven', kind: 'agent', roles: ['agent'] },
    );
    expect(body.code).toBe('CHARTER_DENIED');
    const { page } = await visit(`#/decisions`);
    await page
      .locator('tbody tr', { hasText: 'deny' })
      .filter({ hasText: 'data-export' })
      .first()
      .getByRole('link')
      .click();
    await page.getByText('agent-never-executes-high-risk-alone').first().waitFor();
    await page.getByText('context.risk >= 3').waitFor();
  });

  it('see new decisions come in by themselves, at once', async () => {
    const asked: string[] = [];
    const greeted = Promise.withResolvers<string>();
    const { page, trouble } = await visit('', ADA, {}, (opened) => {
      opened.on('request', (request) => void asked.push(request.url()));
      opened.on('websocket', (feed) => feed.on('framereceived', () => greeted.resolve(feed.url())));
    });
    const rows = page.locator('tbody tr');
    await rows.first().waitFor();
    expect(await greeted.promise).toMatch(/\/live\?type=decision\.\*$/);
    const before = await rows.count();
    await page.waitForLoadState('networkidle');
    asked.length = 0;
    await system.execute(governed());
    await page.getByRole('status').filter({ hasText: '1 new' }).waitFor();
    expect(await rows.count()).toBe(before + 1);
    expect(asked.filter((url) => url.includes('/ledger/entries'))).toEqual([]);
    expect(trouble).toEqual([]);
  });

  it('see new decisions come in by themselves where there is no feed', async () => {
    const { page } = await visit('', ADA, {}, (opened) =>
      opened.routeWebSocket(/\/live/, (feed) => feed.close()),
    );
    const rows = page.locator('tbody tr');
    await rows.first().waitFor();
    const before = await rows.count();
    await system.execute(governed());
    await page.getByRole('status').filter({ hasText: '1 new' }).waitFor();
    expect(await rows.count()).toBe(before + 1);
  });

  it('approve by keyboard alone; the second of them starts the run', async () => {
    const asked = await system.execute(
      governed({
        workflow_name: 'deploy-to-production',
        drag_mode: 'execute',
        parameters: { version: '9.9.9', environment: 'production' },
      }),
    );
    const { approval_id } = asked.body.approval;
    for (const [index, sub] of ['carla', 'cora'].entries()) {
      const { page } = await visit(`#/approvals/${approval_id}`, {
        sub,
        name: `${sub} of the committee`,
        roles: ['committee_member'],
      });
      const approve = page.getByRole('button', { name: 'Approve' });
      await approve.focus();
      await page.keyboard.press('Enter');
      await page.getByLabel('Comment (optional)').focus();
      await page.keyboard.type('as agreed');
      await page.keyboard.press('Enter');
      await page.getByText(`${index + 1} of 2 needed`).waitFor();
    }
    const { body } = await system.call('GET', `/approvals/${approval_id}`, {
      token: await system.token(ADA),
    });
    expect(body).toMatchObject({ status: 'approved', approvals: 2 });
    expect(body.votes[0].comment).toBe('as agreed');
  });

  it('see names with hidden characters by their numbers, and no markup of theirs becomes any', async () => {
    const name = 'Jake\u202e <img src=x onerror=alert(1)>';
    const asked = await system.execute(
      governed({
        workflow_name: 'deploy-to-production',
        drag_mode: 'execute',
        parameters: { version: '9.9.8', environment: 'production' },
        aim: { ...governed().aim, actor: { name } },
      }),
      { sub: 'jack', name },
    );
    const { page } = await visit(`#/approvals/${asked.body.approval.approval_id}`);
    await page.getByText('Jake⟨U+202E⟩ <img').first().waitFor();
    expect(await page.locator('img').count()).toBe(0);
  });

  it('take a case through: appeal and finding', async () => {
    const { page } = await visit('#/cases');
    await page.getByRole('link', { name: 'silent collection' }).first().click();
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await page.getByLabel('Reason').fill('The probe was a test of ours');
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await page.locator('.detail').getByText('violation.dismissed').waitFor();
    await page.getByRole('button', { name: 'Appeal' }).waitFor();
  });

  it('begin at the view they went to', async () => {
    const { page } = await visit();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('Skip to the view');
    await page.getByRole('link', { name: 'Service levels' }).focus();
    await page.keyboard.press('Enter');
    // It is drawn before the keyboard is led there.
    await page.locator('h1:focus', { hasText: 'Service levels' }).waitFor();
  });
});

/** One byte of the entry within a proof is another. */
function flipped(proof: string): string {
  const [, encoded = ''] = /extra (\S+)/.exec(proof) ?? [];
  const entry = Buffer.from(encoded, 'base64');
  const at = entry.indexOf('"trace":"') + 9;
  entry[at] = entry[at] === 48 ? 49 : 48;
  return proof.replace(encoded, entry.toString('base64'));
}

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds against WCAG 2.2 A and AA, as `rule: element`. */
async function faults(page: Page): Promise<string[]> {
  // Through the debugger, so that the page's own policy stays as it is.
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: axe });
  const { result } = await session.send('Runtime.evaluate', {
    expression: `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then(({ violations }) =>
      JSON.stringify(violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 200)))))`,
    awaitPromise: true,
  });
  return JSON.parse(String(result.value));
}

describe.each([
  ['wide and light', { viewport: { width: 1280, height: 860 }, colorScheme: 'light' }],
  ['narrow and dark', { viewport: { width: 360, height: 740 }, colorScheme: 'dark' }],
] as const)('%s', (_, options) => {
  it('every view is without a fault of axe-core, and none is wider than the window', async () => {
    const { page, trouble } = await visit('', ADA, options);
    const views = await page
      .getByRole('navigation')
      .getByRole('link')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
    expect(views.length).toBeGreaterThan(1);
    for (const view of views) {
      await page.evaluate((hash) => {
        location.hash = hash;
      }, view);
      await page.getByText('Loading…').first().waitFor({ state: 'detached' });
      expect(await faults(page), view).toEqual([]);
      const first = page.locator('tbody a').first();
      if ((await first.count()) > 0) {
        await first.click();
        await page.locator('.detail h2').first().waitFor();
        await page.getByText('Loading…').first().waitFor({ state: 'detached' });
        expect(await faults(page), `${view}, with one chosen`).toEqual([]);
      }
      expect(await page.evaluate(() => document.documentElement.scrollWidth), view).toBeLessThanOrEqual(
        options.viewport.width,
      );
    }
    expect(trouble).toEqual([]);
  });
});
