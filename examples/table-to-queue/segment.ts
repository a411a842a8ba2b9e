import type * as aws from "@pulumi/aws";
import {
  jsonata,
  stateGraph,
  type Integration,
  type Retrier,
  type StateGraph,
} from "../../components/state-machine/states.ts";

interface SegmentParts {
  readonly table: aws.dynamodb.Table;
  readonly queue: aws.sqs.Queue;
}

/** Entries of a page; a transaction can mark no more. */
const entriesPerPage = 100;

/** Messages of a batch. */
const perBatch = 10;

/** After so many pages a child hands over: its history would hold four times as many. */
const pagesPerExecution = 200;

/**
 * A copy of a message is dropped within five minutes of the first. A claim younger than this is as good as new: from the
 * look at it to the last attempt to send, less than the other two minutes pass (a test adds time-outs and retries up).
 */
const claimIsFreshMs = 180_000;

/** Seconds for a call between claim and mark. */
const callSeconds = 5;

/** How often a page is sent, of which the queue has not taken all. */
const triesPerPage = 4;

const passing = { intervalSeconds: 1, backoffRate: 2, jitter: "FULL" } as const;

const tableTroubles = [
  "DynamoDb.ProvisionedThroughputExceededException",
  "DynamoDb.RequestLimitExceededException",
  "DynamoDb.TransactionInProgressException",
  "DynamoDb.InternalServerErrorException",
  "DynamoDb.DynamoDbException",
  "DynamoDb.SdkClientException",
  "States.Timeout",
] as const;

const queueTroubles = [
  "Sqs.RequestThrottledException",
  "Sqs.KmsThrottledException",
  "Sqs.SqsException",
  "Sqs.SdkClientException",
  "States.Timeout",
] as const;

/** Where no time presses. */
const patiently: Retrier = { ...passing, errors: tableTroubles, maxAttempts: 8, maxDelaySeconds: 30 };

/**
 * Walks a segment of the table page by page: read what is not marked as sent, claim it, send it, mark it. Its input is
 * `{segment, of, after, inDoubt}`, its output `{sent, held, next}`, where next is the input for the rest, if there is one.
 */
export const segmentGraph = ({ table, queue }: SegmentParts): StateGraph =>
  stateGraph({
    startAt: "Begin segment",
    states: {
      "Begin segment": {
        type: "Pass",
        assign: {
          cursor: jsonata("$states.input"),
          after: jsonata("$states.input.after"),
          tableName: table.name,
          limit: entriesPerPage,
          pages: 0,
          sent: 0,
          held: 0,
        },
        next: "Read page",
      },
      "Read page": {
        type: "Task",
        call: scan(table),
        arguments: jsonata(
          '$merge([{"TableName": $tableName, "Segment": $cursor.segment, "TotalSegments": $cursor.of, "Limit": $limit,' +
            ' "ConsistentRead": true, "FilterExpression": "attribute_not_exists(sentAt)"},' +
            ' $after = null ? {} : {"ExclusiveStartKey": $after}])',
        ),
        timeoutSeconds: 60,
        retry: [patiently],
        catch: [{ errors: ["States.DataLimitExceeded"], next: "Can page shrink?" }],
        assign: {
          page: jsonata(
            `($old := $millis() - ${claimIsFreshMs}; [$filter($states.result.Items, function($entry) {` +
              ' $cursor.inDoubt = "send" or $not($exists($entry.claimedAt)) or $number($entry.claimedAt.N) > $old })])',
          ),
          unsent: jsonata("$count($states.result.Items)"),
          before: jsonata("$after"),
          after: jsonata("$exists($states.result.LastEvaluatedKey.id) ? $states.result.LastEvaluatedKey : null"),
          pages: jsonata("$pages + 1"),
        },
        output: {},
        next: "Anything to send?",
      },
      "Can page shrink?": {
        type: "Choice",
        choices: [
          { condition: jsonata("$limit > 1"), assign: { limit: jsonata("$ceil($limit / 4)") }, next: "Read page" },
        ],
        default: "Entry too large",
      },
      "Entry too large": {
        type: "Fail",
        error: "EntryTooLarge",
        cause: jsonata(
          '"An entry after " & $string($after) & " of segment " & $string($cursor.segment) & " is larger than the 256 KiB that pass between states"',
        ),
      },
      "Anything to send?": {
        type: "Choice",
        choices: [{ condition: jsonata("$count($page) > 0"), next: "Claim page" }],
        assign: { held: jsonata("$held + $unsent") },
        default: "More pages?",
      },
      "Claim page": {
        type: "Task",
        call: transactUpdates(table),
        arguments: {
          TransactItems: jsonata(
            `($now := $millis(); $old := $now - ${claimIsFreshMs}; [$map($page, function($entry) { {"Update": {` +
              '"TableName": $tableName, "Key": {"id": $entry.id},' +
              ' "UpdateExpression": $exists($entry.claimedAt) and $number($entry.claimedAt.N) <= $old' +
              ' ? "SET claimedAt = :now" : "SET claimedAt = if_not_exists(claimedAt, :now)",' +
              ' "ConditionExpression": "attribute_exists(id) AND attribute_not_exists(sentAt)",' +
              ' "ExpressionAttributeValues": {":now": {"N": $string($now)}}}} })])',
          ),
        },
        timeoutSeconds: callSeconds,
        retry: [{ ...passing, errors: tableTroubles, maxAttempts: 3 }],
        // Another execution has sent some of them meanwhile, or is at it: look again.
        catch: [
          {
            errors: ["DynamoDb.TransactionCanceledException"],
            assign: { after: jsonata("$before") },
            output: {},
            next: "Look again",
          },
        ],
        assign: { open: jsonata("$page"), tries: 0 },
        output: {},
        next: "Send page",
      },
      "Look again": { type: "Wait", seconds: 1, next: "Read page" },
      "Send page": {
        type: "Map",
        items: jsonata(`$partition($open, ${perBatch})`),
        processor: stateGraph({
          startAt: "Send batch",
          states: {
            "Send batch": {
              type: "Task",
              call: sendMessageBatch(queue),
              arguments: {
                QueueUrl: queue.url,
                // The entry's id is the message's, so that the queue knows a copy from another entry.
                Entries: jsonata(
                  "[$map($states.input, function($entry, $index) { {" +
                    '"Id": $string($index), "MessageGroupId": $entry.id.S, "MessageDeduplicationId": $entry.id.S,' +
                    ' "MessageBody": $string({"id": $entry.id.S, "customer": $entry.customer.S, "amountCents": $number($entry.amountCents.N)})' +
                    "} })]",
                ),
              },
              timeoutSeconds: callSeconds,
              retry: [{ ...passing, errors: queueTroubles, maxAttempts: 2 }],
              // What the queue has not taken.
              output: jsonata(
                "[$map($states.result.Failed, function($refusal) { $states.input[$number($refusal.Id)] })]",
              ),
              end: true,
            },
          },
        }),
        assign: {
          open: jsonata("[$reduce($states.result, function($all, $some) { $append($all, $some) }, [])]"),
          tries: jsonata("$tries + 1"),
        },
        output: {},
        next: "All taken?",
      },
      "All taken?": {
        type: "Choice",
        choices: [
          { condition: jsonata("$count($open) = 0"), next: "Mark page" },
          { condition: jsonata(`$tries < ${triesPerPage}`), next: "Let queue breathe" },
        ],
        default: "Queue refuses",
      },
      "Let queue breathe": { type: "Wait", seconds: 2, next: "Send page" },
      "Queue refuses": {
        type: "Fail",
        error: "QueueRefusesEntries",
        cause: jsonata('$string($count($open)) & " messages of a page were refused time and again"'),
      },
      "Mark page": {
        type: "Task",
        call: transactUpdates(table),
        arguments: {
          TransactItems: jsonata(
            '($now := $string($millis()); [$map($page, function($entry) { {"Update": {"TableName": $tableName,' +
              ' "Key": {"id": $entry.id}, "UpdateExpression": "SET sentAt = if_not_exists(sentAt, :now)",' +
              ' "ExpressionAttributeValues": {":now": {"N": $now}}}} })])',
          ),
        },
        timeoutSeconds: 60,
        retry: [{ ...patiently, errors: [...tableTroubles, "DynamoDb.TransactionCanceledException"] }],
        assign: { sent: jsonata("$sent + $count($page)"), held: jsonata("$held + $unsent - $count($page)") },
        output: {},
        next: "More pages?",
      },
      "More pages?": {
        type: "Choice",
        choices: [
          { condition: jsonata("$after = null"), next: "Segment walked" },
          { condition: jsonata(`$pages < ${pagesPerExecution}`), next: "Read page" },
        ],
        default: "Hand over",
      },
      "Hand over": {
        type: "Pass",
        output: {
          sent: jsonata("$sent"),
          held: jsonata("$held"),
          next: jsonata('$merge([$cursor, {"after": $after}])'),
        },
        end: true,
      },
      "Segment walked": { type: "Succeed", output: { sent: jsonata("$sent"), held: jsonata("$held") } },
    },
  });

const scan = (table: aws.dynamodb.Table): Integration => ({
  resource: "arn:aws:states:::aws-sdk:dynamodb:scan",
  permissions: [{ sid: "ReadEntries", actions: ["dynamodb:Scan"], resources: [table.arn] }],
});

/** A transaction has no permission of its own: each of its parts needs what it would need alone. */
const transactUpdates = (table: aws.dynamodb.Table): Integration => ({
  resource: "arn:aws:states:::aws-sdk:dynamodb:transactWriteItems",
  permissions: [{ sid: "MarkEntries", actions: ["dynamodb:UpdateItem"], resources: [table.arn] }],
});

const sendMessageBatch = (queue: aws.sqs.Queue): Integration => ({
  resource: "arn:aws:states:::aws-sdk:sqs:sendMessageBatch",
  permissions: [{ sid: "SendEntries", actions: ["sqs:SendMessage"], resources: [queue.arn] }],
});
