/**
 * Every workflow as Step Functions state machines, from the same files that the local engine interprets: a
 * Standard one for long runs and for what waited for approval, and an Express one where the caller may wait.
 */
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, LogGroupClass } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import type { Environment } from '../environments.ts';
import { nameInAccount, RETENTION, stateMachineName } from '../names.ts';
import type { GovernedFunction } from './governed-function.ts';

/** What of a workflow matters to its deployment; the registry's `Workflow` has it. */
export interface DeployableWorkflow {
  readonly name: string;
  readonly kind: 'express' | 'standard';
  /** ASL, with `${TaskArn_NAME}` where a task is called. */
  readonly definition: unknown;
  readonly tasks: readonly string[];
}

export interface StateMachinesProps {
  readonly environment: Environment;
  readonly workflows: readonly DeployableWorkflow[];
  /** By task name. */
  readonly tasks: ReadonlyMap<string, GovernedFunction>;
}

export class StateMachines extends Construct {
  readonly machines: readonly StateMachine[];

  constructor(scope: Construct, id: string, props: StateMachinesProps) {
    super(scope, id);
    this.machines = props.workflows.flatMap((workflow) => [
      this.machine(props, workflow, 'standard'),
      ...(workflow.kind === 'express' ? [this.machine(props, workflow, 'express')] : []),
    ]);
  }

  private machine(
    props: StateMachinesProps,
    workflow: DeployableWorkflow,
    kind: 'express' | 'standard',
  ): StateMachine {
    const { environment } = props;
    const name = stateMachineName(environment.name, workflow.name, kind);
    const logs = new LogGroup(this, `${workflow.name}-${kind}-logs`, {
      // The prefix spares the account's one resource policy for log delivery an entry per machine.
      logGroupName: `/aws/vendedlogs/states/${name}`,
      logGroupClass: LogGroupClass.INFREQUENT_ACCESS,
      retention: RETENTION[environment.logDays],
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, `${workflow.name}-${kind}-role`, {
      roleName: nameInAccount(Stack.of(this), environment.name, `wf-${workflow.name}-${kind}`),
      description: `Runs the workflow ${workflow.name}: its own tasks only`,
      assumedBy: new ServicePrincipal('states.amazonaws.com'),
    });
    const substitutions: Record<string, string> = {};
    for (const task of workflow.tasks) {
      const called = props.tasks.get(task);
      if (called === undefined)
        throw new Error(`${workflow.name} calls the task ${task}, which has no function`);
      substitutions[`TaskArn_${task}`] = called.alias.functionArn;
      called.alias.grantInvoke(role);
    }
    const machine = new StateMachine(this, `${workflow.name}-${kind}`, {
      stateMachineName: name,
      stateMachineType: kind === 'express' ? StateMachineType.EXPRESS : StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(JSON.stringify(workflow.definition)),
      definitionSubstitutions: substitutions,
      role,
      tracingEnabled: true,
      // Execution data holds parameters: CloudWatch gets the events, the ledger has what happened.
      logs: { destination: logs, level: LogLevel.ALL, includeExecutionData: false },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acknowledge(role, {
      'AwsSolutions-IAM5[Resource::*]':
        'Log delivery and X-Ray know no resources: AWS lets them be granted on * only.',
    });
    return machine;
  }
}
