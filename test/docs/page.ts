/** The fenced blocks of a documentation page, so that a test does what the page says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../runtime/support.ts';

export interface Block {
  readonly language: string;
  /** ```` ```json file=NAME ````: the reader is told to write this file. */
  readonly file?: string;
  readonly text: string;
  /** The last `## ` heading before it; empty before the first. */
  readonly section: string;
}

/** `page` from the project's root. */
export function blocksOf(page: string): Block[] {
  const text = readFileSync(join(PROJECT, page), 'utf8');
  return [...text.matchAll(/^```(\w+)(?: file=(\S+))?\n([\s\S]*?)^```$/gm)].map(
    ({ 1: language = '', 2: file, 3: body = '', index }) => ({
      language,
      text: body,
      section: [...text.slice(0, index).matchAll(/^## (.+)$/gm)].at(-1)?.[1] ?? '',
      ...(file === undefined ? {} : { file }),
    }),
  );
}
