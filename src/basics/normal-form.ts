/**
 * Unicode's normal forms of names. Normalising sorts the marks on a letter, in a time that grows with the square of
 * their number: a megabyte of them takes minutes. No name is so long, so only the beginning of a text is normalised.
 */
const LONGEST = 1_024;

export function normalForm(text: string, form: 'NFC' | 'NFKC'): string {
  return text.length <= LONGEST
    ? text.normalize(form)
    : text.slice(0, LONGEST).normalize(form) + text.slice(LONGEST);
}
