import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  GetFunctionConfigurationCommand,
  ListFunctionsCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  type LambdaClient,
} from "@aws-sdk/client-lambda";
import type { Deployed } from "../deployed/deployed.ts";
import { eventually } from "../deployed/files.ts";
import { zipOf } from "./zip.ts";
import { deployedFunction, type FunctionName } from "../lambda/functions.ts";

/** How a function breaks. */
export interface Fault {
  /** Its process ends, it rejects with nothing at all, or it never answers. */
  readonly how: "exits" | "rejects with nothing" | "hangs";
  /** Before it has done anything, or with all done but its answer. @default "before" */
  readonly when?: "before" | "after";
  /** This many invocations break, the later ones go well. @default all of them */
  readonly times?: number;
}

/** What is changed of a function for a while; the rest stays. */
export interface Settings {
  /** Seconds. */
  readonly timeout?: number;
  /** Added to its environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

const faults: Readonly<Record<Fault["how"], string>> = {
  exits: "process.exit(1);",
  "rejects with nothing": "throw undefined;",
  hangs: "await new Promise(() => { setInterval(() => undefined, 1000); });",
};

/** Has a function break while something is done, and repairs it afterwards. Gives the work a count of invocations. */
export async function whileBroken<T>(
  { clients: { lambda }, emulator }: Deployed,
  name: FunctionName,
  fault: Fault,
  work: (invocations: () => number) => Promise<T>,
): Promise<T> {
  const physicalName = await functionNamed(lambda, name);
  const { files, handler } = await deployedFunction(name);
  const folder = mkdtempSync(join(emulator.folder, "broken-"));
  const counter = join(folder, "invocations");
  const module = `${handler.split(".")[0] ?? ""}.js`;
  const original = files[module];
  if (original === undefined) throw new Error(`${name}: no ${module} among ${Object.keys(files).join(", ")}`);
  await deploy(lambda, physicalName, { [module]: breaking(fault, counter), "original.js": original });
  try {
    return await work(() => (existsSync(counter) ? readFileSync(counter).length : 0));
  } finally {
    await deploy(lambda, physicalName, files);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Changes a function's settings while something is done. */
export async function whileSet<T>(
  { clients: { lambda } }: Pick<Deployed, "clients">,
  name: FunctionName,
  { timeout, environment }: Settings,
  work: () => Promise<T>,
): Promise<T> {
  const FunctionName = await functionNamed(lambda, name);
  const before = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const configure = async (Timeout: number | undefined, Variables: Record<string, string> | undefined) => {
    await lambda.send(
      new UpdateFunctionConfigurationCommand({ FunctionName, Timeout, Environment: { Variables: Variables ?? {} } }),
    );
    await updated(lambda, FunctionName);
  };
  const variables = before.Environment?.Variables;
  await configure(timeout ?? before.Timeout, { ...variables, ...environment });
  try {
    return await work();
  } finally {
    await configure(before.Timeout, variables);
  }
}

/** The name that a function of the program has got. */
export async function functionNamed(lambda: LambdaClient, name: FunctionName): Promise<string> {
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand({ MaxItems: 50 }));
  const names = Functions.flatMap(({ FunctionName = "" }) =>
    new RegExp(`^${name}-[0-9a-f]{7}$`).test(FunctionName) ? [FunctionName] : [],
  );
  const [only, ...others] = names;
  if (only === undefined || others.length > 0) throw new Error(`${name}: ${names.length} functions are called so`);
  return only;
}

/** The handler around the original one, which is beside it. */
const breaking = ({ how, when = "before", times = Infinity }: Fault, counter: string): string => `
const { appendFileSync, readFileSync } = require("node:fs");
const original = require("./original.js");
const breakdown = async () => { ${faults[how]} };
exports.handler = async (event, context) => {
  appendFileSync(${JSON.stringify(counter)}, "x");
  const breaks = readFileSync(${JSON.stringify(counter)}).length <= ${times};
  if (breaks && ${when === "before"}) await breakdown();
  const answer = await original.handler(event, context);
  if (breaks) await breakdown();
  return answer;
};
`;

async function deploy(lambda: LambdaClient, FunctionName: string, files: Readonly<Record<string, string>>) {
  await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: zipOf(files) }));
  await updated(lambda, FunctionName);
}

const updated = (lambda: LambdaClient, FunctionName: string): Promise<true> =>
  eventually(`the update of ${FunctionName}`, 20, async () => {
    const { LastUpdateStatus } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    return LastUpdateStatus === "InProgress" ? undefined : true;
  });
