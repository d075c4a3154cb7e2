/**
 * Which regions have the services that not all have: `chancery doctor` and synthesis go by it. Managed Prometheus and Managed
 * Grafana: the endpoints that AWS's own clients are shipped with (botocore, `endpoints.json`), which `npm run test:real -- templates`
 * compares with this. Application Signals: General Reference, "Amazon CloudWatch Application Signals endpoints and quotas". KMS needs
 * no column: asymmetric keys are in all its regions (developer guide, "Asymmetric keys in AWS KMS").
 */
export interface Services {
  readonly prometheus: boolean;
  readonly grafana: boolean;
  readonly signals: boolean;
}

const WITH_GRAFANA = [
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-southeast-1',
  'ap-southeast-2',
  'eu-central-1',
  'eu-west-1',
  'eu-west-2',
  'us-east-1',
  'us-east-2',
  'us-west-2',
];

const WITHOUT_GRAFANA = [
  'af-south-1',
  'ap-east-1',
  'ap-northeast-3',
  'ap-south-1',
  'ap-south-2',
  'ap-southeast-3',
  'ap-southeast-4',
  'ap-southeast-5',
  'ap-southeast-7',
  'ca-central-1',
  'ca-west-1',
  'eu-central-2',
  'eu-north-1',
  'eu-south-1',
  'eu-south-2',
  'eu-west-3',
  'il-central-1',
  'me-central-1',
  'me-south-1',
  'mx-central-1',
  'sa-east-1',
  'us-west-1',
];

const regions = (names: readonly string[], services: Services): [string, Services][] =>
  names.map((name) => [name, services]);

export const REGIONS: Readonly<Record<string, Services>> = Object.fromEntries([
  ...regions(WITH_GRAFANA, { prometheus: true, grafana: true, signals: true }),
  ...regions(WITHOUT_GRAFANA, { prometheus: true, grafana: false, signals: true }),
  ...regions(['ap-east-2', 'ap-southeast-6'], { prometheus: true, grafana: false, signals: false }),
  // Partitions of their own.
  ...regions(['us-gov-east-1', 'us-gov-west-1'], { prometheus: true, grafana: true, signals: false }),
  ...regions(['cn-north-1', 'cn-northwest-1', 'eusc-de-east-1'], {
    prometheus: false,
    grafana: false,
    signals: false,
  }),
]);

/** What may be built there: everything where the region is not said, or new to us. */
export const servicesIn = (region: string | undefined): Services =>
  REGIONS[region ?? ''] ?? { prometheus: true, grafana: true, signals: true };

/** A name of the shape that AWS gives its regions. */
export const isRegionName = (name: string): boolean => /^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/.test(name);
