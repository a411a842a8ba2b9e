import { readFileSync } from "node:fs";
import { isRecord } from "../../../functions/lib/json.ts";

/** A shape of a service model as botocore has it, as far as the answers of Glue's job runs need it. */
export interface Shape {
  readonly type: "structure" | "list" | "map" | "string" | "integer" | "double" | "boolean" | "timestamp";
  readonly required?: readonly string[];
  readonly members?: Readonly<Record<string, Reference>>;
  readonly member?: Reference;
  readonly key?: Reference;
  readonly value?: Reference;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  /** Of a text or a list: its length. Of a number: its value. */
  readonly min?: number;
  readonly max?: number;
  /** An error that is the service's own: its status is 500, not 400. */
  readonly fault?: boolean;
}

interface Reference {
  readonly shape: string;
}

interface ModelledOperation {
  readonly input: Reference;
  readonly output: Reference;
  readonly errors: readonly Reference[];
}

/** Some operations of a service, with the shapes that they lead to. */
export interface ServiceModel {
  readonly metadata: Readonly<Record<"apiVersion" | "jsonVersion" | "protocol" | "targetPrefix", string>>;
  readonly operations: Readonly<Record<string, ModelledOperation>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

/** What the simulation answers. */
export const operationNames = ["StartJobRun", "GetJobRun", "GetJobRuns", "BatchStopJobRun"] as const;
export type OperationName = (typeof operationNames)[number];

/** What creates the resources that the components declare. */
export const creatingOperations = ["CreateConnection", "CreateJob", "CreateSecurityConfiguration"] as const;

/** Visual jobs and connections that log in: hundreds of shapes that no job with a script has to do with. */
const leftOut = ["AuthenticationConfiguration", "CodeGenConfigurationNodes", "SourceControlDetails"];

/** An extract of botocore's model, committed so that the simulation is held to it where there is no Python. */
export const modelFile = new URL("../../golden/glue-model.json", import.meta.url);

/** Another one, of what creates resources. */
export const resourceModelFile = new URL("../../golden/glue-resource-model.json", import.meta.url);

export function glueModel(): ServiceModel {
  return JSON.parse(readFileSync(modelFile, "utf8")) as ServiceModel;
}

/** The operations of a whole service model with all shapes that they lead to, and nothing that is only to be read. */
export function extractModel(whole: ServiceModel, operations: readonly string[]): ServiceModel {
  const { apiVersion, jsonVersion, protocol, targetPrefix } = whole.metadata;
  const kept: Record<string, ModelledOperation> = {};
  const shapes: Record<string, Shape> = {};
  const keep = ({ shape: name }: Reference): void => {
    if (name in shapes) return;
    const shape = shapeOf(whole, name);
    shapes[name] = { ...shape, ...(shape.members && { members: omit(shape.members, leftOut) }) };
    [...Object.values(shapes[name].members ?? {}), shape.member, shape.key, shape.value].forEach((next) => {
      if (next !== undefined) keep(next);
    });
  };
  for (const name of operations) {
    const { input, output, errors } = operationOf(whole, name);
    kept[name] = { input, output, errors };
    [input, output, ...errors].forEach(keep);
  }
  const sorted = Object.fromEntries(Object.entries(shapes).sort(([a], [b]) => (a < b ? -1 : 1)));
  const metadata = { apiVersion, jsonVersion, protocol, targetPrefix };
  return withoutDocumentation({ metadata, operations: kept, shapes: sorted }) as ServiceModel;
}

const omit = <Value>(record: Readonly<Record<string, Value>>, names: readonly string[]): Record<string, Value> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));

export function operationOf(model: ServiceModel, name: string): ModelledOperation {
  const operation = model.operations[name];
  if (operation === undefined) throw new Error(`The model has no operation ${name}`);
  return operation;
}

export function shapeOf(model: ServiceModel, name: string): Shape {
  const shape = model.shapes[name];
  if (shape === undefined) throw new Error(`The model has no shape ${name}`);
  return shape;
}

function withoutDocumentation(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDocumentation);
  if (!isRecord(value)) return value;
  const rest = Object.entries(value).filter(([key, item]) => !(key === "documentation" && typeof item === "string"));
  return Object.fromEntries(rest.map(([key, item]) => [key, withoutDocumentation(item)]));
}
