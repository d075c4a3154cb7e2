/**
 * The issuer of the one-machine runtime. Its key lies in a data folder, so whoever can read that folder can
 * be anybody: a deployed stack never trusts it.
 */
import type { IssuerSettings } from './settings.ts';

export const DEV_ISSUER: IssuerSettings = {
  issuer: 'urn:chancery:development',
  name: 'development',
  audience: ['urn:chancery:local'],
  // Never fetched over a network: the runtime hands the keys over in the process.
  jwksUri: 'urn:chancery:development:keys',
};

/** Why these issuers may not be trusted by a deployed stack, or undefined. */
export function unfitForDeployment(issuers: readonly IssuerSettings[]): string | undefined {
  if (issuers.some(({ issuer }) => issuer === DEV_ISSUER.issuer)) {
    return 'the development issuer cannot be trusted by a deployed stack';
  }
  const plain = issuers.find(({ jwksUri }) => !jwksUri.startsWith('https://'));
  return plain === undefined ? undefined : `the keys of ${plain.issuer} must come over https`;
}
