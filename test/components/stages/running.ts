import { VirtualClock } from "../../../local/clock.ts";
import type { HistoryEvent } from "../../../local/states/history.ts";
import {
  StatesError,
  type ExecutionResult,
  type MachineHost,
  type TaskRequest,
} from "../../../local/states/machine.ts";
import { untraced } from "../../../local/states/map-runs.ts";
import { parseMachine } from "../../../local/states/parse.ts";
import type { Stage } from "../../../components/stages/stage.ts";
import { START } from "../../local/states/harness.ts";
import { definitionOf, type Choices } from "./harness.ts";

export const landed = { bucket: "landing", key: "incoming/a.csv", versionId: "v1", size: 10 };

type Given = Readonly<Record<string, unknown>>;

export interface Call {
  /** The function that was called. */
  readonly name: string;
  readonly arguments: Given;
}

export interface StagesRun {
  readonly result: ExecutionResult;
  /** Names of states, in the order in which they were entered; children of distributed maps have histories of their own. */
  readonly trail: readonly string[];
  readonly calls: readonly Call[];
  /** What was told of the end. */
  readonly messages: readonly Given[];
  /** What the failure queue was given. */
  readonly kept: readonly Given[];
  /** What distributed maps wrote, by key. */
  readonly written: Readonly<Record<string, unknown>>;
  readonly seconds: number;
}

export interface RunOptions extends Choices {
  readonly input?: unknown;
  readonly executionName?: string;
  /** Stages whose every call fails. */
  readonly failing?: readonly string[];
  /** What functions answer, by their name. @default their arguments */
  readonly answers?: Readonly<Record<string, (given: Given) => unknown>>;
  /** What S3 has, by key. */
  readonly objects?: Readonly<Record<string, string>>;
}

/** Runs stages with stubs for all that they call; a job's run succeeds at the first look, unless its stage fails. */
export const runStages = async (stage: Stage, options: RunOptions = {}): Promise<StagesRun> => {
  const { input = { arguments: landed }, executionName = "first" } = options;
  const machine = parseMachine(await definitionOf(stage, options));
  const clock = new VirtualClock(START);
  const [calls, events, written]: [Call[], HistoryEvent[], Record<string, unknown>] = [[], [], {}];
  const host: MachineHost = {
    clock,
    random: () => 0.5,
    task: (request) => Promise.resolve().then(() => answer(request, calls, options)),
    observe: (event) => {
      events.push(event);
    },
  };
  // A child knows itself by a name and an input of its own.
  const child = { Execution: { Name: "a child", Input: {}, StartTime: "2026-01-01T00:00:01.000Z" } };
  const mapRuns = { ...untraced(host, child), s3: s3(options.objects ?? {}, written) };
  const result = await clock.spawn(() =>
    machine.run(
      { input, context: { Execution: { Name: executionName, Input: input, StartTime: "2026-01-01T00:00:00.000Z" } } },
      { ...host, mapRuns },
    ),
  );
  const sent = (name: string, field: string): readonly Given[] =>
    calls.filter((call) => call.name === name).map((call) => JSON.parse(String(call.arguments[field])) as Given);
  return {
    result,
    calls,
    written,
    trail: events.flatMap(({ type, details }) => (type.endsWith("StateEntered") ? [String(details.name)] : [])),
    messages: sent("notify", "Message"),
    kept: sent("keep", "MessageBody"),
    seconds: (clock.now() - START) / 1000,
  };
};

const answer = (request: TaskRequest, calls: Call[], { failing = [], answers = {} }: RunOptions): unknown => {
  const [name, given] = [request.resource.split(":").at(-1) ?? "", request.arguments as Given];
  calls.push({ name, arguments: given });
  const own = answers[name];
  if (own !== undefined) return own(given);
  const stage = request.stateName.replace(/ (StartJobRun|GetJobRun|StopJobRun)$/, "");
  const fails = failing.includes(stage);
  if (/^job-.*-start$/.test(name)) return { JobRunId: `jr_${stage}` };
  if (/^job-.*-get$/.test(name)) return { JobRun: jobRun(stage, fails) };
  if (fails) throw new StatesError("Broken", `${stage} broke`);
  return given;
};

const jobRun = (stage: string, fails: boolean) => ({
  Id: `jr_${stage}`,
  JobRunState: fails ? "FAILED" : "SUCCEEDED",
  ExecutionTime: 3,
  ...(fails && { ErrorMessage: `${stage} broke` }),
});

const s3 =
  (objects: Readonly<Record<string, string>>, written: Record<string, unknown>) =>
  (operation: string, input: object): Promise<unknown> => {
    const { Key = "", Prefix = "", Body } = input as { Key?: string; Prefix?: string; Body?: unknown };
    switch (operation) {
      case "listObjectsV2":
        return Promise.resolve({
          Contents: Object.entries(objects)
            .filter(([key]) => key.startsWith(Prefix))
            .map(([key, text]) => ({
              Key: key,
              Size: text.length,
              LastModified: new Date(START),
              ETag: '"e"',
              StorageClass: "STANDARD",
            })),
        });
      case "getObject":
        return Promise.resolve({ Body: [Buffer.from(objects[Key] ?? "")] });
      default:
        written[Key] = JSON.parse(String(Body));
        return Promise.resolve({});
    }
  };
