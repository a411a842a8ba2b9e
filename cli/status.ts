import type { Command, Io } from "./lib/command.ts";
import { placeOf } from "./deployed/clients.ts";
import { fileStatus } from "./deployed/file-status.ts";
import { fileLines } from "./deployed/ledger-lines.ts";
import { readStatus } from "./deployed/read-status.ts";
import { statusLines } from "./deployed/status-lines.ts";
import { readStatusOptions, statusHelp } from "./deployed/status-options.ts";
import { withDeployment, type DeployedWork } from "./deployed/with-deployment.ts";
import { deployedHeadingLine } from "./render/header.ts";
import { paintFor } from "./render/style.ts";

export const command: Command = { name: "npm run status", help: statusHelp, run: status };

async function status(args: readonly string[], io: Io): Promise<number> {
  const { target, limit, file, json } = readStatusOptions(args, io.cwd);
  return withDeployment(target, async ({ deployment, clients, sleep }: DeployedWork) => {
    const paint = paintFor(io.isTerminal, io.env);
    const view = { columns: io.columns, paint, now: io.now() };
    const print = (report: unknown, lines: () => readonly string[]): void => {
      const heading = deployedHeadingLine({ ...deployment, place: placeOf(deployment.aws) }, paint);
      io.out(json ? `${JSON.stringify(report, undefined, 2)}\n` : `${[heading, "", ...lines()].join("\n")}\n`);
    };
    if (file === undefined) {
      const report = await readStatus(deployment, clients, limit);
      print(report, () => statusLines(report, view));
      return 0;
    }
    const report = await fileStatus(deployment, clients, file, { sleep });
    print(report, () => fileLines(report, view));
    return report.versions.length === 0 ? 1 : 0;
  });
}
