/** The canary beside the local runtime: over HTTP and with a token, like every caller. */
import type { DevClaims } from '../adapters/local/dev-issuer.ts';
import { CANARY_REQUEST, type CanaryDeps } from '../src/watch/ops/canary.ts';

const CLAIMS: DevClaims = {
  sub: 'chancery-canary',
  name: 'Chancery Canary',
  kind: 'service',
  roles: ['auditor'],
};

export function localCanary(
  url: string,
  mint: (claims: DevClaims) => Promise<string>,
): CanaryDeps['attempt'] {
  return async () => {
    const response = await fetch(`${url}/governance/validate`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await mint(CLAIMS)}`, 'content-type': 'application/json' },
      body: JSON.stringify(CANARY_REQUEST),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await response.text();
    return response.ok ? { ok: true } : { ok: false, detail: `${response.status} ${text.slice(0, 300)}` };
  };
}
