import type { Command, Io } from "./lib/command.ts";
import { closeClients, createClients, explainCall, placeOf } from "./deployed/clients.ts";
import { readDeployment } from "./deployed/deployment.ts";
import { readStatus } from "./deployed/read-status.ts";
import { statusLines } from "./deployed/status-lines.ts";
import { readStatusOptions, statusHelp } from "./deployed/status-options.ts";
import { deployedHeadingLine } from "./render/header.ts";
import { paintFor } from "./render/style.ts";

export const command: Command = { name: "npm run status", help: statusHelp, run: status };

async function status(args: readonly string[], io: Io): Promise<number> {
  const options = readStatusOptions(args, io.cwd);
  const deployment = await readDeployment(options.target);
  const clients = createClients(deployment.aws);
  try {
    const report = await readStatus(deployment, clients, options.limit);
    if (options.json) {
      io.out(`${JSON.stringify(report, undefined, 2)}\n`);
      return 0;
    }
    const paint = paintFor(io.isTerminal, io.env);
    const heading = deployedHeadingLine({ ...deployment, place: placeOf(deployment.aws) }, paint);
    const lines = statusLines(report, { columns: io.columns, paint, now: io.now() });
    io.out(`${[heading, "", ...lines].join("\n")}\n`);
    return 0;
  } catch (error) {
    throw explainCall(error, deployment);
  } finally {
    closeClients(clients);
  }
}
