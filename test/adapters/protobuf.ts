/** Protocol buffers' wire format, as much as a test needs to read a message that a library wrote. */

/** The length-delimited values of one field, in their order. Throws on a group, which is not used any more. */
export function fieldsOf(message: Buffer, wanted: number): Buffer[] {
  const found: Buffer[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message.readUInt8(at++);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const type = tag % 8;
    if (type === 0) varint();
    else if (type === 1) at += 8;
    else if (type === 5) at += 4;
    else if (type === 2) {
      const length = varint();
      if (Math.floor(tag / 8) === wanted) found.push(message.subarray(at, at + length));
      at += length;
    } else throw new RangeError(`wire type ${type}`);
  }
  return found;
}

export const textOf = (bytes: Buffer | undefined): string => bytes?.toString('utf8') ?? '';
