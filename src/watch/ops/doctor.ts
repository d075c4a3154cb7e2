/**
 * What `chancery doctor` makes of an AWS account before a deployment and of the deployment after it: what is wrong, and
 * what to do about it. Facts come in; nothing is asked here.
 */
import { nearest } from '../../basics/nearest.ts';
import { isRegionName, REGIONS } from './regions.ts';

/** What was found, or why it could not be. */
export type Answered<T> = { readonly found: T } | { readonly refused: string };

export interface Issuer {
  readonly issuer: string;
  /** Keys that its JWKS holds. */
  readonly keys: Answered<number>;
}

export interface Account {
  readonly region: string;
  /** Executions that Lambda grants at once. */
  readonly concurrency: Answered<number>;
  /** Version of the CDK bootstrap stack; 0 where there is none. */
  readonly bootstrap: Answered<number>;
  /** Trails that log management events of this region. */
  readonly trails: Answered<number>;
  readonly issuers: readonly Issuer[];
}

export interface Deployment {
  readonly stacks: Answered<readonly { readonly name: string; readonly status: string }[]>;
  /** HTTP status of the readiness check over the API. */
  readonly ready: Answered<number>;
  readonly functions: readonly { readonly name: string; readonly answers: Answered<true> }[];
  readonly alarms: Answered<readonly { readonly name: string; readonly state: string }[]>;
  readonly secrets: readonly { readonly name: string; readonly filled: Answered<boolean> }[];
}

export interface Diagnosis {
  readonly check: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly found: string;
  /** What to do; absent where nothing is. */
  readonly fix?: string;
}

/** Of the CDK bootstrap template, without which `cdk deploy` refuses (CDK 2, "Bootstrapping"). */
const LEAST_BOOTSTRAP = 6;
/** What an account needs for shares of its own for door, stop, sealer and projector in dev. */
const ROOM_FOR_SHARES = 135;

export function examineAccount(account: Account): Diagnosis[] {
  return [
    regionFinding(account.region),
    judged('concurrency', account.concurrency, (granted) =>
      granted >= ROOM_FOR_SHARES
        ? ok(`Lambda grants ${granted} executions at once; deploy with -c concurrency=${granted}`)
        : warn(
            `Lambda grants ${granted} executions at once: it works, but a flood can starve the stop`,
            'ask for 1,000 under Service Quotas, Lambda, "Concurrent executions" (L-B99A9384)',
          ),
    ),
    judged('bootstrap', account.bootstrap, (version) =>
      version >= LEAST_BOOTSTRAP
        ? ok(`CDK bootstrap ${version}`)
        : fail(
            version === 0 ? 'the region is not bootstrapped' : `CDK bootstrap ${version} is too old`,
            'run npx cdk bootstrap',
          ),
    ),
    judged('trail', account.trails, (trails) =>
      trails > 0
        ? ok('CloudTrail tells of changes made behind our back')
        : warn(
            'no trail logs management events: changes of keys, buckets and tables are told to nobody',
            'create a trail in CloudTrail (the first one of an account is free but for its storage)',
          ),
    ),
    ...(account.issuers.length === 0
      ? [
          {
            check: 'issuer',
            ...warn(
              'no issuer was named: the API will answer 401 to everybody',
              'name yours: chancery doctor --issuer https://… and cdk deploy -c issuer=https://… -c audience=…',
            ),
          },
        ]
      : account.issuers.map(({ issuer, keys }) =>
          judged(`issuer ${issuer}`, keys, (held) =>
            held > 0 ? ok(`${held} keys`) : fail('its JWKS holds no key', 'look at the URL of its keys'),
          ),
        )),
  ];
}

function regionFinding(region: string): Diagnosis {
  const check = 'region';
  const known = REGIONS[region];
  if (known === undefined) {
    const meant = nearest(region, Object.keys(REGIONS));
    const fix = isRegionName(region)
      ? 'look for Managed Grafana, Managed Prometheus, Application Signals and KMS Ed25519 in its list of services'
      : `set AWS_REGION${meant === undefined ? '' : `; did you mean ${meant}?`}`;
    const found = `we know no region ${region}`;
    return { check, ...(isRegionName(region) ? warn(found, fix) : fail(found, fix)) };
  }
  const lacking = [
    ...(known.prometheus ? [] : ['Managed Prometheus']),
    ...(known.grafana ? [] : ['Managed Grafana']),
    ...(known.signals ? [] : ['Application Signals']),
  ];
  if (lacking.length === 0) return { check, ...ok(`${region} has every service`) };
  return {
    check,
    ...warn(
      `${region} has no ${lacking.join(' and no ')}: it is left out`,
      known.prometheus
        ? 'use another Grafana with dashboards/grafana, or a region that has it'
        : 'have a Prometheus of your own read GET /metrics with the rules in monitoring/, or use a region that has it',
    ),
  };
}

export function examineDeployment(deployment: Deployment): Diagnosis[] {
  return [
    judged('stacks', deployment.stacks, (stacks) => {
      const bad = stacks.filter(({ status }) => !/^(?:CREATE|UPDATE)_COMPLETE$/.test(status));
      return bad.length === 0
        ? ok(stacks.map(({ name }) => name).join(', '))
        : fail(
            bad.map(({ name, status }) => `${name} is ${status}`).join(', '),
            'look at its events in CloudFormation, and deploy again',
          );
    }),
    judged('api', deployment.ready, (status) =>
      status === 200
        ? ok('ready')
        : fail(
            `GET /health/ready answers ${status}`,
            'chancery health --verbose says which part is not ready',
          ),
    ),
    ...deployment.functions.map(({ name, answers }) =>
      'found' in answers
        ? { check: name, ...ok('answers') }
        : {
            check: name,
            ...fail(answers.refused, `read its log group: chancery logs search --query ${name}`),
          },
    ),
    judged('alarms', deployment.alarms, (alarms) => {
      const named = (state: string) => alarms.filter((each) => each.state === state).map(({ name }) => name);
      const [ringing, blind] = [named('ALARM'), named('INSUFFICIENT_DATA')];
      if (ringing.length > 0)
        return fail(`ringing: ${ringing.join(', ')}`, 'docs/runbook.md has each of them');
      if (blind.length > 0)
        return warn(
          `without data: ${blind.join(', ')}`,
          'right for an hour after the first deployment; then see docs/first-deployment.md, "Alarms"',
        );
      return ok(`${alarms.length}, each with data`);
    }),
    ...deployment.secrets.map(({ name, filled }) =>
      judged(`secret ${name}`, filled, (is) =>
        is
          ? ok('filled')
          : warn('empty', `fill it in: docs/alerting.md (notify), docs/first-deployment.md (canary)`),
      ),
    ),
  ];
}

type Judged = Omit<Diagnosis, 'check'>;

const ok = (found: string): Judged => ({ status: 'ok', found });
const warn = (found: string, fix: string): Judged => ({ status: 'warn', found, fix });
const fail = (found: string, fix: string): Judged => ({ status: 'fail', found, fix });

function judged<T>(check: string, asked: Answered<T>, judge: (found: T) => Judged): Diagnosis {
  if ('found' in asked) return { check, ...judge(asked.found) };
  return { check, ...warn(`could not be asked: ${asked.refused}`, 'ask again with the rights to read it') };
}
