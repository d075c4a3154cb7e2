/** The SDK repeats three times: without a limit on each, a service that hangs would take the function's whole time. */
export const PATIENCE = { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true };
