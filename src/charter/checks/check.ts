/** What a check is: it looks at the documents of a bundle and notes what is wrong, at its place. */
import type { Path } from '../../basics/yaml.ts';
import type { DocumentName, Documents } from '../documents.ts';

/** Notes a problem at a place in a document. */
export type NoteProblem = (
  file: DocumentName,
  path: Path,
  code: string,
  message: string,
  fix: string,
) => void;
export type CharterCheck = (documents: Documents, note: NoteProblem) => void;
