/** The shipped charter with servers and tools of a test's own in its gateway. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument, YAMLSeq } from 'yaml';
import { PROJECT } from '../runtime/support.ts';

export type Entry = Readonly<Record<string, unknown>> & { readonly id: string };

/** Writes it into a folder `charter` of `folder`, and gives that. Throws where the shipped gateway has no lists. */
export function charterWithTools(folder: string, servers: readonly Entry[], tools: readonly Entry[]): string {
  const charterFolder = join(folder, 'charter');
  cpSync(join(PROJECT, 'charter'), charterFolder, { recursive: true });
  const gateway = join(charterFolder, 'gateway.yaml');
  const document = parseDocument(readFileSync(gateway, 'utf8'));
  for (const [name, entries] of Object.entries({ servers, tools })) {
    const list = document.get(name);
    if (!(list instanceof YAMLSeq)) throw new Error(`gateway.yaml has no list of ${name}`);
    for (const entry of entries) list.add(document.createNode(entry));
  }
  writeFileSync(gateway, document.toString());
  return charterFolder;
}
