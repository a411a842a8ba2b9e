import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Integration } from "./states.ts";

/**
 * The calls that a Task state can make, each with the one permission that it needs. `sid` names the permission in the
 * role's policy; calls with the same sid must need the same.
 */

/** Calls a function with the task's arguments as its event; the result is the function's answer. */
export const invokeFunction = (sid: string, lambda: aws.lambda.Function): Integration => ({
  resource: lambda.arn,
  permissions: [{ sid, actions: ["lambda:InvokeFunction"], resources: [lambda.arn] }],
});

/**
 * `{FunctionName, Payload}`: calls a function, and waits for whoever tells of the end by `$states.context.Task.Token`; the
 * result is what is told.
 */
export const invokeForToken = (sid: string, lambda: aws.lambda.Function): Integration => ({
  resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
  permissions: [{ sid, actions: ["lambda:InvokeFunction"], resources: [lambda.arn] }],
});

/** `{JobName, Arguments}` → `{JobRunId}`. */
export const startGlueJobRun = (sid: string, jobArn: pulumi.Input<string>): Integration => ({
  resource: "arn:aws:states:::aws-sdk:glue:startJobRun",
  permissions: [{ sid, actions: ["glue:StartJobRun"], resources: [jobArn] }],
});

/**
 * `{JobName, Arguments}` → the JobRun, once it has SUCCEEDED; else States.TaskFailed, with the JobRun as JSON in its cause.
 * Step Functions looks at the run itself, and stops it when the execution is stopped or times out.
 */
export const runGlueJob = (sid: string, jobArn: pulumi.Input<string>): Integration => ({
  resource: "arn:aws:states:::glue:startJobRun.sync",
  permissions: [
    {
      sid,
      actions: ["glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"],
      resources: [jobArn],
    },
  ],
});

/** `{JobName, RunId}` → `{JobRun}`. Only the SDK integration has it; dates come as ISO 8601 text. */
export const getGlueJobRun = (sid: string, jobArn: pulumi.Input<string>): Integration => ({
  resource: "arn:aws:states:::aws-sdk:glue:getJobRun",
  permissions: [{ sid, actions: ["glue:GetJobRun"], resources: [jobArn] }],
});

/** `{JobName, JobRunIds}` → `{SuccessfulSubmissions, Errors}`, each run by itself. */
export const batchStopGlueJobRun = (sid: string, jobArn: pulumi.Input<string>): Integration => ({
  resource: "arn:aws:states:::aws-sdk:glue:batchStopJobRun",
  permissions: [{ sid, actions: ["glue:BatchStopJobRun"], resources: [jobArn] }],
});

/** `{QueueUrl, MessageBody}`. */
export const sendMessage = (sid: string, queue: aws.sqs.Queue): Integration => ({
  resource: "arn:aws:states:::sqs:sendMessage",
  permissions: [{ sid, actions: ["sqs:SendMessage"], resources: [queue.arn] }],
});

/** `{TopicArn, Subject, Message}`. */
export const publish = (sid: string, topic: aws.sns.Topic): Integration => ({
  resource: "arn:aws:states:::sns:publish",
  permissions: [{ sid, actions: ["sns:Publish"], resources: [topic.arn] }],
});
