import { readReplayOptions, replayHelp } from "./deployed/replay/options.ts";
import { runReplay } from "./deployed/replay/run.ts";
import { withDeployment } from "./deployed/with-deployment.ts";
import type { Command, Io } from "./lib/command.ts";

export const command: Command = { name: "npm run replay", help: replayHelp, run: replay };

async function replay(args: readonly string[], io: Io): Promise<number> {
  const options = readReplayOptions(args, io.cwd, io.now());
  return withDeployment(options.target, (work) => runReplay({ options, io, ...work }), { stops: true });
}
