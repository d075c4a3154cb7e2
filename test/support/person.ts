/** People for tests: of the one issuer that most tests trust, or of another. */
import { DEV_ISSUER } from '../../src/identity/development.ts';
import { knownIssuers } from '../../src/identity/issuers.ts';
import { createPseudonym } from '../../src/ledger/people/pseudonym.ts';
import type { PrincipalId } from '../../src/terms.ts';

export const issuers = knownIssuers([DEV_ISSUER]);

export const person = (sub: string, issuer: string = DEV_ISSUER.issuer): PrincipalId => ({ issuer, sub });

/** Under a key that everybody knows: what the tests' ledgers use. */
export const pseudonym = createPseudonym(new Uint8Array(32).fill(7), DEV_ISSUER.issuer);
