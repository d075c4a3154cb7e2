import { describe, expect, it } from 'vitest';
import { mediaQuality, takesGzip } from '../../src/basics/accept.ts';

describe('what a client would rather have', () => {
  it.each([
    [undefined, 1],
    ['', 1],
    ['application/json', 1],
    ['Application/JSON; charset=utf-8', 1],
    ['application/*;q=0.5, */*;q=0.1', 0.5],
    ['*/*;q=0.1', 0.1],
    ['text/html', 0],
    // The closest range decides, not the most generous (RFC 9110 §12.5.1).
    ['application/json;q=0, */*', 0],
    ['application/json;q=nonsense', 0],
  ])('wants JSON by %j with %d', (accept, quality) => {
    expect(mediaQuality(accept, 'application/json')).toBe(quality);
  });

  it.each([
    [undefined, false],
    ['gzip', true],
    ['GZIP;q=0.5, br', true],
    ['*', true],
    ['gzip;q=0', false],
    ['gzip;q=0.000, *', false],
    ['identity, gzip;q=0.5', false],
    ['br', false],
  ])('takes gzip by %j: %j', (header, takes) => {
    expect(takesGzip(header)).toBe(takes);
  });
});
