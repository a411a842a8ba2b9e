import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

/** What OpenLineage's specification demands of an event (2-0-2) and of the facets that are used here. */
const text = { type: "string" };
const uri = { type: "string", format: "uri" };
const integer = { type: "integer" };
const number = { type: "number" };
const object = (properties: object, required: readonly string[], more: object = {}) => ({
  type: "object",
  properties,
  required,
  ...more,
});
const list = (items: object) => ({ type: "array", items });
const mapOf = (additionalProperties: object) => ({ type: "object", additionalProperties });

const facets = mapOf(object({ _producer: uri, _schemaURL: uri }, ["_producer", "_schemaURL"]));
const dataset = (own: string) => object({ namespace: text, name: text, facets, [own]: facets }, ["namespace", "name"]);

const runEvent = object(
  {
    eventType: { enum: ["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"] },
    eventTime: { type: "string", format: "date-time" },
    run: object({ runId: { type: "string", format: "uuid" }, facets }, ["runId"]),
    job: object({ namespace: text, name: text, facets }, ["namespace", "name"]),
    inputs: list(dataset("inputFacets")),
    outputs: list(dataset("outputFacets")),
    producer: uri,
    schemaURL: uri,
  },
  ["run", "job", "eventTime", "producer", "schemaURL"],
);

const columnMetrics = object(
  { nullCount: integer, distinctCount: integer, sum: number, count: number, min: number, max: number },
  [],
);

const facetSchemas: Readonly<Record<string, object>> = {
  JobTypeJobFacet: object({ processingType: text, integration: text, jobType: text }, [
    "processingType",
    "integration",
  ]),
  ErrorMessageRunFacet: object({ message: text, programmingLanguage: text, stackTrace: text }, [
    "message",
    "programmingLanguage",
  ]),
  OwnershipDatasetFacet: object({ owners: list(object({ name: text, type: text }, ["name"])) }, []),
  SchemaDatasetFacet: object({ fields: list(object({ name: text, type: text, description: text }, ["name"])) }, []),
  TagsDatasetFacet: object(
    { tags: list(object({ key: text, value: text, source: text, field: text }, ["key", "value"])) },
    [],
  ),
  ColumnLineageDatasetFacet: object(
    {
      fields: mapOf(
        object(
          { inputFields: list(object({ namespace: text, name: text, field: text }, ["namespace", "name", "field"])) },
          ["inputFields"],
        ),
      ),
    },
    ["fields"],
  ),
  DataQualityMetricsInputDatasetFacet: object(
    { rowCount: integer, bytes: integer, fileCount: integer, columnMetrics: mapOf(columnMetrics) },
    ["columnMetrics"],
  ),
  DataQualityAssertionsDatasetFacet: object(
    {
      assertions: list(
        object({ assertion: text, success: { type: "boolean" }, column: text }, ["assertion", "success"]),
      ),
    },
    ["assertions"],
  ),
  OutputStatisticsOutputDatasetFacet: object({ rowCount: integer, size: integer }, ["rowCount"]),
};

const ajv = new Ajv2020({ strict: true, allErrors: true });
addFormats.default(ajv);
const validateEvent = ajv.compile(runEvent);
const validators = new Map(Object.entries(facetSchemas).map(([name, schema]) => [name, ajv.compile(schema)]));

/** What is wrong with an event, each facet held against the schema that it names; nothing where it is valid. */
export const problemsOf = (event: unknown): readonly string[] => [
  ...problems("event", validateEvent, event),
  ...facetsIn(event).flatMap((facet) => {
    const name = /^https:\/\/openlineage\.io\/spec\/facets\/\d+-\d+-\d+\/(\w+)\.json#\/\$defs\/\1$/.exec(
      facet._schemaURL,
    )?.[1];
    const validate = validators.get(name ?? "");
    return validate === undefined
      ? [`${facet._schemaURL} is no facet of the specification`]
      : problems(name ?? "", validate, facet);
  }),
];

const problems = (what: string, validate: ValidateFunction, value: unknown): readonly string[] =>
  validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${what}${instancePath} ${message ?? ""}`);

interface Facet {
  readonly _schemaURL: string;
}

const facetsIn = (value: unknown): readonly Facet[] => {
  if (typeof value !== "object" || value === null) return [];
  const inside = Object.values(value).flatMap(facetsIn);
  return "_schemaURL" in value ? [value as Facet, ...inside] : inside;
};
