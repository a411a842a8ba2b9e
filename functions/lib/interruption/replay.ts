import type { HistoryEvent } from "@aws-sdk/client-sfn";
import { isRecord } from "../json.ts";
import type { Executions } from "../aws.ts";

/** What a replay of an execution of stages can begin with. */
export interface ReplayPlan {
  /** Stages that a replay can go on from. */
  readonly from: readonly string[];
  /** Variables of results, without their dollar signs. */
  readonly results: readonly string[];
}

/** More than this is not carried over: a replay then begins at the beginning. */
const maxCarriedOver = 30_000;

/** What states of a stage are called behind its name. */
const verbs = [
  "StartJobRun",
  "FindJobRun",
  "WaitForJobRun",
  "GetJobRun",
  "CheckJobRun",
  "BackOff",
  "StopJobRun",
  "StopRuns",
  "Failed",
];

/**
 * The input of an execution that goes on from the stage at which this one was interrupted, as its history shows it; its
 * own input where that shows no stage.
 */
export async function replayOf(
  executions: Executions,
  { executionArn, name }: { readonly executionArn: string; readonly name: string },
  input: unknown,
  plan: ReplayPlan,
): Promise<unknown> {
  const rest = isRecord(input) ? Object.fromEntries(Object.entries(input).filter(([key]) => key !== "resume")) : {};
  const { from, variables } = await progressOf(executions, executionArn, plan);
  const results = Object.fromEntries([...variables].filter(([variable]) => plan.results.includes(variable)));
  if (from === undefined || JSON.stringify(results).length > maxCarriedOver) return rest;
  return { ...rest, resume: { from, executionName: variables.get("origin") ?? name, results } };
}

interface Progress {
  readonly from: string | undefined;
  readonly variables: ReadonlyMap<string, unknown>;
}

async function progressOf(executions: Executions, executionArn: string, plan: ReplayPlan): Promise<Progress> {
  const stageOf = new Map(
    plan.from.flatMap((stage) => [stage, ...verbs.map((verb) => `${stage} ${verb}`)].map((state) => [state, stage])),
  );
  const variables = new Map<string, unknown>();
  let from: string | undefined;
  let nextToken: string | undefined;
  do {
    const page = await executions.getExecutionHistory({
      executionArn,
      maxResults: 1000,
      ...(nextToken !== undefined && { nextToken }),
    });
    for (const event of page.events ?? []) {
      from = stageOf.get(event.stateEnteredEventDetails?.name ?? "") ?? from;
      for (const [variable, value] of assignedBy(event)) variables.set(variable, value);
    }
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return { from, variables };
}

/** What has been cut off is no JSON, and is left out. */
function assignedBy({ stateExitedEventDetails: exited }: HistoryEvent): readonly (readonly [string, unknown])[] {
  if (exited?.assignedVariablesDetails?.truncated === true) return [];
  return Object.entries(exited?.assignedVariables ?? {}).map(([name, value]) => [name, JSON.parse(value) as unknown]);
}
