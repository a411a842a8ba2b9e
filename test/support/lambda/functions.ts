import type * as pulumi from "@pulumi/pulumi";
import type { DeployedFunction } from "./environment.ts";
import { graphOf, resourceOf } from "../stacks.ts";

/** The functions of the local stack, by their names in the program. */
const localNames = [
  "csv-dispatcher",
  "csv-job-start",
  "csv-job-get",
  "csv-job-stop",
  "csv-job-stand-in",
  "csv-interruptions",
] as const;

/** Those that a stack with a real job has instead or besides. */
const prodNames = ["prod csv-interruptions", "prod csv-job-runs"] as const;

/** Those that take the place of a state machine. */
const directNames = ["direct csv-dispatcher", "direct csv-direct-watcher", "simulated-direct csv-job-list"] as const;

/** Those that start runs and hear of their ends. */
const eventNames = [
  "event csv-job-start-for-token",
  "event csv-job-find",
  "event csv-completion",
  "simulated-event csv-job-ends",
] as const;

export const functionNames = [...localNames, ...prodNames, ...directNames, ...eventNames];

export type FunctionName = (typeof functionNames)[number];

/** Stack and config of functions whose names say where they are. */
const places: Readonly<Record<string, readonly [stack: string, config: Readonly<Record<string, string>>]>> = {
  prod: ["prod", {}],
  direct: ["prod", { dispatch: "direct", pollFloorSeconds: "0" }],
  "simulated-direct": ["local", { dispatch: "direct" }],
  event: ["prod", { completion: "event" }],
  "simulated-event": ["local", { completion: "event" }],
};

/** A function as its stack deploys it. */
export async function deployedFunction(
  name: FunctionName,
  config: Readonly<Record<string, string>> = {},
): Promise<DeployedFunction> {
  const [resource = "", place = ""] = name.split(" ").reverse();
  const [stack, more] = places[place] ?? ["local", {}];
  const { properties } = resourceOf(
    await graphOf(stack, { ...config, ...more }),
    "aws:lambda/function:Function",
    resource,
  );
  const archive = properties.code as pulumi.asset.AssetArchive;
  const files: Record<string, string> = {};
  for (const [file, asset] of Object.entries(await archive.assets)) {
    files[file] = await (asset as pulumi.asset.StringAsset).text;
  }
  const { variables } = properties.environment as { readonly variables: Readonly<Record<string, string>> };
  return { name, files, handler: String(properties.handler), environment: variables };
}
