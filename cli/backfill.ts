import { backfillHelp, readBackfillOptions } from "./deployed/backfill/options.ts";
import { runBackfill } from "./deployed/backfill/run.ts";
import { withDeployment } from "./deployed/with-deployment.ts";
import type { Command, Io } from "./lib/command.ts";

export const command: Command = { name: "npm run backfill", help: backfillHelp, run: backfill };

async function backfill(args: readonly string[], io: Io): Promise<number> {
  const options = readBackfillOptions(args, io.cwd, io.now());
  return withDeployment(options.target, (work) => runBackfill({ options, io, ...work }), { stops: true });
}
