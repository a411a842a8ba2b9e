import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "./account.ts";
import { alarmTable, type AlarmSpec } from "./observability/alarm-table.ts";
import { createAlarms } from "./observability/alarms.ts";
import { createDashboard } from "./observability/dashboard.ts";
import { JobRunEvents } from "./observability/job-run-events.ts";
import type { Observed } from "./observability/observed.ts";
import { subscribeToAll, subscribeToOutcomes, type Audience, type Subscriber } from "./observability/subscriptions.ts";
import { ruleMetric } from "./observability/metrics.ts";
import type { Encryption } from "./security/encryption.ts";

/** Who is told of what. A subscriber is an e-mail address or the ARN of an SQS queue. */
export interface ObservabilityArgs {
  /** @default on where the mode is "real" */
  readonly enabled?: boolean;
  /** Told when an alarm goes off. */
  readonly alarmSubscribers?: readonly Subscriber[];
  /** Told of each file that succeeds. */
  readonly successSubscribers?: readonly Subscriber[];
  /** Told of each file that fails or is rejected. */
  readonly failureSubscribers?: readonly Subscriber[];
  /** Told of each run that takes longer than the job's `notifyDelayAfterMinutes`. */
  readonly delaySubscribers?: readonly Subscriber[];
}

/** The switch as it may be given. */
export interface ObservabilitySwitch {
  readonly mode: "simulated" | "real";
  /** `true` or `false`, or who is told of what. @default on where the mode is "real" */
  readonly observability?: boolean | ObservabilityArgs;
}

/** What the switch comes to. */
export const observabilityOf = ({
  mode,
  observability = {},
}: ObservabilitySwitch): ObservabilityArgs & { readonly enabled: boolean } => {
  if (typeof observability === "boolean") return { enabled: observability };
  return { ...observability, enabled: observability.enabled ?? mode === "real" };
};

export interface ObservabilityParts {
  readonly settings: ObservabilityArgs;
  readonly observed: Observed;
  readonly resultsTopic: aws.sns.Topic;
  readonly failureQueue: aws.sqs.Queue;
  readonly account: Account;
  readonly logRetentionDays: number;
  readonly encryption: Encryption | undefined;
}

/** Alarms with their topic, a dashboard, and what Glue tells of the jobs' runs. */
export class Observability extends pulumi.ComponentResource {
  /** A message for each alarm that goes off. */
  readonly alarmsTopic: aws.sns.Topic;

  constructor(name: string, parts: ObservabilityParts, opts: pulumi.ComponentResourceOptions) {
    super("glue-pipeline:index:Observability", name, {}, opts);
    const { settings, resultsTopic, account, encryption } = parts;

    const runs = this.#hearRuns(name, parts);
    const observed = runs === undefined ? parts.observed : withJobRuns(parts.observed, runs);
    const table = [...alarmTable(observed), ...(runs === undefined ? [] : [failedRunsAlarm(runs)])];
    this.alarmsTopic = createAlarms(`${name}-alarms`, { table, account, encryption }, this);
    createDashboard(name, { observed, ...(runs && { failedRuns: runs.failed.name }), account }, this);

    subscribeToAll(`${name}-alarms`, this.alarmsTopic, settings.alarmSubscribers ?? [], this);
    subscribeToOutcomes(`${name}-results`, resultsTopic, audienceOf(settings), this);
    this.registerOutputs({ alarmsTopic: this.alarmsTopic });
  }

  /** Stages may have no job at all. */
  #hearRuns(name: string, parts: ObservabilityParts): JobRunEvents | undefined {
    const jobNames = Object.values(parts.observed.jobs);
    if (jobNames.length === 0) return undefined;
    return new JobRunEvents(`${name}-job-runs`, { ...parts, jobNames }, { parent: this });
  }
}

const failedRunsAlarm = ({ failed }: JobRunEvents): AlarmSpec => ({
  name: "job-runs-failed",
  metric: ruleMetric(failed.name)("Invocations"),
  above: 0,
  description: "A job run has failed: see the job's error log. It is run again where attempts are left",
});

const audienceOf = (settings: ObservabilityArgs): Audience => [
  [settings.successSubscribers ?? [], ["succeeded"]],
  [settings.failureSubscribers ?? [], ["failed", "rejected"]],
  [settings.delaySubscribers ?? [], ["delayed"]],
];

const withJobRuns = (observed: Observed, runs: JobRunEvents): Observed => ({
  ...observed,
  functions: { ...observed.functions, "job-run-events": runs.function },
  rules: { ...observed.rules, "failed-job-runs": runs.failed, "delayed-job-runs": runs.delayed },
});
