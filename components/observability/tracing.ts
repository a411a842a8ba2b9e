import * as pulumi from "@pulumi/pulumi";
import { LambdaFunction } from "../lambda-function.ts";
import { PipelineMachine } from "../pipeline-machine.ts";

/** A pipeline's options: where it is traced, with what everything inside it takes over. */
export const withTracing = (
  tracing: boolean | undefined,
  opts: pulumi.ComponentResourceOptions,
): pulumi.ComponentResourceOptions =>
  tracing === true ? { ...opts, transformations: [...(opts.transformations ?? []), traced] } : opts;

/** Has X-Ray trace functions and state machines, each as it is registered, so that none can be forgotten. */
const traced: pulumi.ResourceTransformation = ({ type, props, opts }) => {
  const given = props as Readonly<Record<string, unknown>>;
  switch (type) {
    case "aws:lambda/function:Function":
      return { props: { ...given, tracingConfig: { mode: "Active" } }, opts };
    case "aws:sfn/stateMachine:StateMachine":
      return { props: { ...given, tracingConfiguration: { enabled: true } }, opts };
    case "aws:iam/rolePolicy:RolePolicy":
      return isTraced(opts.parent)
        ? { props: { ...given, policy: withTraces(given.policy as pulumi.Input<string>) }, opts }
        : undefined;
    default:
      return undefined;
  }
};

const isTraced = (owner: pulumi.Resource | undefined): boolean =>
  owner instanceof LambdaFunction || owner instanceof PipelineMachine;

const withTraces = (policy: pulumi.Input<string>): pulumi.Output<string> =>
  pulumi.output(policy).apply((text) => {
    const document = JSON.parse(text) as { readonly Statement: readonly unknown[] };
    return JSON.stringify({ ...document, Statement: [...document.Statement, trace] });
  });

const trace = {
  Sid: "Trace",
  Effect: "Allow",
  Action: ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"],
  // X-Ray has no narrower resource.
  Resource: "*",
};
