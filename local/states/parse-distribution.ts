import type { Fields } from "./fields.ts";
import { MAX_PAYLOAD_BYTES } from "./payload.ts";
import type { BatcherPlan, ReaderPlan, WriterPlan } from "./plan.ts";
import { shown } from "./problems.ts";
import { Constant } from "./template.ts";

const COUNT = { min: 0, max: Number.MAX_SAFE_INTEGER };

export function parseBatcher(fields: Fields): BatcherPlan | undefined {
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

const DELIMITERS = { COMMA: ",", PIPE: "|", SEMICOLON: ";", SPACE: " ", TAB: "\t" } as const;
const DELIMITER_NAMES = ["COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"] as const;

export function parseReader(fields: Fields): ReaderPlan | undefined {
  const reader = fields.fields("ItemReader");
  if (reader === undefined) return undefined;
  reader.allow(["Resource", "Arguments", "ReaderConfig"], "an ItemReader");
  const resource = reader.requiredString("Resource");
  const operation = /^arn:aws[a-z-]*:states:::s3:(getObject|listObjectsV2)$/.exec(resource)?.[1];
  if (operation === undefined && resource !== "") {
    reader.report("Resource", `must be arn:aws:states:::s3:getObject or s3:listObjectsV2, got ${shown(resource)}`);
  }
  if (!reader.has("Arguments")) reader.report("Arguments", "is required: an object with Bucket, and Key or Prefix");
  const config = reader.fields("ReaderConfig");
  config?.allow(["InputType", "CSVHeaderLocation", "CSVHeaders", "CSVDelimiter", "MaxItems"], "a ReaderConfig here");
  const inputType = config?.oneOf("InputType", ["JSON", "JSONL", "CSV"]);
  if (operation === "getObject" && config?.object.InputType === undefined) {
    reader.report("ReaderConfig.InputType", "is required with s3:getObject: JSON, JSONL or CSV");
  }
  if (operation === "listObjectsV2" && inputType !== undefined) {
    reader.report("ReaderConfig.InputType", "belongs to s3:getObject");
  }
  const isCsv = inputType === "CSV";
  const delimiter = isCsv ? config?.oneOf("CSVDelimiter", DELIMITER_NAMES) : undefined;
  return {
    operation: operation === "listObjectsV2" ? operation : "getObject",
    arguments: reader.template("Arguments") ?? new Constant("ItemReader/Arguments", {}),
    inputType,
    delimiter: DELIMITERS[delimiter ?? "COMMA"],
    headers: isCsv && config !== undefined ? parseHeaders(config) : undefined,
    maxItems: config?.numberTemplate("MaxItems", { min: 0, max: 100_000_000 }),
  };
}

function parseHeaders(config: Fields): readonly string[] | undefined {
  const where = config.oneOf("CSVHeaderLocation", ["FIRST_ROW", "GIVEN"]);
  if (!config.has("CSVHeaderLocation")) {
    config.report("CSVHeaderLocation", "is required with CSV: FIRST_ROW or GIVEN");
  }
  const headers: unknown = config.object.CSVHeaders;
  if (where !== "GIVEN") {
    if (headers !== undefined) config.report("CSVHeaders", "needs CSVHeaderLocation to be GIVEN");
    return undefined;
  }
  const names = Array.isArray(headers) ? headers.filter((name) => typeof name === "string") : [];
  if (!Array.isArray(headers) || names.length < headers.length || names.length === 0) {
    config.report("CSVHeaders", `must be an array of texts, got ${shown(headers)}`);
  }
  return names;
}

export function parseWriter(fields: Fields): WriterPlan | undefined {
  const writer = fields.fields("ResultWriter");
  if (writer === undefined) return undefined;
  writer.allow(["Resource", "Arguments", "WriterConfig"], "a ResultWriter");
  const resource = writer.string("Resource");
  if (resource !== undefined && !/^arn:aws[a-z-]*:states:::s3:putObject$/.test(resource)) {
    writer.report("Resource", `must be arn:aws:states:::s3:putObject, got ${shown(resource)}`);
  }
  if (writer.has("Resource") !== writer.has("Arguments")) {
    writer.report("Resource", "and Arguments (Bucket and Prefix) belong together");
  }
  const config = writer.fields("WriterConfig");
  if (resource === undefined && config === undefined) {
    fields.report("ResultWriter", "must have Resource and Arguments, WriterConfig or all three");
  }
  config?.allow(["Transformation", "OutputType"], "a WriterConfig");
  const outputType = config?.oneOf("OutputType", ["JSON", "JSONL"]) ?? "JSON";
  if (resource === undefined && outputType === "JSONL") {
    writer.report("WriterConfig.OutputType", "JSONL is simulated for results that are written to S3 only");
  }
  return {
    arguments: writer.template("Arguments"),
    transformation: config?.oneOf("Transformation", ["NONE", "COMPACT", "FLATTEN"]) ?? "NONE",
    outputType,
  };
}
