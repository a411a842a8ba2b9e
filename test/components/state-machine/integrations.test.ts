import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { policyDocument, type Statement } from "../../../components/policy.ts";
import * as data from "../../../components/state-machine/data-integrations.ts";
import * as maps from "../../../components/state-machine/map-integrations.ts";
import * as runs from "../../../components/state-machine/run-integrations.ts";
import type { Integration } from "../../../components/state-machine/states.ts";

const account = "us-east-1:000000000000";

/** A resource as the calls know it: they look at its ARN alone. */
const withArn = (arn: string): never => ({ arn: pulumi.output(arn) }) as never;

const bucket: aws.s3.Bucket = withArn("arn:aws:s3:::data");
const table: aws.dynamodb.Table = withArn(`arn:aws:dynamodb:${account}:table/orders`);
const queue: aws.sqs.Queue = withArn(`arn:aws:sqs:${account}:orders`);
const machine: aws.sfn.StateMachine = withArn(`arn:aws:states:${account}:stateMachine:orders`);
const bus: aws.cloudwatch.EventBus = withArn(`arn:aws:events:${account}:event-bus/orders`);

const resolved = async (integration: Integration): Promise<unknown> => {
  const text = await new Promise<string>((resolve) => policyDocument(integration.permissions).apply(resolve));
  const { Statement: statements } = JSON.parse(text) as { Statement: Record<string, unknown>[] };
  return {
    resource: integration.resource,
    allows: statements.map(({ Sid, Action, Resource, Condition }) =>
      [Sid, Action, Resource, Condition].filter(Boolean),
    ),
  };
};

type Allowed = readonly [sid: string, actions: Statement["actions"], resources: readonly string[], conditions?: object];

const calls: readonly (readonly [string, Integration, string, readonly Allowed[]])[] = [
  [
    "putObject",
    data.putObject("Put", { bucket, prefix: "in/" }),
    "aws-sdk:s3:putObject",
    [["Put", ["s3:PutObject"], ["arn:aws:s3:::data/in/*"]]],
  ],
  [
    "getObject",
    data.getObject("Get", { bucket }),
    "aws-sdk:s3:getObject",
    [["Get", ["s3:GetObject"], ["arn:aws:s3:::data/*"]]],
  ],
  [
    "headObject",
    data.headObject("Head", { bucket }),
    "aws-sdk:s3:headObject",
    [["Head", ["s3:GetObject"], ["arn:aws:s3:::data/*"]]],
  ],
  [
    "deleteObject",
    data.deleteObject("Delete", { bucket, prefix: "a$b/" }),
    "aws-sdk:s3:deleteObject",
    [["Delete", ["s3:DeleteObject"], ["arn:aws:s3:::data/a${$}b/*"]]],
  ],
  [
    "copyObject",
    data.copyObject("Copy", { from: { bucket, prefix: "in/" }, to: { bucket, prefix: "bad/" } }),
    "aws-sdk:s3:copyObject",
    [
      ["CopySource", ["s3:GetObject"], ["arn:aws:s3:::data/in/*"]],
      ["Copy", ["s3:PutObject"], ["arn:aws:s3:::data/bad/*"]],
    ],
  ],
  ...(
    [
      ["getItem", data.getItem("Do", table), "dynamodb:getItem", "dynamodb:GetItem"],
      ["putItem", data.putItem("Do", table), "dynamodb:putItem", "dynamodb:PutItem"],
      ["updateItem", data.updateItem("Do", table), "dynamodb:updateItem", "dynamodb:UpdateItem"],
      ["deleteItem", data.deleteItem("Do", table), "dynamodb:deleteItem", "dynamodb:DeleteItem"],
      [
        "batchWriteItem",
        data.batchWriteItem("Do", table),
        "aws-sdk:dynamodb:batchWriteItem",
        "dynamodb:BatchWriteItem",
      ],
      ["scan", data.scan("Do", table), "aws-sdk:dynamodb:scan", "dynamodb:Scan"],
    ] as const
  ).map(
    ([name, call, resource, action]) =>
      [name, call, resource, [["Do", [action], [`arn:aws:dynamodb:${account}:table/orders`]]]] as const,
  ),
  [
    "query",
    data.query("Find", table),
    "aws-sdk:dynamodb:query",
    [
      [
        "Find",
        ["dynamodb:Query"],
        [`arn:aws:dynamodb:${account}:table/orders`, `arn:aws:dynamodb:${account}:table/orders/index/*`],
      ],
    ],
  ],
  [
    "sendMessageBatch",
    data.sendMessageBatch("Send", queue),
    "aws-sdk:sqs:sendMessageBatch",
    [["Send", ["sqs:SendMessage"], [`arn:aws:sqs:${account}:orders`]]],
  ],
  [
    "runTask.sync",
    runs.runEcsTask("Run", {
      cluster: withArn(`arn:aws:ecs:${account}:cluster/work`),
      taskDefinition: withArn(`arn:aws:ecs:${account}:task-definition/load:3`),
      roles: [withArn("arn:aws:iam::000000000000:role/load")],
    }),
    "ecs:runTask.sync",
    [
      ["Run", ["ecs:RunTask"], [`arn:aws:ecs:${account}:task-definition/load:3`]],
      ["RunWatch", ["ecs:StopTask", "ecs:DescribeTasks"], [`arn:aws:ecs:${account}:task/work/*`]],
      [
        "RunPassRoles",
        ["iam:PassRole"],
        ["arn:aws:iam::000000000000:role/load"],
        { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
      ],
      [
        "RunHearEnd",
        ["events:PutTargets", "events:PutRule", "events:DescribeRule"],
        [`arn:aws:events:${account}:rule/StepFunctionsGetEventsForECSTaskRule`],
      ],
    ],
  ],
  [
    "startExecution",
    runs.startExecution("Start", machine),
    "states:startExecution",
    [["Start", ["states:StartExecution"], [`arn:aws:states:${account}:stateMachine:orders`]]],
  ],
  [
    "startExecution.sync:2",
    runs.runExecution("Start", machine),
    "states:startExecution.sync:2",
    [
      ["Start", ["states:StartExecution"], [`arn:aws:states:${account}:stateMachine:orders`]],
      [
        "StartWatch",
        ["states:DescribeExecution", "states:StopExecution"],
        [`arn:aws:states:${account}:execution:orders:*`],
      ],
      [
        "StartHearEnd",
        ["events:PutTargets", "events:PutRule", "events:DescribeRule"],
        [`arn:aws:events:${account}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule`],
      ],
    ],
  ],
  [
    "putEvents",
    runs.putEvents("Tell", bus),
    "events:putEvents",
    [["Tell", ["events:PutEvents"], [`arn:aws:events:${account}:event-bus/orders`]]],
  ],
  [
    "a map's listObjectsV2",
    maps.listObjects(bucket, "in/"),
    "s3:listObjectsV2",
    [["ListItems", ["s3:ListBucket"], ["arn:aws:s3:::data"], { StringLike: { "s3:prefix": "in/*" } }]],
  ],
  [
    "a map's getObject",
    maps.readObject(bucket, "in/list.csv"),
    "s3:getObject",
    [["ReadItems", ["s3:GetObject", "s3:GetObjectVersion"], ["arn:aws:s3:::data/in/list.csv"]]],
  ],
  [
    "a map's getObject of a computed key",
    maps.readObject(bucket, "{% $file.key %}"),
    "s3:getObject",
    [["ReadItems", ["s3:GetObject", "s3:GetObjectVersion"], ["arn:aws:s3:::data/*"]]],
  ],
  [
    "a map's putObject",
    maps.writeObjects(bucket, "maps/all/", [{ sid: "Key", actions: ["kms:Decrypt"], resources: ["key"] }]),
    "s3:putObject",
    [
      [
        "WriteResults",
        ["s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"],
        ["arn:aws:s3:::data/maps/all/*"],
      ],
      ["Key", ["kms:Decrypt"], ["key"]],
    ],
  ],
];

describe("Integrations", () => {
  for (const [name, call, resource, allows] of calls) {
    it(`let the machine's role do what ${name} needs, and no more`, async () => {
      expect(await resolved(call)).to.deep.equal({ resource: `arn:aws:states:::${resource}`, allows });
    });
  }
});
