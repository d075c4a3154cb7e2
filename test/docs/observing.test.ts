import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksOf } from './page.ts';
import { openReader, type Reader } from './reader.ts';

describe('docs/observing.md', () => {
  let reader: Reader;
  beforeAll(async () => {
    reader = await openReader([]);
    await reader.follow({ language: 'sh', text: 'npm start\n' });
  });
  afterAll(() => reader.close());

  it('can be followed: scraped, verified, asked, traced, checked for health and service levels', async () => {
    const printed: string[] = [];
    for (const block of blocksOf('docs/observing.md').filter(({ language }) => language === 'sh')) {
      printed.push(await reader.follow(block));
    }
    const [scraped, verified, asked, searched, traced, health, levels] = printed;
    expect(scraped).toMatch(/^\d+\n# EOF\n$/);
    expect(verified).toMatch(/^equal: \d+ series over \d+ records, drift 0; ledger (OK|PENDING)\n$/);
    expect(asked).toMatch(
      /^METRIC +COUNT +P50 +P95 +P99\nchancery_http_request_duration_seconds +\d+ +[\d.]+ ms /,
    );
    expect(asked).toContain('"metrics":{');
    expect(searched).toMatch(/ info +http +request /);
    expect(traced).toMatch(/^trace [0-9a-f]{32}\n[1-9]\d* log lines\n/);
    expect(traced).toMatch(
      /\n[1-9]\d* spans\n[\s\S]*\n[1-9]\d* ledger records\n[\s\S]*decision\.made[\s\S]*\n[1-9]\d* metric exemplars\n/,
    );
    expect(health?.match(/^ledger +healthy /gm)).toHaveLength(3);
    expect(levels).toMatch(/audit_integrity[\s\S]*passed: \d+ of \d+ judged objectives are met\n$/);
  }, 120_000);
});
