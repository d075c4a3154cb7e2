/** A permit gives no more than a workflow's manifest does: its roles and its modes bind in every mode. */

/**
 * @param manifest its users (none named: any) and the modes that it offers
 * @param roles of the principal
 */
export function isOutsideManifest(
  manifest: { readonly roles?: readonly string[]; readonly modes: readonly string[] },
  roles: readonly string[],
  mode: string | undefined,
): boolean {
  const users = manifest.roles ?? [];
  const isUser = users.length === 0 || users.some((role) => roles.includes(role));
  return !isUser || mode === undefined || !manifest.modes.includes(mode);
}
