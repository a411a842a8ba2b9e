import type { Fields } from "./fields.ts";
import { MAX_DISTRIBUTED_CONCURRENCY } from "./limits.ts";
import type { Common, ParseContext } from "./parse-state.ts";
import { FAILING, parseNext } from "./parse-state.ts";
import { parseCatchers, parseRetriers } from "./parse-retry.ts";
import type { BatcherPlan, MapPlan, ScopePlan } from "./plan.ts";
import { MAX_PAYLOAD_BYTES } from "./payload.ts";
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
  const { scope, isDistributed } = parseProcessor(fields, context);
  for (const field of DISTRIBUTED) {
    if (fields.has(field) && !isDistributed) {
      fields.report(field, "needs ItemProcessor.ProcessorConfig.Mode to be DISTRIBUTED");
    }
  }
  for (const field of ["ItemReader", "ResultWriter"]) {
    if (fields.has(field)) fields.report(field, "is not simulated: read the items, or write the results, in a state");
  }
  checkItems(fields);
  return {
    ...common,
    type: "Map",
    next: parseNext(fields),
    processor: scope,
    isDistributed,
    items: fields.template("Items"),
    itemSelector: fields.template("ItemSelector"),
    batcher: parseBatcher(fields),
    maxConcurrency: fields.numberTemplate("MaxConcurrency", { min: 0, max: MAX_DISTRIBUTED_CONCURRENCY }),
    toleratedCount: fields.numberTemplate("ToleratedFailureCount", COUNT),
    toleratedPercentage: fields.numberTemplate("ToleratedFailurePercentage", { min: 0, max: 100, fractions: true }),
    retry: parseRetriers(fields),
    catch: parseCatchers(fields),
  };
}

function checkItems(fields: Fields): void {
  const items = fields.object.Items;
  if (items === undefined || isExpression(items) || (typeof items === "object" && items !== null)) return;
  fields.report("Items", `must be an array, an object or a JSONata expression in {% %}, got ${shown(items)}`);
}

function parseProcessor(fields: Fields, context: ParseContext): { scope: ScopePlan; isDistributed: boolean } {
  const processor = fields.fields("ItemProcessor");
  if (processor === undefined) {
    if (!fields.has("ItemProcessor")) fields.report("ItemProcessor", "is required: an object with StartAt and States");
    return { scope: { startAt: "", states: new Map() }, isDistributed: false };
  }
  const config = processor.fields("ProcessorConfig");
  config?.allow(["Mode", "ExecutionType"], "a ProcessorConfig");
  const isDistributed = config?.oneOf("Mode", ["INLINE", "DISTRIBUTED"]) === "DISTRIBUTED";
  const executionType = config?.oneOf("ExecutionType", ["STANDARD", "EXPRESS"]);
  if (config !== undefined && isDistributed && executionType === undefined) {
    config.report("ExecutionType", "is required in DISTRIBUTED mode: STANDARD or EXPRESS");
  }
  const scope = context.scope(processor, ["StartAt", "States", "Comment", "ProcessorConfig"], "an ItemProcessor");
  return { scope, isDistributed };
}

function parseBatcher(fields: Fields): BatcherPlan | undefined {
  const batcher = fields.fields("ItemBatcher");
  if (batcher === undefined) return undefined;
  batcher.allow(["MaxItemsPerBatch", "MaxInputBytesPerBatch", "BatchInput"], "an ItemBatcher");
  if (!batcher.has("MaxItemsPerBatch") && !batcher.has("MaxInputBytesPerBatch")) {
    fields.report("ItemBatcher", "must have MaxItemsPerBatch, MaxInputBytesPerBatch or both");
  }
  return {
    maxItems: batcher.numberTemplate("MaxItemsPerBatch", { ...COUNT, min: 1 }),
    maxBytes: batcher.numberTemplate("MaxInputBytesPerBatch", { min: 1, max: MAX_PAYLOAD_BYTES }),
    batchInput: batcher.template("BatchInput"),
  };
}
