import type { Fields } from "./fields.ts";
import { parseCatchers, parseRetriers } from "./parse-retry.ts";
import { parseMap } from "./parse-map.ts";
import type { ChoicePlan, FailPlan, ParallelPlan, ScopePlan, StatePlan, TaskPlan, WaitPlan } from "./plan.ts";
import { shown } from "./problems.ts";
import { SECONDS } from "./limits.ts";

/** What parsing a state needs to know of the rest. */
export interface ParseContext {
  /** Parses a nested machine, a branch's or a Map's. */
  readonly scope: (fields: Fields, allowed: readonly string[], what: string, isExpress?: boolean) => ScopePlan;
  /** Whether the state is part of executions of that type. */
  readonly isExpress: boolean;
  /** Of the machine's distributed Maps so far. */
  readonly labels: Set<string>;
  /** What is wrong with a Task's Resource, if anything. */
  readonly checkResource: (resource: string) => string | undefined;
}

export interface Common {
  readonly name: string;
  readonly needsContext: boolean;
  readonly assign: StatePlan["assign"];
  readonly output: StatePlan["output"];
}

const COMMON = ["Type", "Comment", "QueryLanguage"];
const LEADING = [...COMMON, "Next", "End", "Assign", "Output"];
export const FAILING = [...LEADING, "Retry", "Catch"];

const TYPES = ["Task", "Choice", "Wait", "Pass", "Succeed", "Fail", "Parallel", "Map"] as const;

/** Reads one state; undefined where it is too wrong to go on. */
export function parseState(name: string, fields: Fields, context: ParseContext): StatePlan | undefined {
  if (!fields.has("Type")) fields.report("Type", `is required: one of ${TYPES.join(", ")}`);
  const type = fields.oneOf("Type", TYPES);
  if (type === undefined) return undefined;
  if (name.length === 0 || name.length > 80) {
    fields.problems.add(fields.path, `must have a name of 1 to 80 characters, got ${name.length}`);
  }
  const common: Common = {
    name,
    needsContext: readsContext(fields.object),
    assign: fields.assign(),
    output: fields.template("Output"),
  };
  switch (type) {
    case "Task":
      return parseTask(fields, common, context);
    case "Choice":
      return parseChoice(fields, common);
    case "Wait":
      return parseWait(fields, common);
    case "Pass":
      fields.allow(LEADING, "a Pass state");
      return { ...common, type, next: parseNext(fields) };
    case "Succeed":
      fields.allow([...COMMON, "Output"], "a Succeed state");
      return { ...common, type };
    case "Fail":
      return parseFail(fields, common);
    case "Parallel":
      return parseParallel(fields, common, context);
    case "Map":
      return parseMap(fields, common, context);
  }
}

/** Whether `$states` is used other than for what is always there. */
function readsContext(object: unknown): boolean {
  const text = JSON.stringify(object);
  const all = text.match(/\$states\b/g)?.length ?? 0;
  const plain = text.match(/\$states\s*\.\s*(input|result|errorOutput)\b/g)?.length ?? 0;
  return all > plain;
}

/** Next or End, exactly one of them. */
export function parseNext(fields: Fields): string | undefined {
  const end = fields.object.End;
  if (end !== undefined && typeof end !== "boolean") fields.report("End", `must be true, got ${shown(end)}`);
  if (fields.has("Next") === (end === true)) {
    fields.report("Next", "or End: true is required, one of the two");
  }
  return fields.string("Next");
}

function parseTask(fields: Fields, common: Common, context: ParseContext): TaskPlan {
  fields.allow(
    [...FAILING, "Resource", "Arguments", "TimeoutSeconds", "HeartbeatSeconds", "Credentials"],
    "a Task state",
  );
  if (fields.has("Credentials")) fields.report("Credentials", "is not supported: tasks run as the machine's role");
  const resource = fields.requiredString("Resource");
  const problem = resource === "" ? undefined : context.checkResource(resource);
  if (problem !== undefined) fields.report("Resource", problem);
  const [waits] = /\.(sync(:2)?|waitForTaskToken)$/.exec(resource) ?? [];
  if (context.isExpress && waits !== undefined) {
    fields.report("Resource", `must not wait (${waits.replace(":2", "")}) in an EXPRESS machine, got "${resource}"`);
  }
  const { TimeoutSeconds: timeout, HeartbeatSeconds: heartbeat } = fields.object;
  if (typeof heartbeat === "number" && typeof timeout === "number" && heartbeat >= timeout) {
    fields.report("HeartbeatSeconds", `must be less than TimeoutSeconds (${timeout}), got ${heartbeat}`);
  }
  return {
    ...common,
    type: "Task",
    next: parseNext(fields),
    resource,
    arguments: fields.template("Arguments"),
    timeoutSeconds: fields.numberTemplate("TimeoutSeconds", { ...SECONDS, min: 1 }),
    heartbeatSeconds: fields.numberTemplate("HeartbeatSeconds", { ...SECONDS, min: 1 }),
    retry: parseRetriers(fields),
    catch: parseCatchers(fields),
  };
}

function parseChoice(fields: Fields, common: Common): ChoicePlan {
  fields.allow([...COMMON, "Choices", "Default", "Assign", "Output"], "a Choice state");
  const rules = fields.objects("Choices");
  if (rules.length === 0) fields.report("Choices", "must have at least one rule");
  const choices = rules.flatMap((rule) => {
    rule.allow(["Condition", "Next", "Assign", "Output", "Comment"], "a choice rule");
    const condition = rule.expression("Condition");
    const plan = { next: rule.requiredString("Next"), assign: rule.assign(), output: rule.template("Output") };
    return condition === undefined ? [] : [{ condition, ...plan }];
  });
  return { ...common, type: "Choice", choices, default: fields.string("Default") };
}

function parseWait(fields: Fields, common: Common): WaitPlan {
  fields.allow([...LEADING, "Seconds", "Timestamp"], "a Wait state");
  if (fields.has("Seconds") === fields.has("Timestamp")) {
    fields.report("Seconds", "or Timestamp is required, one of the two");
  }
  const timestamp = fields.stringTemplate("Timestamp");
  return {
    ...common,
    type: "Wait",
    next: parseNext(fields),
    seconds: fields.numberTemplate("Seconds", SECONDS),
    timestamp,
  };
}

function parseFail(fields: Fields, common: Common): FailPlan {
  fields.allow([...COMMON, "Error", "Cause"], "a Fail state");
  return { ...common, type: "Fail", error: fields.stringTemplate("Error"), cause: fields.stringTemplate("Cause") };
}

function parseParallel(fields: Fields, common: Common, context: ParseContext): ParallelPlan {
  fields.allow([...FAILING, "Branches", "Arguments"], "a Parallel state");
  const branches = fields.objects("Branches");
  if (branches.length === 0) fields.report("Branches", "must have at least one branch");
  return {
    ...common,
    type: "Parallel",
    next: parseNext(fields),
    arguments: fields.template("Arguments"),
    branches: branches.map((branch) => context.scope(branch, ["StartAt", "States", "Comment"], "a branch")),
    retry: parseRetriers(fields),
    catch: parseCatchers(fields),
  };
}
