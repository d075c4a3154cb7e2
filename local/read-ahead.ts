/**
 * What reading a charter takes longest for, read before a start: what Cedar says of the shipped one and what its documents
 * mean, by the digest of their text. Another text is read anew. It lies beside the modules that `scripts/ready.mjs` makes,
 * so whoever could forge it could change these too; a start from the sources finds none.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { readFolder } from '../adapters/bundled-files.ts';
import { makeCedar } from '../adapters/cedar.ts';
import { sha256 } from '../src/basics/digest.ts';
import { type ReadYaml, readYaml } from '../src/basics/yaml.ts';
import { readBundle } from '../src/charter/bundle.ts';
import { makeCedarBy } from '../src/charter/cedar.ts';
import { answersOf, type CedarAnswers, NO_ANSWERS } from '../src/charter/cedar-answers.ts';

interface Ahead {
  readonly answers: CedarAnswers;
  readonly documents: Readonly<Record<string, unknown>>;
}

const fileIn = (folder: string): string => join(folder, 'read-ahead.json');

/** What `readCharter` need not find out again. */
export function knownAhead(folder: string = import.meta.dirname): {
  readonly answers: CedarAnswers;
  readonly yaml: ReadYaml;
} {
  const path = fileIn(folder);
  if (!existsSync(path)) return { answers: NO_ANSWERS, yaml: readYaml };
  const { answers, documents }: Ahead = JSON.parse(readFileSync(path, 'utf8'));
  return {
    answers,
    yaml(file, text) {
      const value = documents[sha256(text)];
      if (value === undefined) return readYaml(file, text);
      return { value, problems: [], locate: (path) => readYaml(file, text).locate(path) };
    },
  };
}

/** Reads the charter in a folder for the starts to come. One that is not valid is left for the start to say so. */
export function readAhead(charterFolder: string, folder: string = import.meta.dirname): void {
  makeCedarBy(makeCedar);
  const documents: Record<string, unknown> = {};
  const read = readBundle(readFolder(charterFolder), NO_ANSWERS, (file, text) => {
    const yaml = readYaml(file, text);
    const { value, problems } = yaml;
    // A value that JSON does not hold is read each time.
    if (problems.length === 0 && isDeepStrictEqual(value, JSON.parse(JSON.stringify(value))))
      documents[sha256(text)] = value;
    return yaml;
  });
  if (!read.ok) return;
  const ahead: Ahead = { answers: answersOf(read.charter.policies, read.charter.schema), documents };
  writeFileSync(fileIn(folder), JSON.stringify(ahead));
}
