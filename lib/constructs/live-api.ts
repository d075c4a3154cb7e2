/**
 * The live feed as a WebSocket API: API Gateway holds the connections, one function lets in and sees off, another tells.
 * It has no authorizer of its own: a token comes in one of two headers, which an identity source cannot say, so the
 * function asks the same door as every request does.
 */
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { LogGroupLogDestination, WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup, LogGroupClass } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import type { Environment } from '../environments.ts';
import { nameIn, RETENTION } from '../names.ts';
import type { GovernedFunction } from './governed-function.ts';

/** Stage, and so the path of the feed: `wss://…/live`, as on one machine. */
const STAGE = 'live';

export interface LiveApiProps {
  readonly environment: Environment;
  /** Knows no route responses; it answers a message with what the function returned all the same. */
  readonly standIn: boolean;
}

export class LiveApi extends Construct {
  private readonly props: LiveApiProps;
  private readonly api: WebSocketApi;

  constructor(scope: Construct, id: string, props: LiveApiProps) {
    super(scope, id);
    this.props = props;
    this.api = new WebSocketApi(this, 'Api', {
      apiName: nameIn(props.environment.name, 'live'),
      description: "Chancery: the ledger's records as they are appended",
      // What a client may say is one thing: it is there.
      routeSelectionExpression: '$request.body.kind',
    });
  }

  /** What a function is told that speaks to connections: `{id}/{stage}`, and their ARN. */
  get named(): { readonly api: string; readonly connections: string } {
    const { partition, region, account } = Stack.of(this);
    const api = `${this.api.apiId}/${STAGE}`;
    return {
      api,
      connections: `arn:${partition}:execute-api:${region}:${account}:${api}/*/@connections/*`,
    };
  }

  /** Where clients connect. */
  get url(): string {
    const { region, urlSuffix } = Stack.of(this);
    return `wss://${this.api.apiId}.execute-api.${region}.${urlSuffix}/${STAGE}`;
  }

  /** Leads its three routes to the function. API Gateway may write logs by the role that came with the REST API. */
  mount(live: GovernedFunction): void {
    const { environment, standIn } = this.props;
    for (const [name, key] of [
      ['Connect', '$connect'],
      ['Default', '$default'],
      ['Disconnect', '$disconnect'],
    ] as const) {
      const route = this.api.addRoute(key, {
        integration: new WebSocketLambdaIntegration(`To${name}`, live.alias),
        returnResponse: key === '$default' && !standIn,
      });
      acknowledge(route, {
        'AwsSolutions-APIG4':
          'The function asks the same door as every request does: a token comes in one of two headers.',
      });
    }
    const accessLogs = new LogGroup(this, 'AccessLogs', {
      logGroupName: `/chancery/${environment.name}/live-access`,
      logGroupClass: LogGroupClass.INFREQUENT_ACCESS,
      retention: RETENTION[environment.logDays],
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new WebSocketStage(this, 'Stage', {
      webSocketApi: this.api,
      stageName: STAGE,
      autoDeploy: true,
      throttle: { rateLimit: environment.throttle.rate, burstLimit: environment.throttle.burst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLogs),
        format: AccessLogFormat.custom(JSON.stringify(WITHOUT_IDENTITY)),
      },
    });
  }
}

/** Everything an operator needs about a connection and nothing about who made it. */
const WITHOUT_IDENTITY = {
  time: '$context.requestTimeEpoch',
  request_id: '$context.requestId',
  connection_id: '$context.connectionId',
  event: '$context.eventType',
  route: '$context.routeKey',
  status: '$context.status',
  integration_status: '$context.integrationStatus',
  integration_ms: '$context.integrationLatency',
  error: '$context.error.responseType',
};
