import { functionMetric, machineMetric, queueMetric, ruleMetric, type Metric, type MetricMaker } from "./metrics.ts";
import type { Observed } from "./observed.ts";

/** When somebody should look, and at what. */
export interface AlarmSpec {
  /** What the alarm's name ends in. */
  readonly name: string;
  readonly metric: Metric;
  /** The alarm goes off above this, within a period of five minutes. */
  readonly above: number;
  /** What has happened and what to do about it. */
  readonly description: string;
}

const oneWeek = 7 * 24 * 3600;
/** What is read once comes back within a quarter of an hour: this long, it has come in vain. */
const halfAnHour = 30 * 60;

/** Every alarm of a pipeline. */
export const alarmTable = (observed: Observed): readonly AlarmSpec[] => [
  ...machineAlarms(observed),
  ...Object.entries(observed.functions).flatMap(([label, { name, isPolled = false }]) => [
    ...callAlarms(label, functionMetric(name), isPolled ? fromQueue : fromLambda),
    ...(isPolled ? [] : eventAlarms(label, functionMetric(name))),
  ]),
  ...failureAlarms(observed),
  ...Object.entries(observed.queues ?? {}).map(([label, { name }]) => queueAlarm(label, queueMetric(name))),
  ...Object.entries(observed.rules).map(([label, { name }]) => ({
    name: `${label}-events-undelivered`,
    metric: ruleMetric(name)("FailedInvocations"),
    above: 0,
    description: `Events for ${label} did not reach their function: see whether it and its permission are still there`,
  })),
];

const machineAlarms = ({ stateMachine }: Observed): readonly AlarmSpec[] => {
  if (stateMachine === undefined) return [];
  const metric = machineMetric(stateMachine.arn);
  return [
    {
      name: "executions-failed",
      metric: metric("ExecutionsFailed"),
      above: 0,
      description: "A file has failed: its error, cause and the input for a replay are in the failure queue",
    },
    {
      name: "executions-timed-out",
      metric: metric("ExecutionsTimedOut"),
      above: 0,
      description:
        "An execution took too long and its job run was stopped: see the failure queue, then the job's timeout",
    },
    {
      name: "executions-aborted",
      metric: metric("ExecutionsAborted"),
      above: 0,
      description:
        "Somebody stopped an execution, and with it its job run: the failure queue has the input for a replay",
    },
    {
      name: "executions-throttled",
      metric: metric("ExecutionThrottled"),
      above: 0,
      description:
        "Step Functions slows executions down: files come faster than the account's quota of transitions allows",
    },
  ];
};

/** What becomes of an event that a function failed on or was not called for. */
interface Patience {
  readonly afterError: string;
  readonly whileThrottled: string;
}

const fromLambda: Patience = {
  afterError: "Its event is tried twice more, then kept in the failure queue",
  whileThrottled: "Events wait for six hours",
};

const fromQueue: Patience = {
  afterError: "Its message stays in its queue, and goes to the failure queue when it has come in vain too often",
  whileThrottled: "Messages wait in its queue, and go to the failure queue when they have come in vain too often",
};

const callAlarms = (
  label: string,
  metric: MetricMaker,
  { afterError, whileThrottled }: Patience,
): readonly AlarmSpec[] => [
  {
    name: `${label}-errors`,
    metric: metric("Errors"),
    above: 0,
    description: `The function ${label} has failed: see its log. ${afterError}`,
  },
  {
    name: `${label}-throttles`,
    metric: metric("Throttles"),
    above: 0,
    description: `The function ${label} is turned away: raise the account's quota of concurrent executions. ${whileThrottled}`,
  },
];

/** For functions that Lambda keeps events for. */
const eventAlarms = (label: string, metric: MetricMaker): readonly AlarmSpec[] => [
  {
    name: `${label}-event-age`,
    metric: metric("AsyncEventAge", "Maximum"),
    above: 5 * 60_000,
    description: `Events for ${label} wait for more than five minutes: see its errors and throttles`,
  },
  {
    name: `${label}-events-dropped`,
    metric: metric("AsyncEventsDropped"),
    above: 0,
    description: `Lambda gave events for ${label} up: they are in the failure queue, to be invoked again with`,
  },
  {
    name: `${label}-events-lost`,
    metric: metric("DestinationDeliveryFailures"),
    above: 0,
    description: `Events that ${label} failed on did not reach the failure queue and are lost: see the role's policy, and upload the files again`,
  },
];

const failureAlarms = ({ failureQueue }: Observed): readonly AlarmSpec[] => {
  const metric = queueMetric(failureQueue.name);
  return [
    {
      name: "failures-waiting",
      metric: metric("ApproximateNumberOfMessagesVisible", "Maximum"),
      above: 0,
      description: "The failure queue is not empty: read its messages, replay what can succeed, delete them",
    },
    {
      name: "failures-ageing",
      metric: metric("ApproximateAgeOfOldestMessage", "Maximum"),
      above: oneWeek,
      description: "A failure has waited for more than a week: messages are gone after two",
    },
  ];
};

/** Of a queue that a function is handed its work from. */
const queueAlarm = (label: string, metric: MetricMaker): AlarmSpec => ({
  name: `${label}-ageing`,
  metric: metric("ApproximateAgeOfOldestMessage", "Maximum"),
  above: halfAnHour,
  description: `Messages have been in ${label} for more than half an hour: see the errors and throttles of the function that takes them`,
});
