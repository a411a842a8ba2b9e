import { expect } from "chai";
import { readFileSync } from "node:fs";
import { isRecord } from "../../functions/lib/json.ts";
import type { Resource, ResourceGraph } from "../../local/resource-graph.ts";
import { resourceModelFile, type ServiceModel } from "../support/glue/model.ts";
import { problemsOf } from "../support/glue/validator.ts";
import { graphOf, resourcesOf } from "../support/stacks.ts";

const model = JSON.parse(readFileSync(resourceModelFile, "utf8")) as ServiceModel;

/** Fields of the provider that the API calls otherwise. */
const renamed: Readonly<Record<string, string>> = {
  roleArn: "Role",
  cloudwatchEncryption: "CloudWatchEncryption",
  cloudwatchEncryptionMode: "CloudWatchEncryptionMode",
  securityGroupIdLists: "SecurityGroupIdList",
};

/** What holds keys of the user's: they stay as they are. */
const maps = ["defaultArguments", "nonOverridableArguments", "tags", "connectionProperties"];

/** What the API has and the provider does not say, or says elsewhere. */
const requestOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(requestOf);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([name, item]) => {
        const field = renamed[name] ?? name.charAt(0).toUpperCase() + name.slice(1);
        return [field, maps.includes(name) ? item : requestOf(item)];
      }),
  );
};

const given = ({ properties, given: names }: Resource): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(properties).filter(([name]) => names.includes(name) || name === "name"));

const jobRequest = (job: Resource): unknown => {
  const { connections, ...rest } = given(job);
  return {
    ...(requestOf(rest) as object),
    ...(connections !== undefined && { Connections: { Connections: connections } }),
  };
};

const securityRequest = (configuration: Resource): unknown => {
  const { name, encryptionConfiguration } = given(configuration);
  const { S3Encryption, ...modes } = requestOf(encryptionConfiguration) as Record<string, unknown>;
  // The provider takes one way to encrypt what is in S3, the API a list.
  return { Name: name, EncryptionConfiguration: { ...modes, S3Encryption: [S3Encryption] } };
};

const connectionRequest = (connection: Resource): unknown => {
  const { tags, ...input } = given(connection);
  // The API asks for properties of each connection; the provider sends none where there are none.
  return {
    ConnectionInput: { ConnectionProperties: {}, ...(requestOf(input) as object) },
    ...(tags !== undefined && { Tags: tags }),
  };
};

const problemsIn = (graph: ResourceGraph): readonly string[] =>
  [
    ["aws:glue/job:Job", "CreateJobRequest", jobRequest],
    ["aws:glue/securityConfiguration:SecurityConfiguration", "CreateSecurityConfigurationRequest", securityRequest],
    ["aws:glue/connection:Connection", "CreateConnectionRequest", connectionRequest],
  ].flatMap(([type, shape, request]) =>
    resourcesOf(graph, type as string).flatMap((resource) =>
      problemsOf(model, shape as string, (request as (resource: Resource) => unknown)(resource)),
    ),
  );

describe("What the components declare of Glue", () => {
  const kinds: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    "a Spark job with all its options": {
      glueVersion: "4.0",
      workerType: "R.2X",
      numberOfWorkers: "9",
      autoScaling: "true",
      notifyDelayAfterMinutes: "20",
      connections: '["db"]',
      bookmarks: "enable",
      sparkUi: "true",
      continuousLogging: "true",
      datalakeFormats: '["iceberg"]',
      tags: '{"team": "data"}',
    },
    "a stream": { jobKind: "streaming", maintenanceWindow: "Sun:3" },
    "a Python shell": { jobKind: "pythonshell", maxCapacity: "1" },
    Ray: { jobKind: "ray" },
    "a job in a network of its own": { network: "create" },
  };
  for (const [what, config] of Object.entries(kinds)) {
    it(`is what Glue's API takes, for ${what}`, async () => {
      const graph = await graphOf("prod", { jobRunQueuing: "false", ...config });
      expect(resourcesOf(graph, "aws:glue/job:Job")).to.have.length(1);
      expect(problemsIn(graph)).to.deep.equal([]);
    });
  }

  it("is refused where the API would refuse it", async () => {
    const graph = await graphOf("prod", { jobRunQueuing: "false", network: "create" });
    const spoil = (type: string, change: Record<string, unknown>): ResourceGraph => ({
      ...graph,
      resources: resourcesOf(graph, type).map((resource) => ({
        ...resource,
        properties: { ...resource.properties, ...change },
        given: [...resource.given, ...Object.keys(change)],
      })),
    });
    const job = "aws:glue/job:Job";
    const security = "aws:glue/securityConfiguration:SecurityConfiguration";
    const wrong: readonly (readonly [string, Record<string, unknown>, string])[] = [
      [job, { workerType: "G.3X" }, 'WorkerType is "G.3X", which the enumeration has not'],
      [job, { executionClass: "CHEAP" }, 'ExecutionClass is "CHEAP", which the enumeration has not'],
      [job, { timeout: 0 }, "Timeout is below 1"],
      [job, { command: { pythonVersion: "3.10" } }, "Command.PythonVersion does not match ^([2-3]|3[.]9)$"],
      [job, { cores: 3 }, "Cores is no member of CreateJobRequest"],
      ["aws:glue/connection:Connection", { connectionType: "VPC" }, 'ConnectionType is "VPC", which'],
      [security, { encryptionConfiguration: { s3Encryption: { s3EncryptionMode: "AES256" } } }, 'is "AES256", which'],
    ];
    for (const [type, change, problem] of wrong) {
      expect(problemsIn(spoil(type, change)).join("\n")).to.include(problem);
    }
  });
});
