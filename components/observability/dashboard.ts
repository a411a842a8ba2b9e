import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "../account.ts";
import {
  functionMetric,
  jobMetric,
  machineMetric,
  queueMetric,
  ruleMetric,
  type Metric,
  type MetricMaker,
} from "./metrics.ts";
import type { Observed } from "./observed.ts";

export interface DashboardArgs {
  readonly observed: Observed;
  /** Name of the rule that sees failed job runs; absent where there is no job. */
  readonly failedRuns?: pulumi.Input<string> | undefined;
  readonly account: Account;
}

/** A line of a graph. */
interface Line {
  readonly label: string;
  readonly metric: Metric;
}

/** A third of a row. */
const width = 8;
const height = 6;
const columns = 3;

/** One page: what came of files, how long it took, what waits, what it uses. */
export const createDashboard = (name: string, args: DashboardArgs, parent: pulumi.Resource): void => {
  const { stateMachine, jobs } = args.observed;
  const [jobName = name] = Object.values(jobs);
  new aws.cloudwatch.Dashboard(
    name,
    {
      // Dashboards have no generated names, and an account has one list of them for all its Regions.
      dashboardName: pulumi.interpolate`${stateMachine?.name ?? jobName}-${args.account.region}`,
      dashboardBody: pulumi.jsonStringify({ widgets: placed(widgetsOf(args)) }),
    },
    { parent },
  );
};

type Widget = Readonly<Record<string, unknown>>;

const widgetsOf = ({ observed, failedRuns, account }: DashboardArgs): readonly Widget[] => {
  const graph = (title: string, lines: readonly Line[], view = "timeSeries"): Widget => ({
    type: "metric",
    properties: { title, view, region: account.region, period: 300, metrics: lines.map(metricRow) },
  });
  return [
    ...fileWidgets(observed, account),
    ...machineWidgets(observed, graph),
    graph("Failure queue", queueLines(observed.failureQueue)),
    ...Object.entries(observed.queues ?? {}).map(([label, queue]) => graph(`Queue ${label}`, queueLines(queue))),
    ...jobWidgets(observed, failedRuns, graph),
    ...Object.entries(observed.functions).map(([label, { name }]) =>
      graph(`Function ${label}`, functionLines(functionMetric(name))),
    ),
  ];
};

/** Step Functions counts no outcomes: a rejected file is an execution that succeeded. The log tells them apart. */
const fileWidgets = ({ executionLog }: Observed, { region }: Account): readonly Widget[] => {
  if (executionLog === undefined) return [];
  const query = pulumi.interpolate`SOURCE '${executionLog.name}' | filter type in ["ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut"]
| parse details.output '"outcome":"*"' as outcome
| stats count(*) as files by coalesce(outcome, type) as ended`;
  return [{ type: "log", properties: { title: "Files by outcome", view: "pie", region, query } }];
};

const machineWidgets = (
  { stateMachine }: Observed,
  graph: (title: string, lines: readonly Line[]) => Widget,
): readonly Widget[] => {
  if (stateMachine === undefined) return [];
  const metric = machineMetric(stateMachine.arn);
  const executions = [
    ["started", "ExecutionsStarted"],
    ["succeeded", "ExecutionsSucceeded"],
    ["failed", "ExecutionsFailed"],
    ["timed out", "ExecutionsTimedOut"],
    ["aborted", "ExecutionsAborted"],
    ["throttled", "ExecutionThrottled"],
  ] as const;
  return [
    graph(
      "Executions",
      executions.map(([label, name]) => ({ label, metric: metric(name) })),
    ),
    graph(
      "Time from file to end",
      ["p50", "p90", "p99"].map((stat) => ({ label: stat, metric: metric("ExecutionTime", stat) })),
    ),
  ];
};

const queueLines = ({ name }: Observed["failureQueue"]): readonly Line[] => {
  const metric = queueMetric(name);
  return [
    { label: "messages", metric: metric("ApproximateNumberOfMessagesVisible", "Maximum") },
    { label: "age of the oldest, in seconds", metric: metric("ApproximateAgeOfOldestMessage", "Maximum") },
  ];
};

/** Of several jobs each has its own. */
const jobWidgets = (
  { jobs }: Observed,
  failedRuns: pulumi.Input<string> | undefined,
  graph: (title: string, lines: readonly Line[]) => Widget,
): readonly Widget[] => {
  if (failedRuns === undefined) return [];
  const [only, ...others] = Object.values(jobs);
  if (only !== undefined && others.length === 0) {
    return [
      graph("Job runs", [failedRunsLine(failedRuns), ...runLines(only)]),
      graph("Workers", workerLines(only)),
      graph("Rows and bytes read", inputLines(only)),
    ];
  }
  return [
    graph("Job runs", [failedRunsLine(failedRuns)]),
    ...Object.entries(jobs).flatMap(([label, jobName]) => [
      graph(`${label}: runs`, runLines(jobName)),
      graph(`${label}: workers`, workerLines(jobName)),
      graph(`${label}: rows and bytes read`, inputLines(jobName)),
    ]),
  ];
};

const failedRunsLine = (failedRuns: pulumi.Input<string>): Line => ({
  label: "failed runs",
  metric: ruleMetric(failedRuns)("Invocations"),
});

const runLines = (jobName: pulumi.Input<string>): readonly Line[] => {
  const metric = jobMetric(jobName);
  return [
    { label: "failed Spark tasks", metric: metric("glue.driver.aggregate.numFailedTasks", "count") },
    { label: "elapsed, in milliseconds", metric: metric("glue.driver.aggregate.elapsedTime", "count") },
  ];
};

/** Workers that are there and not needed are paid for. */
const workerLines = (jobName: pulumi.Input<string>): readonly Line[] => {
  const metric = jobMetric(jobName);
  const allocation = "glue.driver.ExecutorAllocationManager.executors";
  return [
    { label: "executors", metric: metric(`${allocation}.numberAllExecutors`, "gauge") },
    { label: "executors needed", metric: metric(`${allocation}.numberMaxNeededExecutors`, "gauge") },
    { label: "driver's heap used, from 0 to 1", metric: metric("glue.driver.jvm.heap.usage", "gauge") },
  ];
};

const inputLines = (jobName: pulumi.Input<string>): readonly Line[] => {
  const metric = jobMetric(jobName);
  return [
    { label: "rows", metric: metric("glue.driver.aggregate.recordsRead", "count") },
    { label: "bytes", metric: metric("glue.driver.aggregate.bytesRead", "count") },
  ];
};

const functionLines = (metric: MetricMaker): readonly Line[] => [
  { label: "invocations", metric: metric("Invocations") },
  { label: "errors", metric: metric("Errors") },
  { label: "throttles", metric: metric("Throttles") },
  { label: "age of events, in milliseconds", metric: metric("AsyncEventAge", "Maximum") },
];

/** As a dashboard writes a metric: namespace, name, dimensions by turns, and how it is drawn. */
const metricRow = ({ label, metric }: Line): readonly unknown[] => [
  metric.namespace,
  metric.name,
  ...Object.entries(metric.dimensions).flat(),
  { stat: metric.stat, label },
];

/** Three in a row. */
const placed = (widgets: readonly Widget[]): readonly Widget[] =>
  widgets.map((widget, index) => ({
    ...widget,
    x: (index % columns) * width,
    y: Math.floor(index / columns) * height,
    width,
    height,
  }));
