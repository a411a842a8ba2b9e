import type { Command, Io } from "./lib/command.ts";
import { closeClients, createClients, explainCall } from "./deployed/clients.ts";
import { readDeployment } from "./deployed/deployment.ts";
import { dropHelp, readDropOptions } from "./deployed/drop-options.ts";
import { dropFiles } from "./deployed/drop-files.ts";

export const command: Command = { name: "npm run drop", help: dropHelp, run: drop };

async function drop(args: readonly string[], io: Io): Promise<number> {
  const options = readDropOptions(args, io.cwd);
  const deployment = await readDeployment(options.target);
  const clients = createClients(deployment.aws);
  try {
    return await dropFiles(options, deployment, clients, io);
  } catch (error) {
    throw explainCall(error, deployment);
  } finally {
    closeClients(clients);
  }
}
