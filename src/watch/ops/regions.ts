/**
 * Which regions have the services that not all have. `chancery doctor` and synthesis go by it. Application Signals:
 * General Reference, "Application Signals endpoints". KMS needs no column: asymmetric keys are in all its regions
 * (developer guide, "Asymmetric keys in AWS KMS"). Managed Grafana's column was not read off a page of AWS: where it
 * matters, compare it with the user guide's "Supported Regions".
 */
interface Region {
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

export const REGIONS: Readonly<Record<string, Region>> = Object.fromEntries([
  ...WITH_GRAFANA.map((name): [string, Region] => [name, { grafana: true, signals: true }]),
  ...WITHOUT_GRAFANA.map((name): [string, Region] => [name, { grafana: false, signals: true }]),
  // Governments' and China's regions are partitions of their own, without Application Signals.
  ...['us-gov-east-1', 'us-gov-west-1'].map((name): [string, Region] => [
    name,
    { grafana: true, signals: false },
  ]),
  ...['cn-north-1', 'cn-northwest-1'].map((name): [string, Region] => [
    name,
    { grafana: false, signals: false },
  ]),
]);

/** A name of the shape that AWS gives its regions. */
export const isRegionName = (name: string): boolean => /^[a-z]{2,3}(-[a-z]+)+-\d{1,2}$/.test(name);
