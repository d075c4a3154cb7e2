/** What the bundled gate, or another door, is told by its environment; names of what is not asked for are all the same. */
export const gateEnvironment = (of: {
  /** Where it was bundled to. */
  readonly folder: string;
  readonly aws: string;
  readonly issuer: { readonly issuer: string; readonly audience: string; readonly jwksUri: string };
}): Readonly<Record<string, string>> => ({
  AWS_REGION: 'eu-central-1',
  AWS_ENDPOINT_URL: of.aws,
  AWS_ACCESS_KEY_ID: '000000000000',
  AWS_SECRET_ACCESS_KEY: 'none',
  LAMBDA_TASK_ROOT: of.folder,
  CHANCERY_ENVIRONMENT: 'dev',
  CHANCERY_FUNCTION: 'gate',
  CODE_VERSION: '0',
  LOG_ORIGIN: 'bench',
  ISSUERS: JSON.stringify([of.issuer]),
  ...Object.fromEntries(
    ['LEDGER_TABLE', 'STATE_TABLE', 'SUBJECT_KEYS_TABLE', 'DOCUMENTS_BUCKET', 'LOG_BUCKET', 'WORM_BUCKET']
      .concat(['LANE_AUTHORITY_KEY', 'CAPABILITY_KEY', 'CHECKPOINT_KEY', 'WITNESS_KEY', 'PSEUDONYM_KEY'])
      .concat(['STATE_MACHINE_PREFIX', 'TOOL_SECRETS', 'BROADCAST_FUNCTION'])
      .map((key) => [key, 'bench']),
  ),
});
