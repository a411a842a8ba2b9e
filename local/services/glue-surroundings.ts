import type { Resource, ResourceGraph } from "../resource-graph.ts";
import type { ResourceKinds } from "./kinds.ts";
import { Properties } from "./properties.ts";
import type { Permission } from "./service.ts";
import type { World } from "./world.ts";

const connectionType = "aws:glue/connection:Connection";
const securityType = "aws:glue/securityConfiguration:SecurityConfiguration";

export const glueSurroundingKinds: ResourceKinds = {
  [connectionType]: { honoured: ["name", "connectionType", "physicalConnectionRequirements"] },
  [securityType]: { honoured: ["name", "encryptionConfiguration"] },
};

/** What of a job decides where its runs are, and under which keys. */
export interface SurroundedJob {
  readonly resource: Resource;
  readonly roleArn: string;
}

/**
 * What Glue does as the job's role before a run's script: it puts network interfaces into the connections' subnets, and
 * gives the log groups of a security configuration their key. Throws where the role may not.
 */
export const requireSurroundings = (
  { graph, authoriser }: Pick<World, "graph" | "authoriser">,
  { resource, roleArn }: SurroundedJob,
): void => {
  const job = Properties.of(resource);
  const connections = job.strings("connections").flatMap((name) => find(graph, connectionType, name));
  const configuration = job.optionalString("securityConfiguration");
  const needed = [
    ...(connections.length > 0 ? describing(graph) : []),
    ...connections.flatMap((connection) => joining(graph, connection)),
    ...(configuration === undefined ? [] : encryptingLogs(graph, configuration)),
  ];
  for (const permission of needed) {
    const decision = authoriser.decide(roleArn, permission);
    if (decision.allowed) continue;
    throw new Error(
      `User: ${authoriser.userArn(roleArn)} is not authorized to perform: ${permission.action} ` +
        `on resource: ${permission.resource} ${decision.reason}`,
    );
  }
};

/** What is not part of the program is not looked at. */
const find = ({ resources }: ResourceGraph, type: string, name: string): readonly Properties[] =>
  resources
    .filter((resource) => resource.type === type && resource.properties.name === name)
    .map((resource) => Properties.of(resource));

const describing = ({ region, accountId }: ResourceGraph): readonly Permission[] => [
  ...[
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcEndpoints",
  ].map((action) => ({ action, resource: "*" })),
  { action: "ec2:DescribeVpcAttribute", resource: `arn:aws:ec2:${region}:${accountId}:vpc/vpc-0` },
];

const joining = ({ region, accountId }: ResourceGraph, connection: Properties): readonly Permission[] => {
  const places = connection.child("physicalConnectionRequirements");
  const ec2 = (what: string): string => `arn:aws:ec2:${region}:${accountId}:${what}`;
  const glue = (what: string): string => `arn:aws:glue:${region}:${accountId}:${what}`;
  const card = ec2("network-interface/eni-0");
  const at = [
    card,
    ec2(`subnet/${places?.optionalString("subnetId") ?? ""}`),
    ...(places?.strings("securityGroupIdLists") ?? []).map((id) => ec2(`security-group/${id}`)),
  ];
  return [
    ...[glue("catalog"), glue(`connection/${connection.string("name")}`)].map((resource) => ({
      action: "glue:GetConnection",
      resource,
    })),
    ...at.map((resource) => ({ action: "ec2:CreateNetworkInterface", resource })),
    { action: "ec2:CreateTags", resource: card, context: { "aws:TagKeys": "aws-glue-service-resource" } },
    { action: "ec2:DeleteNetworkInterface", resource: card },
  ];
};

const encryptingLogs = (graph: ResourceGraph, name: string): readonly Permission[] => {
  const isEncrypted = find(graph, securityType, name).some(
    (configuration) =>
      configuration
        .child("encryptionConfiguration")
        ?.child("cloudwatchEncryption")
        ?.optionalString("cloudwatchEncryptionMode") === "SSE-KMS",
  );
  if (!isEncrypted) return [];
  const { region, accountId } = graph;
  const resource = `arn:aws:logs:${region}:${accountId}:log-group:/aws-glue/jobs/${name}-role/error`;
  return [{ action: "logs:AssociateKmsKey", resource }];
};
