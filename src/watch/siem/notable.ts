/**
 * What a SIEM is for: refusals, failures, who did what to rights and people, findings. A governed call that went as it was to is
 * in the ledger, which proves it; a bus that bills each event need not carry it.
 */
import { type Exported, toOcsf } from './ocsf.ts';

/** Families of governed work: each call leaves two or three of them. Logins, administration and the rest are always notable. */
const WORK: ReadonlySet<string> = new Set(['decision', 'workflow', 'tool', 'memory']);

const INFORMATIONAL = 1;
const SUCCESS = 1;

/** False only for governed work that OCSF has as informational and a success. */
export function isNotable(exported: Exported): boolean {
  const [family = ''] = exported.record.type.split('.');
  if (!WORK.has(family)) return true;
  const { severity_id, status_id } = toOcsf(exported);
  return severity_id !== INFORMATIONAL || status_id !== SUCCESS;
}
