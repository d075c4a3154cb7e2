/** The console in Chromium, before a running system: one browser, one runtime, a page for each person. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DevClaims } from '../../adapters/local/dev-issuer.ts';
import { openTraffic } from '../../scripts/traffic.ts';
import { startTestRuntime, type TestRuntime } from '../runtime/support.ts';
import { debianTool } from './debian.ts';

const ADA: Partial<DevClaims> = {
  sub: 'ada',
  name: 'Ada Byron',
  email: 'ada@example.org',
  roles: ['admin', 'auditor', 'committee_member'],
};

let system: TestRuntime;
let browser: Browser;
beforeAll(async () => {
  system = await startTestRuntime();
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
  await page.goto(`${system.runtime.url}/console${hash}`);
  await page.getByLabel('Access token').fill(await system.token(claims));
  await page.getByRole('button', { name: 'Sign in' }).click();
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
      "connect-src 'self'",
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
