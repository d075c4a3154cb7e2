/** Comments, tests and pages say the thing itself: nobody outside can open a paper or an issue that they cite. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PROJECT } from '../runtime/support.ts';

const SELF = 'test/repository/citations.test.ts';
const CITATIONS = [
  /\brequirements?(\.md)?,? *(§|\d|design)/i,
  /\bdesign(\.md)?,? *§/i,
  /\bissues? *#?\d/i,
  /\bcases\/[a-z]+\.md\b/,
];
/** A section without the paper that has it on the line or the one before: RFC, UTS, OpenMetrics, AuthZEN and the like may be looked up. */
const PAPERS = /\b(RFC|UTS|OpenMetrics|AuthZEN|W3C|Trace Context|CloudEvents|C2SP|OCSF|NIST|ISO)\b/;

function citations(text: string): string[] {
  const lines = text.split('\n');
  return lines.filter((line, n) => {
    if (CITATIONS.some((citation) => citation.test(line))) return true;
    return /§ ?\d/.test(line) && !PAPERS.test(lines.slice(Math.max(0, n - 20), n + 1).join('\n'));
  });
}

it('knows a citation that nobody can follow from one that anybody can', () => {
  expect(citations('// requirements 1.5\n// design §2\n// see issue 14\n// §5.7 says so')).toHaveLength(4);
  expect(citations('/** RFC 8693 §4.1, nearest actor first. */\n// an issue of keys, 3 issuers')).toEqual([]);
});

it('no file cites what a stranger cannot open', () => {
  const files = execFileSync(
    'git',
    ['ls-files', '*.ts', '*.md', '*.py', '*.yaml', '*.yml', '*.cedar', '*.mjs', '.ci/*'],
    {
      cwd: PROJECT,
      encoding: 'utf8',
    },
  );
  const found = files
    .trim()
    .split('\n')
    .filter((file) => file !== SELF)
    .flatMap((file) =>
      citations(readFileSync(join(PROJECT, file), 'utf8')).map((line) => `${file}: ${line.trim()}`),
    );
  expect(found).toEqual([]);
});
