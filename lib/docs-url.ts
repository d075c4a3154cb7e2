/**
 * Where a deployment's runbook is: the pages of the repository that it was deployed from, at the commit that it runs. So
 * a link in an alarm leads to what is right for this code, whatever the pages say by now.
 */

/** `git@host:owner/name.git`, `ssh://git@host/owner/name.git` or `https://host/owner/name`. */
const REMOTE = /^(?:git@([\w.-]+):|(?:ssh|https):\/\/(?:[^@/]+@)?([\w.-]+)(?::\d+)?\/)(.+?)(?:\.git)?\/?$/;

/** Undefined for a remote that no browser can open, or without a commit. */
export function docsUrlOf(remote: string | undefined, commit: string | undefined): string | undefined {
  const [, byScp, byUrl, path] = REMOTE.exec(remote?.trim() ?? '') ?? [];
  const host = byScp ?? byUrl;
  if (host === undefined || path === undefined || !/^[0-9a-f]{7,64}$/.test(commit ?? '')) return undefined;
  return `https://${host}/${path}/blob/${commit}/docs`;
}
