import type { Fields } from "./fields.ts";
import { MAX_DISTRIBUTED_CONCURRENCY } from "./limits.ts";
import { parseBatcher, parseReader, parseWriter } from "./parse-distribution.ts";
import type { Common, ParseContext } from "./parse-state.ts";
import { FAILING, parseNext } from "./parse-state.ts";
import { parseCatchers, parseRetriers } from "./parse-retry.ts";
import type { DistributionPlan, MapPlan, ScopePlan } from "./plan.ts";
import { shown } from "./problems.ts";
import { isExpression } from "./template.ts";

const MAP = ["ItemProcessor", "Items", "ItemSelector", "MaxConcurrency"];
const DISTRIBUTED = [
  "ItemReader",
  "ItemBatcher",
  "ResultWriter",
  "Label",
  "ToleratedFailureCount",
  "ToleratedFailurePercentage",
];
const COUNT = { min: 0, max: Number.MAX_SAFE_INTEGER };

export function parseMap(fields: Fields, common: Common, context: ParseContext): MapPlan {
  if (fields.has("Iterator")) fields.report("Iterator", "is the old name of ItemProcessor: use that");
  fields.allow([...FAILING, ...MAP, ...DISTRIBUTED, "Iterator"], "a Map state");
  const { scope, executionType } = parseProcessor(fields, context);
  for (const field of DISTRIBUTED) {
    if (fields.has(field) && executionType === undefined) {
      fields.report(field, "needs ItemProcessor.ProcessorConfig.Mode to be DISTRIBUTED");
    }
  }
  checkItems(fields);
  return {
    ...common,
    type: "Map",
    next: parseNext(fields),
    processor: scope,
    items: fields.template("Items"),
    itemSelector: fields.template("ItemSelector"),
    maxConcurrency: fields.numberTemplate("MaxConcurrency", { min: 0, max: MAX_DISTRIBUTED_CONCURRENCY }),
    distribution: executionType === undefined ? undefined : parseDistribution(fields, executionType, common, context),
    retry: parseRetriers(fields),
    catch: parseCatchers(fields),
  };
}

function parseDistribution(
  fields: Fields,
  executionType: DistributionPlan["executionType"],
  { name }: Common,
  context: ParseContext,
): DistributionPlan {
  return {
    label: parseLabel(fields, name, context),
    executionType,
    reader: parseReader(fields),
    batcher: parseBatcher(fields),
    writer: parseWriter(fields),
    toleratedCount: fields.numberTemplate("ToleratedFailureCount", COUNT),
    toleratedPercentage: fields.numberTemplate("ToleratedFailurePercentage", { min: 0, max: 100, fractions: true }),
  };
}

/** A part of the ARNs of a Map's executions. */
function parseLabel(fields: Fields, name: string, { labels }: ParseContext): string {
  const given = fields.string("Label");
  if (given !== undefined && (given.length === 0 || given.length > 40 || FORBIDDEN.test(given))) {
    fields.report(
      "Label",
      `must have 1 to 40 characters, none of them blank or one of ?*<>{}[]:;,\\|^~$#%&\`", got ${shown(given)}`,
    );
  }
  const label = given ?? freeLabel(name, labels);
  if (labels.has(label)) fields.report("Label", `must be unique in the machine, got ${shown(label)}`);
  labels.add(label);
  return label;
}

const FORBIDDEN = /[\s?*<>{}[\]:;,\\|^~$#%&`"\p{Cc}/]/u;

/** AWS makes a label up where there is none; this one is the state's name, as far as it will do. */
function freeLabel(name: string, labels: ReadonlySet<string>): string {
  const base = name.replaceAll(new RegExp(FORBIDDEN, "gu"), "").slice(0, 36) || "Map";
  let label = base;
  for (let number = 2; labels.has(label); number++) label = `${base}${number}`;
  return label;
}

function checkItems(fields: Fields): void {
  const items = fields.object.Items;
  if (fields.has("Items") && fields.has("ItemReader")) fields.report("Items", "or ItemReader may be there, not both");
  if (items === undefined || isExpression(items) || (typeof items === "object" && items !== null)) return;
  fields.report("Items", `must be an array, an object or a JSONata expression in {% %}, got ${shown(items)}`);
}

interface Processor {
  readonly scope: ScopePlan;
  /** Undefined: the iterations are a part of the execution. */
  readonly executionType: DistributionPlan["executionType"] | undefined;
}

function parseProcessor(fields: Fields, context: ParseContext): Processor {
  const processor = fields.fields("ItemProcessor");
  if (processor === undefined) {
    if (!fields.has("ItemProcessor")) fields.report("ItemProcessor", "is required: an object with StartAt and States");
    return { scope: { startAt: "", states: new Map() }, executionType: undefined };
  }
  const config = processor.fields("ProcessorConfig");
  config?.allow(["Mode", "ExecutionType"], "a ProcessorConfig");
  const isDistributed = config?.oneOf("Mode", ["INLINE", "DISTRIBUTED"]) === "DISTRIBUTED";
  const asked = config?.oneOf("ExecutionType", ["STANDARD", "EXPRESS"]);
  if (config !== undefined && isDistributed && asked === undefined) {
    config.report("ExecutionType", "is required in DISTRIBUTED mode: STANDARD or EXPRESS");
  }
  if (config !== undefined && !isDistributed && asked !== undefined) {
    config.report("ExecutionType", "needs Mode to be DISTRIBUTED");
  }
  if (config !== undefined && isDistributed && context.isExpress) {
    config.report("Mode", "must be INLINE in an EXPRESS machine, or in executions of type EXPRESS");
  }
  const executionType = isDistributed ? (asked ?? "STANDARD") : undefined;
  const allowed = ["StartAt", "States", "Comment", "ProcessorConfig"];
  const scope = context.scope(processor, allowed, "an ItemProcessor", context.isExpress || executionType === "EXPRESS");
  return { scope, executionType };
}
