/** What pages of other origins may send and read (Fetch, "CORS protocol"): the same at every door. */

/** Headers of ours that a page may send. */
export const SENT_HEADERS = [
  'Authorization',
  'Content-Type',
  'Idempotency-Key',
  'If-None-Match',
  'If-Range',
  'Range',
  'Traceparent',
  'X-Request-ID',
  'X-Trace-ID',
  'MCP-Protocol-Version',
  'Mcp-Method',
  'Mcp-Name',
].join(', ');

/** Headers of ours that a page may read. */
export const SHOWN_HEADERS = [
  'Accept-Post',
  'Allow',
  'Content-Range',
  'ETag',
  'Idempotency-Replayed',
  'Location',
  'Retry-After',
  'WWW-Authenticate',
  'X-Request-ID',
  'X-Trace-ID',
].join(', ');
