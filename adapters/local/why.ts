/** Why a file could not be written or read, in words for whoever keeps the machine: no paths, since health is public. */

const BY_CODE: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of the disk is used up',
  EFBIG: 'the file is larger than this process may write',
  EROFS: 'the disk is mounted read-only',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EMFILE: 'too many files are open',
  ENOTDIR: 'something else is in the place of a folder',
  EIO: 'the disk reports an error',
};

/** SQLite's primary result codes (https://sqlite.org/rescode.html). */
const BY_RESULT: Readonly<Record<number, string>> = {
  8: 'it may only be read',
  10: 'the disk reports an error, or has no room',
  11: 'its file is damaged',
  13: 'the disk is full',
  14: 'its file cannot be opened',
  26: 'its file is no database',
};

/** `what`, and behind it the reason where the error tells one. */
export function withReason(what: string, error: unknown): string {
  const reason = reasonOf(error);
  return reason === undefined ? what : `${what}: ${reason}`;
}

function reasonOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('errcode' in error && typeof error.errcode === 'number') return BY_RESULT[error.errcode & 0xff];
  return 'code' in error && typeof error.code === 'string' ? BY_CODE[error.code] : undefined;
}
