/**
 * client/api.gen.ts: the types of the API, by openapi-typescript. It wants a TypeScript with a programming interface, which ours has
 * not, so it lives with one of its own under `.real/`. The file names the digest of the document that it was made from: whether it is
 * the present one can be told without the tool, and without a network.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npmTool } from './npm-tool.ts';

const TOOL = 'openapi-typescript@7.13.0';
const BESIDE = ['typescript@5.9.3'];

/** What stands at the head of the types of a document. */
export const headOf = (document: string): string =>
  `/* Made by ${TOOL} from docs/openapi.json with \`npm run generate\`. Its SHA-256: ${createHash('sha256').update(document).digest('hex')} */\n`;

/** Throws where the tool is not there and cannot be fetched. */
export function clientTypes(document: string): string {
  const tool = npmTool(TOOL, 'bin/cli.js', BESIDE);
  const folder = mkdtempSync(join(tmpdir(), 'chancery-types-'));
  try {
    const [from, to] = [join(folder, 'openapi.json'), join(folder, 'api.ts')];
    writeFileSync(from, document);
    execFileSync(process.execPath, [tool, from, '-o', to], { stdio: ['ignore', 'ignore', 'inherit'] });
    const made = readFileSync(to, 'utf8').replace(/^\/\*\*[\s\S]*?\*\/\n+/, '');
    return `${headOf(document)}\n${made}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
