import { listObjects, readObject, writeObjects } from "../state-machine/map-integrations.ts";
import {
  jsonata,
  type ItemReader,
  type MapState,
  type ResultWriter,
  type StateGraph,
  type Value,
} from "../state-machine/states.ts";
import { addStage, graphOf } from "./compile.ts";
import type { Compilation } from "./context.ts";
import { variableOf } from "./entries.ts";
import { failingOf } from "./failing.ts";
import { jobStagesOf } from "./job-flow.ts";
import { begin, catchWithin } from "./parallel-states.ts";
import { lastResult, nameOf, resultsIn } from "./results.ts";
import { Scope, type Entry } from "./scope.ts";
import type { MapStage } from "./stage.ts";

const defaultConcurrency = 10;

export const addMap = (stage: MapStage, next: Entry, scope: Scope, all: Compilation): void => {
  const result = variableOf(stage);
  const own = [...resultsIn(stage.each), nameOf(stage.item)];
  const common = {
    type: "Map",
    maxConcurrency: stage.maxConcurrency ?? defaultConcurrency,
    assign: { ...next.assign, [scope.own(result)]: resultOfMap(stage) },
    output: {},
    next: next.name,
  } as const;
  const failing = failingOf({ ...stage, result }, scope);
  const caught = [catchWithin(stage, failing, scope, all)];
  if ("items" in stage.over) {
    const place = placeIn(stage, all);
    const inner = new Scope({ kind: "iteration", own, parent: scope, place });
    const [item, where] = place === undefined ? ["$states.input"] : ["$states.input.item", "$states.input.place"];
    const processor = processorOf(stage, inner, { item: jsonata(item), where }, all);
    scope.states[stage.name] = {
      ...common,
      items: scope.value(stage.over.items),
      ...(place !== undefined && { itemSelector: { item: jsonata(itemValue), place: indexWithin(scope) } }),
      processor,
      catch: caught,
    };
    return;
  }
  scope.states[stage.name] = { ...common, ...distributed(stage, own, scope, all), catch: caught };
};

const itemValue = "$states.context.Map.Item.Value";

/** The variable for an item's place, where events tell of runs' ends: it tells the runs of one item from others'. */
const placeIn = (stage: MapStage, all: Compilation): string | undefined =>
  jobStagesOf(stage.each).some(({ stage: job }) => all.jobOf(job).calls.completion === "event")
    ? Scope.working(variableOf(stage), "place")
    : undefined;

/** An item's number, behind that of the item that it is within. */
const indexWithin = (scope: Scope): Value => {
  const index = "$string($states.context.Map.Item.Index)";
  return scope.value(jsonata(scope.place === undefined ? index : `$${scope.place} & "." & ${index}`));
};

const resultOfMap = ({ over, results }: MapStage): Value => {
  if ("items" in over) return results === "array" ? jsonata("$states.result") : null;
  return {
    manifest: {
      bucket: jsonata("$states.result.ResultWriterDetails.Bucket"),
      key: jsonata("$states.result.ResultWriterDetails.Key"),
    },
  };
};

/** Items, each an execution of its own, which is given what its states read of the variables outside. */
const distributed = (stage: MapStage, own: readonly string[], scope: Scope, all: Compilation) => {
  const place = placeIn(stage, all);
  const inner = new Scope({ kind: { childOf: variableOf(stage) }, own, parent: scope, place });
  const isBatched = (stage.batchSize ?? 1) > 1;
  const item = jsonata(isBatched ? "$states.input.Items" : "$states.input.item");
  // No two children of an execution have one name, whatever items they have.
  const where = place === undefined ? undefined : "$states.context.Execution.Name";
  const processor = processorOf(stage, inner, { item, where }, all);
  const outer = Object.fromEntries([...inner.needed].map((name) => [name, jsonata(`$${scope.read(name)}`)]));
  return {
    mode: { mode: "DISTRIBUTED", executionType: "STANDARD" },
    label: variableOf(stage).slice(0, 40),
    reader: readerOf(stage, scope),
    ...(isBatched
      ? { batcher: { maxItemsPerBatch: stage.batchSize ?? 1, batchInput: outer } }
      : { itemSelector: { item: jsonata(itemValue), outer } }),
    writer: writerOf(stage, scope, all),
    processor,
    ...(stage.toleratedFailureCount !== undefined && { toleratedFailureCount: stage.toleratedFailureCount }),
    ...(stage.toleratedFailurePercentage !== undefined && {
      toleratedFailurePercentage: stage.toleratedFailurePercentage,
    }),
  } as const satisfies Partial<MapState<string>>;
};

interface ItemOfMap {
  readonly item: Value;
  /** JSONata for what tells it from other items. */
  readonly where: string | undefined;
}

const processorOf = (stage: MapStage, scope: Scope, { item, where }: ItemOfMap, all: Compilation): StateGraph => {
  const done = `${stage.name} ItemDone`;
  const taken = `${stage.name} TakeItem`;
  const outer = (stage.batchSize ?? 1) > 1 ? "BatchInput" : "outer";
  addStage(stage.each, { name: done, assign: {} }, scope, all);
  const before = {
    [scope.own(nameOf(stage.item))]: item,
    ...(where !== undefined && scope.place !== undefined && { [scope.own(scope.place)]: jsonata(where) }),
    ...(scope.needed.size > 0 && { [scope.outerVariable]: jsonata(`$states.input.${outer}`) }),
  };
  const startAt = begin(stage.each, taken, before, scope);
  scope.states[done] = { type: "Pass", output: itemResult(stage, scope), end: true };
  return graphOf(scope, startAt);
};

/** What an item comes to: its last stage's result, or those of all stages. */
const itemResult = ({ each, results }: MapStage, scope: Scope): Value => {
  if (results === undefined || results === "none") return {};
  const last = lastResult(each);
  if (last !== undefined) return jsonata(`$${scope.own(last)}`);
  return Object.fromEntries(resultsIn(each).map((name) => [name, jsonata(`$${scope.own(name)}`)]));
};

const readerOf = ({ over }: MapStage, scope: Scope): ItemReader => {
  if ("objects" in over) {
    const { bucket, prefix } = over.objects;
    return { call: listObjects(bucket, prefix), arguments: { Bucket: bucket.id, Prefix: prefix } };
  }
  if ("entries" in over) {
    const { bucket, key, format } = over.entries;
    return {
      call: readObject(bucket, key),
      arguments: { Bucket: bucket.id, Key: scope.value(key) },
      inputType: format,
    };
  }
  throw new Error("An inline map reads nothing from S3");
};

/** Without it the results of all items would have to fit into one payload. */
const writerOf = ({ name, results }: MapStage, scope: Scope, all: Compilation): ResultWriter => {
  const place =
    typeof results === "object" ? results.writeTo : { bucket: all.outputBucket, prefix: `maps/${slug(name)}/` };
  return {
    call: writeObjects(place.bucket, place.prefix, all.outputPermissions),
    arguments: scope.value({
      Bucket: place.bucket.id,
      Prefix: jsonata(`${JSON.stringify(`${place.prefix}execution=`)} & $executionName`),
    }),
  };
};

const slug = (name: string): string => name.toLowerCase().replace(/[^0-9a-z]+/g, "-");
