import { dispatchDefaults, type DispatchArgs } from "../orchestration.ts";
import type { ConfigReader } from "./config-reader.ts";

/** What the stack config says of who takes files through the job. */
export const readDispatch = (read: ConfigReader): DispatchArgs => ({
  mode: read.oneOf("dispatch", ["state-machine", "direct"], dispatchDefaults.mode),
});
