import type * as aws from "@pulumi/aws";
import { invokeFunction } from "../state-machine/integrations.ts";
import type { Value } from "../state-machine/states.ts";
import type {
  Branch,
  ChoiceStage,
  JobStage,
  JobStageArgs,
  MapStage,
  MapStageArgs,
  ParallelStage,
  SequenceStage,
  Stage,
  TaskStage,
  TaskStageArgs,
  WaitStage,
} from "./stage.ts";

/** A run of a Glue job. @example job("Clean", { job: { script: new URL("./clean.py", import.meta.url) } }) */
export const job = (name: string, args: JobStageArgs): JobStage => ({
  kind: "job",
  name,
  result: resultOf(name),
  ...args,
});

/** A call of an AWS service; see `components/state-machine/*integrations.ts` for what can be called. */
export const task = (name: string, args: TaskStageArgs): TaskStage => ({
  kind: "task",
  name,
  result: resultOf(name),
  ...args,
});

/** A call of a function, which is given `payload`. */
export const invoke = (name: string, { function: lambda, payload, ...args }: InvokeArgs): TaskStage =>
  task(name, {
    ...args,
    call: invokeFunction(`Invoke${pascal(name)}`, lambda),
    ...(payload !== undefined && { arguments: payload }),
  });

export type InvokeArgs = Omit<TaskStageArgs, "call" | "arguments"> & {
  readonly function: aws.lambda.Function;
  readonly payload?: Value;
};

export const wait = (name: string, { seconds }: Pick<WaitStage, "seconds">): WaitStage => ({
  kind: "wait",
  name,
  seconds,
});

export const sequence = (...stages: readonly Stage[]): SequenceStage => ({ kind: "sequence", stages });

export const parallel = (name: string, ...branches: readonly Stage[]): ParallelStage => ({
  kind: "parallel",
  name,
  branches,
});

export const choice = (
  name: string,
  args: { readonly when: readonly Branch[]; readonly otherwise?: Stage },
): ChoiceStage => ({ kind: "choice", name, ...args });

export const map = (name: string, { each, ...args }: MapStageArgs): MapStage => {
  const item = `${resultOf(name)}Item`;
  return { kind: "map", name, result: resultOf(name), item, each: each(item), ...args };
};

/** `Clean orders` → `$cleanOrders`. */
export const resultOf = (name: string): string => {
  const words = pascal(name);
  return `$${words.charAt(0).toLowerCase()}${words.slice(1)}`;
};

/** `Clean orders` → `CleanOrders`. */
const pascal = (name: string): string =>
  name
    .split(/[^0-9A-Za-z]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
