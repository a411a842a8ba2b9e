import { expect } from "chai";
import { readFileEntries } from "../../cli/run/file-entries.ts";
import type { Manifest } from "../../functions/lib/queued/manifest.ts";
import { createIds } from "../../local/services/ids.ts";
import { ServiceError } from "../../local/services/service.ts";
import { interfere, type Call } from "../support/interference.ts";
import { aSimulation } from "../support/jobs.ts";
import { cloudOf, type PipelineRun } from "../support/pipeline.ts";
import { graphOf } from "../support/stacks.ts";

const files = 20_000;
const slots = 5;

/** Calls of the functions of queued dispatch. */
const isTheirs = ({ service, input }: Call): boolean =>
  ["dynamodb", "s3", "states", "sqs"].includes(service) &&
  /ledger|manifests|proposals|stateMachine|Remind/.test(textOf(input));

const textOf = (input: unknown): string => JSON.stringify(input).slice(0, 300);

/** Turns some calls away, loses some answers, and now and then has all calls of a while fail, as if the caller had died. */
const disturb = (cloud: PipelineRun["cloud"]) => {
  const ids = createIds(7);
  const seen = { throttled: 0, lost: 0, deaths: 0, unheard: 0 };
  let deadFor = 0;
  const stop = interfere(cloud, async (call) => {
    if (call.service === "sns" && call.operation === "publish" && ids.random() < 0.2) {
      seen.unheard += 1;
      return {};
    }
    if (!isTheirs(call)) return call.proceed();
    if (deadFor > 0) {
      deadFor -= 1;
      throw new Error("died");
    }
    const draw = ids.random();
    if (draw < 0.0005) {
      seen.throttled += 1;
      throw new ServiceError("ThrottlingException", "Rate exceeded");
    }
    const answer = await call.proceed();
    if (draw < 0.0007) {
      seen.lost += 1;
      throw Object.assign(new Error("no answer"), { name: "TimeoutError" });
    }
    if (draw < 0.0009) {
      seen.deaths += 1;
      deadFor = 1 + Math.floor(ids.random() * 300);
      throw new Error("died");
    }
    return answer;
  });
  return { seen, stop };
};

const mostAtOnce = (events: PipelineRun["events"]): number => {
  const steps = events.flatMap(({ kind, at }) =>
    kind === "execution-started" ? [{ at, by: 1 }] : kind === "execution-ended" ? [{ at, by: -1 }] : [],
  );
  let [open, most] = [0, 0];
  for (const { by } of steps.sort((a, b) => a.at - b.at || a.by - b.by)) most = Math.max(most, (open += by));
  return most;
};

describe(`${files.toLocaleString("en")} files, while much goes wrong`, () => {
  it("are each in one execution, and each known by how it ended", async () => {
    const graph = await graphOf("local", {
      dispatch: "batch",
      batchMaxFiles: "400",
      maxConcurrentExecutions: String(slots),
      simulatedFailureRate: "0.3",
      standIn: "false",
    });
    const ids = createIds(3);
    const { cloud, events } = await cloudOf(graph, {
      simulation: aSimulation({ failureRate: 0.3 }),
      standIns: false,
      deliveries: () => (ids.random() < 0.05 ? [0, Math.floor(ids.random() * 600_000)] : [0]),
    });
    const { seen, stop } = disturb(cloud);
    const Bucket = String(graph.outputs.landingBucket);
    for (let index = 0; index < files; index += 1) {
      await cloud.asUser.putObject({ Bucket, Key: `incoming/${index}.csv`, Body: Buffer.from("a,b\n1,2\n") });
    }
    await cloud.settle();
    stop();

    const started = events.filter(({ kind }) => kind === "execution-started");
    const ended = events.filter((event) => event.kind === "execution-ended");
    const takenBy = new Map<string, string>();
    for (const { name } of ended) {
      const content = await cloud.asUser.getObject({
        Bucket: String(graph.outputs.outputBucket),
        Key: `manifests/${name}.json`,
      });
      const chunks: Uint8Array[] = [];
      for await (const chunk of content.Body) chunks.push(chunk);
      for (const file of (JSON.parse(Buffer.concat(chunks).toString()) as Manifest).files) {
        expect(takenBy.has(file.name), file.name).to.equal(false);
        takenBy.set(file.name, name);
      }
    }
    expect(takenBy.size).to.equal(files);
    const entries = await readFileEntries(cloud, graph);
    expect(entries).to.have.length(files);
    const statusOf = new Map(ended.map(({ name, status }) => [name, status]));
    const wrong = entries.filter(({ name, state, executionName = "" }) => {
      const status = statusOf.get(executionName);
      return takenBy.get(name) !== executionName || state !== (status === "SUCCEEDED" ? "succeeded" : "failed");
    });
    expect(wrong).to.deep.equal([]);
    expect(started.length).to.equal(ended.length);
    expect(mostAtOnce(events)).to.be.at.most(slots);
    for (const count of Object.values(seen)) expect(count).to.be.at.least(3);
  });
});
