import type { JobRun } from "@aws-sdk/client-glue";
import { expect } from "chai";
import { evaluate } from "../../local/evaluate.ts";
import type { ResourceGraph } from "../../local/resource-graph.ts";
import { runPipeline } from "../support/pipeline.ts";
import { definitionOf, graphOf, projectDirectory, resourcesOf } from "../support/stacks.ts";

type Config = Readonly<Record<string, string>>;

const networks: Readonly<Record<string, Config>> = {
  none: {},
  existing: { network: "existing", vpcId: "vpc-0123456789abcdef0", subnetIds: '["subnet-0123456789abcdef0"]' },
  create: { network: "create" },
};

const combinations = ["poll", "sync", "event"].flatMap((completion) =>
  ["true", "false"].flatMap((security) => {
    const simulated: Config = { completion, security, observability: "true", simulatedFailureRate: "0" };
    return Object.entries(networks).map(([network, config]) => ({
      title: `completion ${completion}, security ${security}, network ${network}`,
      network,
      simulated,
      real: { ...simulated, ...config },
    }));
  }),
);

/** AWS has nothing narrower for these. */
const onAll = (network: string): readonly string[] =>
  network === "none" ? ["DeliverLogs", "PutMetrics"] : ["DeliverLogs", "PutMetrics", "LookAtNetwork"];

interface Statement {
  readonly Sid: string;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

const statementsIn = (graph: ResourceGraph): readonly Statement[] =>
  resourcesOf(graph, "aws:iam/rolePolicy:RolePolicy").flatMap(
    ({ properties }) => (JSON.parse(String(properties.policy)) as { Statement: Statement[] }).Statement,
  );

const masked = (graph: ResourceGraph): unknown =>
  JSON.parse(
    JSON.stringify(definitionOf(graph), (key, value: unknown) =>
      key === "Resource" || key === "FunctionName" ? "masked" : value,
    ),
  );

const urns = ({ resources }: ResourceGraph): readonly string[] => resources.map(({ urn }) => urn).sort();

describe("Every combination of completion, security and network", () => {
  for (const { title, network, ...config } of combinations) {
    describe(title, () => {
      it("has one definition, whoever runs the job", async () => {
        const [simulated, real] = await Promise.all([graphOf("local", config.simulated), graphOf("prod", config.real)]);
        expect(masked(simulated)).to.deep.equal(masked(real));
      });

      it("registers the same resources in a preview as in an update", async () => {
        const previewed = await evaluate({
          directory: projectDirectory,
          stack: "prod",
          config: config.real,
          preview: true,
        });
        expect(urns(previewed)).to.deep.equal(urns(await graphOf("prod", config.real)));
      });

      it("allows no action by wildcard, and all resources only where AWS has nothing narrower", async () => {
        const statements = statementsIn(await graphOf("prod", config.real));
        expect(statements.flatMap(({ Action }) => Action).filter((action) => action.includes("*"))).to.deep.equal([]);
        const broad = statements.filter(({ Resource }) => Resource.includes("*")).map(({ Sid }) => Sid);
        expect(broad).to.have.members(onAll(network));
      });

      // Only a real job has a network.
      const graphs = {
        prod: () => graphOf("prod", config.real),
        ...(network === "none" && { local: () => graphOf("local", config.simulated) }),
      };
      for (const [stack, graph] of Object.entries(graphs)) {
        it(`takes a file through the ${stack} stack, with what its roles may do, and tells of its run as Glue does`, async () => {
          const { executions } = await runPipeline(await graph(), [{ key: "incoming/a.csv" }]);
          const outputs = executions.map(({ status, output }) => ({ status, outcome: output?.outcome }));
          expect(outputs).to.deep.equal([{ status: "SUCCEEDED", outcome: "succeeded" }]);
          const run = executions[0]?.output?.jobRun as JobRun;
          expect(run).to.include({ JobRunState: "SUCCEEDED", ErrorMessage: "" });
          expect(run.Id).to.match(/^jr_[0-9a-f]{64}$/);
        });
      }
    });
  }
});
