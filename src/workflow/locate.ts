/** Where in a YAML or JSON file a value stands, so that a problem can name the line. */
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import type { Problem } from './workflow.ts';

export interface Source {
  readonly file: string;
  readonly value: unknown;
  /** The problem at the value under `path`, or at the nearest parent that the file has. */
  problem(path: readonly PropertyKey[], code: string, message: string, fix: string): Problem;
}

export type Read =
  | { readonly ok: true; readonly source: Source }
  | { readonly ok: false; readonly problems: Problem[] };

/** JSON is read as the YAML that it is: one reader gives line numbers for both. Duplicate keys are problems. */
export function readSource(file: string, text: string): Read {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  if (document.errors.length > 0)
    return {
      ok: false,
      problems: document.errors.map((error) => ({
        ...at(error.pos[0]),
        code: 'syntax',
        message: error.message,
        fix: 'Correct the syntax at this place.',
      })),
    };
  return {
    ok: true,
    source: {
      file,
      value: document.toJS({ maxAliasCount: 0 }) as unknown,
      problem: (path, code, message, fix) => ({ ...at(offsetOf(document, path)), code, message, fix }),
    },
  };
}

function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}
