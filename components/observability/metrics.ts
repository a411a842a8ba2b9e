import type * as pulumi from "@pulumi/pulumi";

type Input = pulumi.Input<string>;

/** A metric of CloudWatch, as alarms and the dashboard look at it. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, Input>>;
  /** Sum, Maximum, p50… */
  readonly stat: string;
}

/** Makes metrics of one resource. */
export type MetricMaker = (name: string, stat?: string) => Metric;

const metricsOf =
  (namespace: string, dimensions: Metric["dimensions"]): MetricMaker =>
  (name, stat = "Sum") => ({ namespace, name, dimensions, stat });

/** ExecutionsStarted, ExecutionTime… */
export const machineMetric = (stateMachineArn: Input): MetricMaker =>
  metricsOf("AWS/States", { StateMachineArn: stateMachineArn });

/** Invocations, Errors, AsyncEventAge… */
export const functionMetric = (functionName: Input): MetricMaker =>
  metricsOf("AWS/Lambda", { FunctionName: functionName });

/** ApproximateNumberOfMessagesVisible… */
export const queueMetric = (queueName: Input): MetricMaker => metricsOf("AWS/SQS", { QueueName: queueName });

/** Invocations and FailedInvocations of a rule's targets. */
export const ruleMetric = (ruleName: Input): MetricMaker => metricsOf("AWS/Events", { RuleName: ruleName });

/** What Glue tells of all runs of a job together, where the job's metrics are enabled. */
export const jobMetric =
  (jobName: Input) =>
  (name: string, type: "count" | "gauge", stat = type === "count" ? "Sum" : "Maximum"): Metric =>
    metricsOf("Glue", { JobName: jobName, JobRunId: "ALL", Type: type })(name, stat);
