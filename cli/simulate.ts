import { simulateCapacity } from "../local/capacity/simulate.ts";
import type { Command } from "./lib/command.ts";
import { simulateAndTell } from "./simulate/command.ts";
import { simulateHelp } from "./simulate/options.ts";

export const command: Command = {
  name: "npm run simulate",
  help: simulateHelp,
  run: (args, io) => simulateAndTell(args, io, simulateCapacity),
};
