/**
 * Scopes: `domain[:object]:verb`, and which one covers which.
 */

/** `{a,b}` stands for each of its words. Families of governed applications come from the charter. */
const FAMILIES = [
  'workflows:{read,execute}',
  'decisions:evaluate',
  'ledger:{read,export}',
  'charter:{read,write,activate}',
  'approvals:{read,decide}',
  'violations:{report,read,decide}',
  'sanctions:{read,write}',
  'revocations:write',
  'metrics:read',
  'slo:read',
  'system:{status,maintenance}',
  'emergency:{stop,release}',
  'admin:{read,write}',
  'admin:{users,system,security}:{read,write}',
  'admin:{audit,metrics}:read',
  'user:{profile,settings,privacy}:{read,write}',
] as const;

/** Across domains: who may read the audit may read the ledger that it is; who may run may ask beforehand. */
const ALSO_COVERS: ReadonlyMap<string, string> = new Map([
  ['admin:audit:read', 'ledger:read'],
  ['admin:metrics:read', 'metrics:read'],
  ['workflows:execute', 'decisions:evaluate'],
]);

/** The scopes that a family such as `admin:{users,system}:{read,write}` stands for. */
export function expandFamily(family: string): string[] {
  const match = /^([^{]*)\{([^{}]*)\}(.*)$/.exec(family);
  if (match === null) return [family];
  const [, before = '', words = '', after = ''] = match;
  return words.split(',').flatMap((word) => expandFamily(`${before}${word}${after}`));
}

/** Every scope that Chancery's own routes and roles can name. */
export const CORE_SCOPES: ReadonlySet<string> = new Set(FAMILIES.flatMap(expandFamily));

/** True for `domain:verb` and `domain:object:verb` in lower case. */
export function isScope(text: string): boolean {
  return /^[a-z][a-z0-9_]{0,39}(?::[a-z][a-z0-9_]{0,39}){1,2}$/.test(text);
}

/**
 * True if one of the granted scopes is the needed one, or stands above it: `domain:verb` covers every
 * `domain:object:verb`; no verb covers another, so read never grows into write.
 */
export function covers(granted: readonly string[], needed: string): boolean {
  // Mostly it is held by name, which is found in a tenth of the time.
  return granted.includes(needed) ? isScope(needed) : granted.some((scope) => coversOne(scope, needed));
}

function coversOne(granted: string, needed: string): boolean {
  if (isAbove(granted, needed)) return true;
  for (const [scope, other] of ALSO_COVERS) {
    if (other === needed && (granted === scope || isAbove(granted, scope))) return true;
  }
  return false;
}

function isAbove(granted: string, needed: string): boolean {
  const domain = granted.slice(0, granted.indexOf(':') + 1);
  if (!needed.startsWith(domain) || !isScope(granted) || !isScope(needed)) return false;
  const above = granted.split(':');
  const below = needed.split(':');
  return above.length === 2 && below.length === 3 && above[0] === below[0] && above[1] === below[2];
}
