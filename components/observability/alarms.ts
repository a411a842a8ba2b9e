import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "../account.ts";
import type { Encryption } from "../security/encryption.ts";
import { createTopic } from "../security/messages.ts";
import type { AlarmSpec } from "./alarm-table.ts";

export interface AlarmsArgs {
  readonly table: readonly AlarmSpec[];
  readonly account: Account;
  readonly encryption: Encryption | undefined;
}

const periodSeconds = 300;

/** The alarms, and the topic that they go to. Only alarms of this pipeline may publish to it. */
export const createAlarms = (name: string, args: AlarmsArgs, parent: pulumi.Resource): aws.sns.Topic => {
  const { partition, region, id } = args.account;
  const topic = createTopic(name, args.encryption, parent, (arn) => [
    {
      sid: "Alarms",
      principal: { service: "cloudwatch.amazonaws.com" },
      actions: ["sns:Publish"],
      resources: [arn],
      conditions: {
        StringEquals: { "aws:SourceAccount": id },
        ArnLike: { "aws:SourceArn": pulumi.interpolate`arn:${partition}:cloudwatch:${region}:${id}:alarm:${name}-*` },
      },
    },
  ]);
  for (const spec of args.table) createAlarm(`${name}-${spec.name}`, spec, topic, parent);
  return topic;
};

const createAlarm = (name: string, spec: AlarmSpec, topic: aws.sns.Topic, parent: pulumi.Resource): void => {
  const { namespace, name: metricName, dimensions, stat: statistic } = spec.metric;
  new aws.cloudwatch.MetricAlarm(
    name,
    {
      alarmDescription: spec.description,
      namespace,
      metricName,
      dimensions,
      statistic,
      period: periodSeconds,
      evaluationPeriods: 1,
      threshold: spec.above,
      comparisonOperator: "GreaterThanThreshold",
      // Most of these metrics are there only while something happens.
      treatMissingData: "notBreaching",
      alarmActions: [topic.arn],
    },
    { parent },
  );
};
