import type * as pulumi from "@pulumi/pulumi";
import { jsonata, type Integration, type State } from "../state-machine/states.ts";
import { anyError } from "../task-retries.ts";
import { withTrouble } from "./results.ts";

/** Whom an execution tells of its end. */
export interface Reports {
  readonly notify: { readonly call: Integration; readonly topicArn: pulumi.Input<string> };
  readonly keepFailure: { readonly call: Integration; readonly queueUrl: pulumi.Input<string> };
}

/** What every execution ends with; `succeeded` is JSONata for the result of one that succeeds. */
export const endStates = (reports: Reports, { succeeded = "$result" } = {}) =>
  ({
    NotifySucceeded: notify(reports, "File succeeded", "Succeeded", succeeded),
    Succeeded: { type: "Succeed" },
    NotifyRejected: notify(reports, "File rejected", "Rejected"),
    Rejected: { type: "Succeed" },
    KeepFailure: {
      type: "Task",
      comment: "What failed waits in the failure queue for a person, with all that a replay needs",
      call: reports.keepFailure.call,
      arguments: { QueueUrl: reports.keepFailure.queueUrl, MessageBody: jsonata("$string($result)") },
      timeoutSeconds: 60,
      retry: [anyError],
      catch: [{ errors: ["States.ALL"], assign: { result: withTrouble("keepFailureError") }, next: "NotifyFailed" }],
      next: "NotifyFailed",
    },
    NotifyFailed: notify(reports, "File failed", "Failed"),
    Failed: { type: "Fail", error: jsonata("$result.error"), cause: jsonata("$result.cause") },
  }) as const satisfies Record<string, State<string>>;

const notify = <Next extends string>(
  { notify: { call, topicArn } }: Reports,
  subject: string,
  next: Next,
  result = "$result",
) =>
  ({
    type: "Task",
    call,
    arguments: {
      TopicArn: topicArn,
      Subject: subject,
      Message: jsonata(`$string(${result})`),
      MessageAttributes: { outcome: { DataType: "String", StringValue: outcomeOf(result) } },
    },
    timeoutSeconds: 60,
    retry: [anyError],
    // Here and not in the final state, whose own Output emulators pass over.
    output: jsonata(result),
    catch: [
      {
        errors: ["States.ALL"],
        assign: { result: withTrouble("notificationError", result) },
        output: withTrouble("notificationError", result),
        next,
      },
    ],
    next,
  }) as const;

const outcomeOf = (result: string): string => (result === "$result" ? jsonata("$result.outcome") : "succeeded");
