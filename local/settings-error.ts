/** A setting that is not right: its message names the variable and what it takes. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}
