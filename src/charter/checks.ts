/**
 * What the documents of a bundle must be to each other. Each check is one rule, named by the code of its
 * problem; `docs/charter.md` lists them.
 */
import type { Problem } from '../basics/problem.ts';
import type { YamlFile } from '../basics/yaml.ts';
import type { CharterCheck, NoteProblem } from './checks/check.ts';
import { applications, flags, gateway, redaction } from './checks/gateway.ts';
import { accessControl, approvals, committee, levels } from './checks/governance.ts';
import { limits, metrics, phrases, remediation } from './checks/lists.ts';
import { roles } from './checks/roles.ts';
import type { DocumentName, Documents } from './documents.ts';

const CHECKS: readonly CharterCheck[] = [
  levels,
  approvals,
  committee,
  accessControl,
  roles,
  phrases,
  metrics,
  limits,
  remediation,
  flags,
  gateway,
  applications,
  redaction,
];

export function checkMeaning(documents: Documents, sources: ReadonlyMap<DocumentName, YamlFile>): Problem[] {
  const problems: Problem[] = [];
  const note: NoteProblem = (file, path, code, message, fix) => {
    const place = sources.get(file)?.locate(path) ?? { line: 1, column: 1 };
    problems.push({ file, ...place, code, message, fix });
  };
  for (const check of CHECKS) check(documents, note);
  return problems;
}
