import type * as aws from "@pulumi/aws";
import { invokeFunction } from "../../components/state-machine/integrations.ts";
import { jsonata, stateGraph, type StateGraph } from "../../components/state-machine/states.ts";
import { transient } from "../../components/task-retries.ts";
import { defaultEntries, mostEntries } from "./entries.ts";
import { segmentGraph } from "./segment.ts";

export interface MachineParts {
  readonly table: aws.dynamodb.Table;
  readonly queue: aws.sqs.Queue;
  readonly fill: aws.lambda.Function;
}

/** Executions that walk the table at the same time, and entries below which another is not worth it. */
const mostSegments = 40;
const entriesPerSegment = 500;

/**
 * Fills the table, then has each part of it walked by an execution of its own. One that has walked far enough hands back
 * where it stands and is followed by another, so that no history ever fills up.
 */
export const tableToQueue = ({ table, queue, fill }: MachineParts): StateGraph =>
  stateGraph({
    startAt: "Read input",
    states: {
      "Read input": {
        type: "Pass",
        assign: {
          entries: jsonata(`$exists($states.input.entries) ? $states.input.entries : ${defaultEntries}`),
          inDoubt: jsonata('$exists($states.input.inDoubt) ? $states.input.inDoubt : "hold"'),
          filled: 0,
          allSent: 0,
          allHeld: 0,
        },
        next: "Check input",
      },
      "Check input": {
        type: "Choice",
        choices: [
          {
            condition: jsonata(
              `$type($entries) = "number" and $entries >= 0 and $entries <= ${mostEntries} and $floor($entries) = $entries and ($inDoubt in ["hold", "send"])`,
            ),
            next: "Table filled?",
          },
        ],
        default: "Refuse input",
      },
      "Refuse input": {
        type: "Fail",
        error: "InvalidInput",
        cause: jsonata(
          `"entries must be a whole number of 0 to ${mostEntries}, got " & $string($entries) & "; inDoubt must be hold or send, got " & $string($inDoubt)`,
        ),
      },
      "Table filled?": {
        type: "Choice",
        choices: [{ condition: jsonata("$filled < $entries"), next: "Fill table" }],
        default: "Plan segments",
      },
      "Fill table": {
        type: "Task",
        call: invokeFunction("FillTable", fill),
        arguments: { from: jsonata("$filled"), until: jsonata("$entries") },
        timeoutSeconds: 90,
        // To fill twice is to fill once, so whatever went wrong, it may be done again.
        retry: [
          transient,
          { errors: ["States.ALL"], intervalSeconds: 2, maxAttempts: 3, backoffRate: 2, jitter: "FULL" },
        ],
        assign: { filled: jsonata("$states.result.filled") },
        next: "Table filled?",
      },
      "Plan segments": {
        type: "Pass",
        assign: {
          cursors: jsonata(
            `($of := $max([1, $min([${mostSegments}, $ceil($entries / ${entriesPerSegment})])]);` +
              ' [$map([0..$of - 1], function($index) { {"segment": $index, "of": $of, "after": null, "inDoubt": $inDoubt} })])',
          ),
        },
        next: "Send entries",
      },
      "Send entries": {
        type: "Map",
        items: jsonata("$cursors"),
        mode: { mode: "DISTRIBUTED", executionType: "STANDARD" },
        label: "Segment",
        maxConcurrency: mostSegments,
        processor: segmentGraph({ table, queue }),
        assign: {
          cursors: jsonata("[$states.result.next]"),
          allSent: jsonata("$sum([$allSent, $states.result.sent])"),
          allHeld: jsonata("$sum([$allHeld, $states.result.held])"),
        },
        output: {},
        next: "All walked?",
      },
      "All walked?": {
        type: "Choice",
        choices: [
          { condition: jsonata("$count($cursors) > 0"), next: "Send entries" },
          { condition: jsonata("$allHeld > 0"), next: "Report doubt" },
        ],
        default: "Done",
      },
      "Report doubt": {
        type: "Fail",
        error: "EntriesInDoubt",
        cause: jsonata(
          `$string($allSent) & " entries were sent; " & $string($allHeld) & " were claimed by an execution that ended before it could say whether it sent them, too long ago for the queue to drop a second copy. Look whether they have arrived, then start an execution with inDoubt: send, or set their sentAt"`,
        ),
      },
      Done: { type: "Succeed", output: { entries: jsonata("$entries"), sent: jsonata("$allSent") } },
    },
  });
