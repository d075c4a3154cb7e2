import { ChanceryError } from '../errors.ts';

/**
 * The parts of a blob's name. Refuses with VALIDATION_ERROR what could leave a folder or hide in it (`..`, an
 * empty or hidden part, a backslash, a NUL): names can come from outside. A part has at most 255 characters.
 */
export function nameParts(name: string): string[] {
  const parts = name.split('/');
  if (parts.some((part) => part.includes('\0') || !/^[^./\\][^/\\]{0,254}$/u.test(part))) {
    throw new ChanceryError('VALIDATION_ERROR', 'The name of a document has empty or hidden parts');
  }
  return parts;
}

/** Refuses a prefix to list under as `nameParts` does; it may be empty, or end in the middle of a name. */
export function checkPrefix(prefix: string): void {
  if (prefix !== '') nameParts(prefix.endsWith('/') ? prefix.slice(0, -1) : prefix);
}
