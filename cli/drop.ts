import type { Command, Io } from "./lib/command.ts";
import { closeClients, createClients, explainCall } from "./deployed/clients.ts";
import { readDeployment, type Deployment } from "./deployed/deployment.ts";
import { dropHelp, readDropOptions } from "./deployed/drop-options.ts";
import { dropFiles } from "./deployed/drop-files.ts";

export const command: Command = { name: "npm run drop", help: dropHelp, run: drop };

async function drop(args: readonly string[], io: Io): Promise<number> {
  const options = readDropOptions(args, io.cwd);
  const deployment = await readDeployment(options.target);
  const clients = createClients(deployment.aws);
  try {
    if (!options.isFollowed || !takesBatches(deployment)) return await dropFiles(options, deployment, clients, io);
    io.err(
      `Stack ${deployment.stack} takes files in batches, so they are not followed: ` +
        `"npm run status -- KEY --stack ${deployment.stack}" tells what became of one\n`,
    );
    return await dropFiles({ ...options, isFollowed: false }, deployment, clients, io);
  } catch (error) {
    throw explainCall(error, deployment);
  } finally {
    closeClients(clients);
  }
}

/** An execution is not one file's there. */
const takesBatches = ({ config }: Deployment): boolean => config["glue-pipeline:dispatch"] === "batch";
