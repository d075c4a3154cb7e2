/** How much of a text somebody can read. */

const UNSEEN = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}[\p{M}&&\p{Script=Inherited}]]/gv;
/** A Braille cell without dots. */
const EMPTY_CELL = '\u2800';

/** Characters after trimming that can be seen: three zero-width spaces are no name, nor is a letter with many marks. */
export function visibleLength(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.trim().length;
  const seen = text.replace(UNSEEN, '').replaceAll(EMPTY_CELL, ' ').trim();
  // Counted where it stands: a list of a million characters is more work than all before.
  let length = 0;
  for (let at = 0; at < seen.length; at += (seen.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) length++;
  return length;
}
