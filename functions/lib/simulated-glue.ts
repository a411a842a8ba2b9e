import { createDynamoJobRunStore } from "./dynamo-job-run-store.ts";
import { jobFrom, required, simulationFrom } from "./environment.ts";
import { createGlue } from "./glue.ts";
import { lambdaStandIn } from "./stand-in.ts";
import type { Dependencies } from "./aws.ts";
import type { Glue } from "./glue.ts";

/** What a function that stands for Glue needs. */
export type SimulatedGlueDependencies = Pick<Dependencies, "dynamoDb" | "lambda" | "env" | "now">;

/** Glue with the one job of the function's environment: TABLE_NAME, JOB, SIMULATION and, if work is done, STAND_IN. */
export function createSimulatedGlue({ dynamoDb, lambda, env, now }: SimulatedGlueDependencies): Glue {
  const standIn = env.STAND_IN ?? "";
  return createGlue({
    jobs: [jobFrom(env)],
    simulation: simulationFrom(env),
    store: createDynamoJobRunStore(dynamoDb, required(env, "TABLE_NAME")),
    now,
    ...(standIn !== "" && { standIn: lambdaStandIn(lambda, standIn) }),
  });
}

/** For functions that look at no run: the work of one is done when its end is seen. */
export const withoutWork: SimulatedGlueDependencies["lambda"] = {
  invoke: () => Promise.reject(new Error("only who looks at a run calls the stand-in")),
};
