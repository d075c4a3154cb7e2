import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { notifyTargets } from '../../adapters/aws/notify-secret.ts';
import { CHANNELS } from '../../src/watch/alerts/rules/rule.ts';
import { blocksOf } from './page.ts';
import { openReader, type Reader } from './reader.ts';

describe('the pages on monitoring', () => {
  it('give a secret that the notifier can read', () => {
    const [json] = blocksOf('docs/alerting.md').filter(
      ({ language, text }) => language === 'json' && text.includes('"slack"'),
    );
    const { slack, pagerduty } = notifyTargets(json?.text ?? '');
    expect(Object.keys(slack)).toEqual([...CHANNELS]);
    expect(pagerduty?.routingKey).toHaveLength(32);
  });
});

describe('a reader of the pages', () => {
  let reader: Reader;
  beforeAll(async () => {
    reader = await openReader([]);
    await reader.follow({ language: 'sh', text: 'npm start\n' });
  });
  afterAll(() => reader.close());

  const block = (page: string, holds: string) =>
    blocksOf(page).find((one) => one.language === 'sh' && one.text.includes(holds)) ?? expect.fail(holds);

  it('gets the two tokens that the set-up needs', async () => {
    await reader.follow(block('docs/monitoring.md', 'metrics.token'));
    const printed = await reader.follow({ language: 'sh', text: 'cat monitoring/tokens/*.token\n' });
    expect(printed.trim().split('\n')).toHaveLength(2);
  });

  it('records deployments and reads the four figures', async () => {
    const printed = await reader.follow(block('docs/monitoring.md', 'dora record'));
    expect(printed).toMatch(/dep_[0-9A-Z]{26} recorded as \d+\.\d+/);
    expect(printed).toMatch(/deployments +2 /);
    expect(printed).toMatch(/lead time +5400 s/);
    expect(printed).toMatch(/change failure rate +50 %/);
  });

  it('sees alerts and dead letters, of which there are none yet', async () => {
    expect(await reader.follow(block('docs/alerting.md', 'alerts list'))).toContain('no alerts');
    const printed = await reader.follow(block('docs/alerting.md', 'dead-letters'));
    expect(printed).toContain('no dead letters');
    expect(printed).toContain('0 will be tried again');
  });
});
