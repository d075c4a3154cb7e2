/**
 * The live feed as a WebSocket API: API Gateway holds the connections, one function lets in and sees off, another tells.
 * It has no authorizer of its own: a token comes in one of two headers, which an identity source cannot say, so the
 * function asks the same door as every request does. The API itself is made before those functions, in another stack, since
 * what is made there tells clients where it is.
 */
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  LogGroupLogDestination,
  WebSocketApi,
  WebSocketRoute,
  WebSocketStage,
} from 'aws-cdk-lib/aws-apigatewayv2';
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
}

export interface LiveMount extends LiveApiProps {
  readonly live: GovernedFunction;
  /** Knows no route responses; it answers a message with what the function returned all the same. */
  readonly standIn: boolean;
}

export class LiveApi extends Construct {
  private readonly api: WebSocketApi;

  constructor(scope: Construct, id: string, { environment }: LiveApiProps) {
    super(scope, id);
    this.api = new WebSocketApi(this, 'Api', {
      apiName: nameIn(environment.name, 'live'),
      description: "Chancery: the ledger's records as they are appended",
      // What a client may say is one thing: it is there.
      routeSelectionExpression: '$request.body.kind',
    });
  }

  /** What a function of another stack is told that speaks to connections: `{id}/{stage}`, and their ARN. */
  get named(): { readonly api: string; readonly connections: string } {
    const own = Stack.of(this);
    const { partition, region, account } = own;
    const api = `${own.exportValue(this.api.apiId)}/${STAGE}`;
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

  /**
   * Leads its three routes to the function, from the stack of `scope`. API Gateway may write logs by the role that came with the
   * REST API.
   */
  mount(scope: Construct, { live, environment, standIn }: LiveMount): void {
    for (const [name, key] of [
      ['Connect', '$connect'],
      ['Default', '$default'],
      ['Disconnect', '$disconnect'],
    ] as const) {
      const route = new WebSocketRoute(scope, `Live${name}`, {
        webSocketApi: this.api,
        routeKey: key,
        integration: new WebSocketLambdaIntegration(`To${name}`, live.alias),
        returnResponse: key === '$default' && !standIn,
      });
      acknowledge(route, {
        'AwsSolutions-APIG4':
          'The function asks the same door as every request does: a token comes in one of two headers.',
      });
    }
    const accessLogs = new LogGroup(scope, 'LiveAccessLogs', {
      logGroupName: `/chancery/${environment.name}/live-access`,
      logGroupClass: LogGroupClass.INFREQUENT_ACCESS,
      retention: RETENTION[environment.logDays],
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new WebSocketStage(scope, 'LiveStage', {
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
