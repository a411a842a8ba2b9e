import { pipelineDefaults, type PipelineSettings } from "../pipeline-args.ts";
import type { ConfigReader } from "./config-reader.ts";

/** What the stack config says of the state machine. */
export const readMachine = (
  read: ConfigReader,
): Required<
  Pick<PipelineSettings, "completion" | "eventHeartbeatSeconds" | "stateMachineType" | "executionTimeoutMinutes">
> => ({
  completion: read.oneOf("completion", ["poll", "sync", "event"], pipelineDefaults.completion),
  eventHeartbeatSeconds: read.integer("eventHeartbeatSeconds", pipelineDefaults.eventHeartbeatSeconds, {
    min: 60,
    max: 604_800,
  }),
  stateMachineType: read.oneOf("stateMachineType", ["STANDARD", "EXPRESS"], pipelineDefaults.stateMachineType),
  executionTimeoutMinutes: read.integer("executionTimeoutMinutes", pipelineDefaults.executionTimeoutMinutes, {
    min: 0,
    max: 525_600,
  }),
});
