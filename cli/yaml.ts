/** A value as a YAML document. */
import { Document, visit } from 'yaml';
import { hasUnseen } from './visible.ts';

/** Ends without a line feed. What is invisible stands in quotes, so that it is the same value when it is shown by number. */
export function yamlOf(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_key, scalar) {
      if (typeof scalar.value === 'string' && hasUnseen(scalar.value)) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  return `---\n${document.toString({ lineWidth: 0 })}`.trimEnd();
}
