/**
 * Stands in for the SDK's credential chain in the bundles (scripts/bundle.ts): Lambda hands a function its
 * role's credentials in the environment, and the other twelve ways are 130 KB that would never run.
 */
interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The export that the SDK's clients import. */
export const defaultProvider = () => async (): Promise<Credentials> => {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = process.env;
  if (!id || !secret) throw new Error('the function has no credentials in its environment');
  return { accessKeyId: id, secretAccessKey: secret, ...(token ? { sessionToken: token } : {}) };
};
