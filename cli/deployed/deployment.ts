import { LocalWorkspace, StackNotFoundError } from "@pulumi/pulumi/automation/index.js";
import { suggestion } from "../../components/suggestion.ts";
import { awsSettings, type AwsSettings } from "./aws-settings.ts";
import type { Target } from "./target.ts";

/** What the program exports of its pipeline. */
export type PipelineOutputs = Readonly<Record<(typeof OUTPUTS)[number], string>> & {
  /** Only to name it. */
  readonly resultsTopicArn?: string;
  /** Of the one job; a pipeline with stages has jobs of its own. */
  readonly jobName?: string;
  /** Where files wait in a queue: the table that knows each of them. */
  readonly ledgerTable?: string;
  /** The queue that they wait in. */
  readonly arrivalQueueUrl?: string;
  /** The queue that says how their executions ended. */
  readonly outcomeQueueUrl?: string;
};

const OUTPUTS = ["landingBucket", "outputBucket", "stateMachineArn", "dispatcherName", "failureQueueUrl"] as const;
const OPTIONAL_OUTPUTS = ["resultsTopicArn", "jobName", "ledgerTable", "arrivalQueueUrl", "outcomeQueueUrl"] as const;

/** A stack that was deployed: where it is, and what is in it. */
export interface Deployment {
  readonly project: string;
  readonly stack: string;
  /** `simulated` or `real`; empty for a program without such a setting. */
  readonly mode: string;
  readonly outputs: PipelineOutputs;
  /** The stack's config by full key, for example `glue-pipeline:mode`. */
  readonly config: Readonly<Record<string, string>>;
  readonly aws: AwsSettings;
}

/** A stack cannot be read; the message says what to do. */
export class DeploymentError extends Error {
  override readonly name = "DeploymentError";
}

/**
 * Reads a stack's outputs and config through the Pulumi CLI. Changes nothing: not the stack's files, and not which
 * stack is selected.
 */
export async function readDeployment({ directory, stack }: Target): Promise<Deployment> {
  const workspace = await openWorkspace(directory);
  try {
    const [outputs, config, { name: project }] = await Promise.all([
      workspace.stackOutputs(stack),
      workspace.getAllConfig(stack),
      workspace.projectSettings(),
    ]);
    const values = Object.fromEntries(Object.entries(config).map(([key, { value }]) => [key, value]));
    const exported = pipelineOutputs(
      stack,
      Object.fromEntries(Object.entries(outputs).map(([key, { value }]) => [key, value as unknown])),
    );
    return {
      project,
      stack,
      mode: values[`${project}:mode`] ?? "",
      outputs: exported,
      config: values,
      aws: awsSettings(values, exported.stateMachineArn),
    };
  } catch (error) {
    if (error instanceof StackNotFoundError) throw new DeploymentError(noSuchStack(stack, await stacksIn(workspace)));
    throw error instanceof DeploymentError ? error : explained(error, stack);
  }
}

async function openWorkspace(directory: string): Promise<LocalWorkspace> {
  try {
    return await LocalWorkspace.create({ workDir: directory });
  } catch (error) {
    const text = messageOf(error);
    if (!/ENOENT|not found/i.test(text)) throw error;
    throw new DeploymentError(
      "the Pulumi CLI is needed to read the stack, and there is no pulumi on PATH; https://www.pulumi.com/docs/install tells how to get it",
    );
  }
}

/** Picks the outputs that the commands need; says all that are missing. */
export function pipelineOutputs(stack: string, outputs: Readonly<Record<string, unknown>>): PipelineOutputs {
  if (Object.keys(outputs).length === 0) {
    throw new DeploymentError(`stack ${stack} has no outputs: deploy it with "pulumi up -s ${stack}"`);
  }
  if (outputs.stateMachineArn === null) throw new DeploymentError(dispatchesDirectly(stack, outputs));
  const missing = OUTPUTS.filter((name) => typeof outputs[name] !== "string");
  if (missing.length > 0) {
    throw new DeploymentError(
      `stack ${stack} does not export ${missing.join(", ")}: export what GluePipeline gives from the program, then deploy it`,
    );
  }
  const names = [...OPTIONAL_OUTPUTS, ...OUTPUTS].filter((name) => typeof outputs[name] === "string");
  return Object.fromEntries(names.map((name) => [name, outputs[name]])) as PipelineOutputs;
}

/** These commands follow executions, and such a stack has none. */
function dispatchesDirectly(stack: string, outputs: Readonly<Record<string, unknown>>): string {
  const [landingBucket, landingPrefix, ledgerTable] = ["landingBucket", "landingPrefix", "ledgerTable"].map((name) =>
    typeof outputs[name] === "string" ? outputs[name] : "",
  );
  return (
    `stack ${stack} dispatches files directly, and this command follows executions of a state machine, which it has not. ` +
    `Upload with "aws s3 cp FILE s3://${landingBucket}/${landingPrefix}"; ` +
    `"aws dynamodb scan --table-name ${ledgerTable}" tells what became of each file`
  );
}

/** Of commands that promise to take a file once: what an express execution is called keeps no second one from being. */
export function refuseExpress({ project, stack, config }: Pick<Deployment, "project" | "stack" | "config">): void {
  if (config[`${project}:stateMachineType`] !== "EXPRESS") return;
  throw new DeploymentError(
    `stack ${stack} has an EXPRESS state machine, whose executions cannot be looked up and may be started twice under one ` +
      "name: upload the files again, or set stateMachineType to STANDARD",
  );
}

async function stacksIn(workspace: LocalWorkspace): Promise<readonly string[]> {
  try {
    return (await workspace.listStacks()).map(({ name }) => name);
  } catch {
    // It only helps to explain the error that came first.
    return [];
  }
}

export function noSuchStack(stack: string, stacks: readonly string[]): string {
  if (stacks.length === 0) {
    return `there is no stack "${stack}", nor any other: "pulumi up -s ${stack}" creates it in the backend that you are logged in to`;
  }
  const guess = suggestion(stack, stacks);
  const hint = guess === undefined ? `there are ${stacks.join(", ")}` : `did you mean ${guess}?`;
  return `there is no stack "${stack}" in the backend that you are logged in to; ${hint}`;
}

const REMEDIES: readonly { readonly pattern: RegExp; readonly remedy: string }[] = [
  {
    pattern: /PULUMI_ACCESS_TOKEN must be set|not logged in|pulumi login/i,
    remedy: 'Pulumi is not logged in: "pulumi login", or "pulumi login --local" to keep stacks on this machine',
  },
  {
    pattern: /passphrase/i,
    remedy: "the stack holds secrets, and their passphrase is missing or wrong: set PULUMI_CONFIG_PASSPHRASE",
  },
];

/** What Pulumi said, and in plain words what to do where that is known. */
function explained(error: unknown, stack: string): Error {
  const text = messageOf(error);
  const known = REMEDIES.find(({ pattern }) => pattern.test(text));
  if (known !== undefined) return new DeploymentError(known.remedy);
  const said = /^\s*(?:stderr:\s*)?error: (.+)$/m.exec(text)?.[1];
  return said === undefined && error instanceof Error
    ? error
    : new DeploymentError(`stack ${stack} cannot be read: ${said ?? text}`);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
