import type * as pulumi from "@pulumi/pulumi";

interface Named {
  readonly name: pulumi.Output<string>;
}

interface ObservedFunction extends Named {
  /** It takes its events from a queue, and none is sent to it. @default false */
  readonly isPolled?: boolean;
}

/** What there is to look at of whatever takes files through their job, by what people call it. */
export interface ObservedParts {
  /** Absent where files are dispatched directly. */
  readonly stateMachine?: Named & { readonly arn: pulumi.Output<string> };
  /** The log of its executions, where they are logged in full. */
  readonly executionLog?: Named;
  readonly functions: Readonly<Record<string, ObservedFunction>>;
  /** Rules of EventBridge. */
  readonly rules: Readonly<Record<string, Named>>;
  /** Queues that functions are handed their work from. */
  readonly queues?: Readonly<Record<string, Named>>;
}

/** What there is to look at of a pipeline. */
export interface Observed extends ObservedParts {
  readonly failureQueue: Named;
  /** Names of the jobs, by what people call them. */
  readonly jobs: Readonly<Record<string, pulumi.Output<string>>>;
}
