import type * as pulumi from "@pulumi/pulumi";
import type { DeployedFunction } from "./environment.ts";
import { graphOf, resourceOf } from "../stacks.ts";

/** The functions of the local stack, by their names in the program. */
export const functionNames = ["csv-dispatcher", "csv-job-start", "csv-job-get", "csv-job-stand-in"] as const;

export type FunctionName = (typeof functionNames)[number];

/** A function as the local stack deploys it. */
export async function deployedFunction(
  name: FunctionName,
  config: Readonly<Record<string, string>> = {},
): Promise<DeployedFunction> {
  const { properties } = resourceOf(await graphOf("local", config), "aws:lambda/function:Function", name);
  const archive = properties.code as pulumi.asset.AssetArchive;
  const files: Record<string, string> = {};
  for (const [file, asset] of Object.entries(await archive.assets)) {
    files[file] = await (asset as pulumi.asset.StringAsset).text;
  }
  const { variables } = properties.environment as { readonly variables: Readonly<Record<string, string>> };
  return { name, files, handler: String(properties.handler), environment: variables };
}
