import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { ServiceError } from "../../local/services/service.ts";
import { VirtualClock } from "../../local/clock.ts";
import { deaf, isStart } from "../support/completion.ts";
import { interfere } from "../support/interference.ts";
import { aSimulation, start } from "../support/jobs.ts";
import { cloudOf, jobRunsIn, notificationsIn, type PipelineRun } from "../support/pipeline.ts";
import { graphsOf } from "../support/stacks.ts";
import { masked } from "../support/staged.ts";

const program = fileURLToPath(new URL("../support/programs/fan-out", import.meta.url));
const graphOf = graphsOf(program, { completion: "event", maxAttempts: "1", simulatedFailureRate: "0" });

/** Half's first runs fail. */
const scenarios = [{ match: "*", stage: "Half", attempts: [1], Return: { JobRunState: "FAILED" as const } }];

const given = (stack: string) =>
  graphOf(stack, stack === "local" ? { simulatedScenarios: JSON.stringify(scenarios) } : {});

const landing = async (
  graph: Awaited<ReturnType<typeof given>>,
  meddle: (cloud: PipelineRun["cloud"]) => void = () => undefined,
) => {
  const simulation = aSimulation({ scenarios });
  const { cloud, events } = await cloudOf(graph, { clock: new VirtualClock(start), simulation });
  meddle(cloud);
  const Bucket = String(graph.outputs.landingBucket);
  await cloud.asUser.putObject({ Bucket, Key: "incoming/a.csv", Body: Buffer.from("a\n1\n") });
  await cloud.settle();
  return { cloud, events };
};

const runsOf = (events: PipelineRun["events"], stage: string) =>
  jobRunsIn(events).filter((run) => run.Arguments?.["--stage"] === stage);

const itemsOf = (events: PipelineRun["events"], stage: string): readonly string[] =>
  runsOf(events, stage)
    .map((run) => run.Arguments?.["--map_item"] ?? "")
    .sort();

const states = (events: PipelineRun["events"]): readonly string[] =>
  events.flatMap((event) =>
    event.kind === "history" && event.event.type.endsWith("StateEntered") ? [String(event.event.details.name)] : [],
  );

/** The runs of halves by what the execution tells of each, in the order of the items. */
const halvesIn = (cloud: PipelineRun["cloud"]): readonly JobResult[] => {
  const [told, ...others] = notificationsIn(cloud);
  expect(others).to.deep.equal([]);
  expect(told).to.include({ outcome: "succeeded" });
  return (told?.stages as { readonly parts: readonly (readonly JobResult[])[] }).parts.flat();
};

interface JobResult {
  readonly attempts: number;
  readonly jobRun: { readonly Id: string };
}

const halves = ["0.0", "0.1", "1.0", "1.1"];

describe("A pipeline of maps within maps", () => {
  it("has one definition, whoever runs the jobs, with events as without", async () => {
    for (const completion of ["event", "poll"]) {
      const [simulated, real] = await Promise.all(["local", "prod"].map((stack) => graphOf(stack, { completion })));
      if (simulated === undefined || real === undefined) throw new Error("not two stacks");
      expect(masked(simulated)).to.deep.equal(masked(real));
      expect(JSON.stringify(masked(real)).includes("--map_item")).to.equal(completion === "event");
    }
  });
});

for (const stack of ["local", "prod"]) {
  describe(`Maps within maps on the ${stack} stack, whose runs tell of their ends by events`, () => {
    /** Each half has been told of its own last run. */
    const expectOwnRuns = ({ cloud, events }: Pick<PipelineRun, "cloud" | "events">): void => {
      const told = halvesIn(cloud);
      expect(told.map(({ attempts }) => attempts)).to.deep.equal([2, 2, 2, 2]);
      const items = new Map(runsOf(events, "Half").map((run) => [run.Id, run.Arguments]));
      const own = told.map(({ jobRun: { Id } }) => [items.get(Id)?.["--map_item"], items.get(Id)?.["--attempt"]]);
      expect(own).to.deep.equal(halves.map((item) => [item, "2"]));
    };

    const expectAllRuns = ({ events }: Pick<PipelineRun, "events">): void => {
      expect(itemsOf(events, "Part")).to.deep.equal(["0", "1"]);
      expect(itemsOf(events, "Half")).to.deep.equal([...halves, ...halves].sort());
      const days = itemsOf(events, "Day");
      expect(days).to.have.length(3);
      expect(new Set(days)).to.have.length(3);
    };

    it("wait each for the run of its own item, which fails and is run again by itself", async () => {
      const done = await landing(await given(stack));
      expectAllRuns(done);
      expectOwnRuns(done);
      expect(states(done.events).filter((name) => /FindJobRun|GetJobRun/.test(name))).to.deep.equal([]);
    });

    it("find each the run of its own item when no event comes", async () => {
      const done = await landing(deaf(await given(stack)));
      expectAllRuns(done);
      expectOwnRuns(done);
      expect(states(done.events)).to.include.members(["Half FindJobRun", "Part FindJobRun", "Day FindJobRun"]);
    });

    it("start no run twice when answers to starts are lost", async () => {
      const lost = new Set<string>();
      const done = await landing(await given(stack), (cloud) => {
        interfere(cloud, async (call) => {
          const answer = await call.proceed();
          const [, item] = /--map_item\W+([^"\\]+)/.exec(JSON.stringify(call.input)) ?? [];
          if (!isStart(call) || item === undefined || lost.has(item)) return answer;
          lost.add(item);
          throw new ServiceError("InternalServiceException", "The answer was lost");
        });
      });
      expect(lost.size).to.equal(9);
      expectAllRuns(done);
      expectOwnRuns(done);
    });
  });
}
