/**
 * A map over the characters of a text that asks for each character once in the life of the process, so that a text
 * of a million look-alikes costs no more than a million plain letters. What it maps must not depend on neighbours:
 * normalising a whole text is quadratic in its combining marks, normalising one character is not.
 */

/** Characters beyond the first plane that are remembered: as many as several alphabets have. */
const MAX_BEYOND = 4096;

export function byCharacter(map: (character: string) => string): (text: string) => string {
  const firstPlane = new Array<string | undefined>(0x10000);
  const beyond = new Map<number, string>();

  function mapped(point: number): string {
    const known = point < 0x10000 ? firstPlane[point] : beyond.get(point);
    if (known !== undefined) return known;
    const made = map(String.fromCodePoint(point));
    if (point < 0x10000) firstPlane[point] = made;
    else if (beyond.size < MAX_BEYOND) beyond.set(point, made);
    return made;
  }

  return (text) => {
    let made = '';
    for (let at = 0; at < text.length; at++) {
      const point = text.codePointAt(at) ?? 0;
      made += mapped(point);
      if (point > 0xffff) at++;
    }
    return made;
  };
}
