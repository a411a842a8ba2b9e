import type { StagedArgs } from "../pipeline-args.ts";
import type { PlannedJob } from "../stage-plan.ts";
import { replayPlan } from "../stages/replay-plan.ts";
import type { Stage } from "../stages/stage.ts";
import type { Problem } from "./problem.ts";
import { problemOf, when } from "./problem-of.ts";

/** A role's name has 64 characters: eight make it unique, and "-stand-in" and a hyphen are the longest that stand between. */
const maxTogether = 46;
/** Lambda's limit for all of a function's environment, in bytes. */
const maxEnvironmentBytes = 4096;
/** Names and addresses of table, queue and topic beside the list of jobs, without the pipeline's name in them. */
const bytesBesides = 400;
/** What makes a resource's name unique, and what tells a job's functions apart. */
const bytesAroundNames = ["-1234567", "-list-1234567", "-stop-1234567"].join("").length;
const bytesOfJson = '"":["","",""],'.length;

/** The same of a simulated job for the function that starts runs: its name, two functions' and its queue's address. */
const bytesAroundStarted = [
  ...["-1234567", "-start-1234567", "-list-1234567", "-ends-1234567"],
  "https://sqs.ap-southeast-1.amazonaws.com/123456789012/",
  '"":{"start":"","list":"","ends":""},',
].join("").length;

/** What stages' names come to as names of resources. */
export const stageResourceRules = (
  name: string,
  { stages, completion }: Pick<StagedArgs, "stages" | "completion">,
  planned: readonly PlannedJob[],
): readonly Problem[] => [
  ...planned.flatMap(({ stage, suffix }) =>
    when(name.length + suffix.length > maxTogether, () =>
      problemOf(
        `stages.${stage.name}.name`,
        `shorter by ${name.length + suffix.length - maxTogether}: with the pipeline's name, ${name}, it may have ` +
          `${maxTogether} characters, or the names of roles would be refused when they are created`,
        stage.name,
      ),
    ),
  ),
  ...planned.flatMap(({ stage, suffix }, index) => {
    const twin = planned.slice(0, index).find((other) => other.suffix === suffix && other.stage !== stage);
    return when(twin !== undefined && twin.stage.name !== stage.name, () =>
      problemOf(
        `stages.${stage.name}.name`,
        `another than ${String(twin?.stage.name)}: both are ${suffix} in names of resources`,
        stage.name,
      ),
    );
  }),
  ...tooMany(name, planned, stages),
  ...(completion === "event" ? tooManySimulated(name, planned) : []),
];

const tooManySimulated = (name: string, planned: readonly PlannedJob[]): readonly Problem[] => {
  const simulated = planned.filter(({ mode }) => mode === "simulated");
  const bytes = simulated.reduce(
    (sum, { suffix }) => sum + 4 * (name.length + 1 + suffix.length) + bytesAroundStarted,
    "SIMULATED_JOBS{}".length,
  );
  return when(bytes > maxEnvironmentBytes, () =>
    problemOf(
      "stages",
      (say) =>
        `fewer simulated jobs, or jobs and a pipeline with shorter names: with ${say("completion")} "event" the function ` +
        `that starts runs knows them by name, and ${simulated.length} jobs take ${bytes} bytes of the ` +
        `${maxEnvironmentBytes} that its environment has room for; or set ${say("completion")} to "poll"`,
      simulated.map(({ stage }) => stage.name),
    ),
  );
};

const tooMany = (name: string, planned: readonly PlannedJob[], stages: Stage): readonly Problem[] => {
  const jobs = planned.reduce(
    (sum, { stage, suffix }) =>
      sum + Buffer.byteLength(stage.name) + 3 * (name.length + 1 + suffix.length) + bytesAroundNames + bytesOfJson,
    0,
  );
  const most =
    maxEnvironmentBytes - bytesBesides - 3 * name.length - Buffer.byteLength(JSON.stringify(replayPlan(stages)));
  return when(jobs > most, () =>
    problemOf(
      "stages",
      `fewer jobs, or jobs and a pipeline with shorter names: the function that stops runs knows all jobs by name, and ` +
        `${planned.length} jobs take ${jobs} bytes of the ${most} that its environment has room for`,
      planned.map(({ stage }) => stage.name),
    ),
  );
};
