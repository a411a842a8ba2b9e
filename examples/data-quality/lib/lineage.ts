import { createHash } from "node:crypto";
import type { Governance } from "./contract.ts";
import type { Profile } from "./profile.ts";
import type { Schema } from "./schema-drift.ts";

/** A run of the pipeline as OpenLineage tells of it, in the shape of its specification 2-0-2. */
export interface RunEvent {
  readonly eventType: "START" | "COMPLETE" | "FAIL" | "ABORT";
  readonly eventTime: string;
  readonly run: { readonly runId: string; readonly facets: Facets };
  readonly job: { readonly namespace: string; readonly name: string; readonly facets: Facets };
  readonly inputs: readonly (Dataset & { readonly inputFacets?: Facets })[];
  readonly outputs: readonly (Dataset & { readonly outputFacets?: Facets })[];
  readonly producer: string;
  readonly schemaURL: string;
}

interface Dataset {
  readonly namespace: string;
  readonly name: string;
  readonly facets: Facets;
}

type Facets = Readonly<Record<string, Facet>>;
type Facet = Readonly<Record<string, unknown>> & { readonly _producer: string; readonly _schemaURL: string };

/** An object, or the folder of a data set. */
export interface LineagePlace {
  readonly bucket: string;
  readonly key: string;
}

export interface LineageRun {
  readonly namespace: string;
  readonly dataset: string;
  /** The execution that the run began with. */
  readonly origin: string;
  /** ISO 8601. */
  readonly at: string;
}

const producer = "urn:glue-pipeline:data-quality";
const spec = "https://openlineage.io/spec";

const facet = (name: string, version: string, fields: Readonly<Record<string, unknown>>): Facet => ({
  _producer: producer,
  _schemaURL: `${spec}/facets/${version}/${name}.json#/$defs/${name}`,
  ...fields,
});

/** The landed file is being looked at. */
export const startEvent = (run: LineageRun, file: LineagePlace, governance: Governance): RunEvent => ({
  ...event("START", run),
  inputs: [{ ...named(file), facets: ownership(governance) }],
});

/** The file was accepted or quarantined; both is what the run is for. */
export const completeEvent = (
  run: LineageRun,
  {
    file,
    output,
    profile,
    governance,
    schema,
  }: {
    readonly file: LineagePlace;
    readonly output: LineagePlace;
    readonly profile: Profile;
    readonly governance: Governance;
    readonly schema: Schema;
  },
): RunEvent => {
  const columns = schemaFacet(schema, governance);
  return {
    ...event("COMPLETE", run),
    inputs: [
      {
        ...named(file),
        facets: { ...ownership(governance), ...columns },
        inputFacets: { dataQualityMetrics: metrics(profile), dataQualityAssertions: assertions(profile) },
      },
    ],
    outputs: [
      {
        ...named(output),
        facets: { ...ownership(governance), ...columns, ...tags(governance), columnLineage: identity(schema, file) },
        outputFacets: {
          outputStatistics: facet("OutputStatisticsOutputDatasetFacet", "1-0-1", {
            rowCount: profile.rows,
            size: profile.bytes,
          }),
        },
      },
    ],
  };
};

/** The run ended without having decided anything. */
export const failEvent = (
  run: LineageRun,
  { file, error, cause }: { readonly file: LineagePlace | undefined; readonly error: string; readonly cause: string },
): RunEvent => {
  const failed = event(error === "Execution.ABORTED" ? "ABORT" : "FAIL", run);
  const errorMessage = facet("ErrorMessageRunFacet", "1-0-0", {
    message: `${error}: ${cause}`,
    programmingLanguage: "Amazon States Language",
  });
  return {
    ...failed,
    run: { ...failed.run, facets: { errorMessage } },
    inputs: file === undefined ? [] : [{ ...named(file), facets: {} }],
  };
};

const event = (eventType: RunEvent["eventType"], { namespace, dataset, origin, at }: LineageRun): RunEvent => ({
  eventType,
  eventTime: at,
  run: { runId: runIdOf(origin), facets: {} },
  job: {
    namespace,
    name: `${dataset}.quality`,
    facets: {
      jobType: facet("JobTypeJobFacet", "2-0-3", { processingType: "BATCH", integration: "GLUE", jobType: "JOB" }),
    },
  },
  inputs: [],
  outputs: [],
  producer,
  schemaURL: `${spec}/2-0-2/OpenLineage.json#/$defs/RunEvent`,
});

/** A UUID made from the execution's name, so that all events of a run, and their repeats, have the same. */
export const runIdOf = (executionName: string): string => {
  const hex = createHash("sha256").update(executionName).digest("hex");
  // Version 8, a UUID of somebody's own making, and its variant.
  const digits = `${hex.slice(0, 12)}8${hex.slice(13, 16)}9${hex.slice(17, 32)}`;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
};

const named = ({ bucket, key }: LineagePlace): Pick<Dataset, "namespace" | "name"> => ({
  namespace: `s3://${bucket}`,
  name: key,
});

const ownership = ({ owner }: Governance): Facets => ({
  ownership: facet("OwnershipDatasetFacet", "1-0-0", { owners: [{ name: owner, type: "DATA_OWNER" }] }),
});

const schemaFacet = (schema: Schema, { columns }: Governance): Facets => ({
  schema: facet("SchemaDatasetFacet", "1-0-0", {
    fields: schema.map(({ name, type }) => ({
      name,
      type: type ?? "string",
      ...describedBy(columns[name]?.description),
    })),
  }),
});

const describedBy = (description: string | undefined): { description?: string } =>
  description === undefined ? {} : { description };

const tags = ({ columns }: Governance): Facets => ({
  tags: facet("TagsDatasetFacet", "1-0-0", {
    tags: Object.entries(columns).flatMap(([field, { tags: own = [] }]) =>
      own.map((value) => ({ key: "classification", value, source: "USER", field })),
    ),
  }),
});

/** Each column is what it was in the landed file: the file is copied. */
const identity = (schema: Schema, file: LineagePlace): Facet =>
  facet("ColumnLineageDatasetFacet", "1-0-1", {
    fields: Object.fromEntries(schema.map(({ name }) => [name, { inputFields: [{ ...named(file), field: name }] }])),
  });

const metrics = ({ rows, bytes, columns }: Profile): Facet =>
  facet("DataQualityMetricsInputDatasetFacet", "1-0-2", {
    rowCount: rows,
    bytes,
    fileCount: 1,
    columnMetrics: Object.fromEntries(
      columns.map(({ name, type, values, empty, distinct, min, max }) => [
        name,
        {
          nullCount: empty,
          distinctCount: distinct,
          count: values,
          ...((type === "bigint" || type === "double") &&
            min !== null &&
            max !== null && { min: Number(min), max: Number(max) }),
        },
      ]),
    ),
  });

const assertions = ({ rules }: Profile): Facet =>
  facet("DataQualityAssertionsDatasetFacet", "1-0-1", {
    assertions: rules.map(({ rule, passed, column }) => ({
      assertion: rule,
      success: passed,
      ...(column !== null && { column }),
    })),
  });
