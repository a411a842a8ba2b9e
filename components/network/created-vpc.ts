import * as aws from "@pulumi/aws";
// The package's own entry would load its container and load balancer components too.
import { Vpc } from "@pulumi/awsx/ec2/vpc.js";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "../account.ts";
import type { Places } from "../network.ts";
import { createJobSecurityGroup } from "./security-group.ts";

/** A network of the pipeline's own. */
export interface CreatedNetwork {
  readonly kind: "create";
  /** @default "10.0.0.0/16" */
  readonly cidrBlock?: string;
  /** Each gets a private subnet. @default 2 */
  readonly availabilityZones?: number;
  /**
   * Services that the job reaches without the internet, each an interface endpoint in every availability zone, which
   * AWS charges by the hour; S3 and DynamoDB have gateway endpoints, which cost nothing.
   * @default ["glue", "kms", "logs", "monitoring", "sts"]
   */
  readonly interfaceEndpoints?: readonly string[];
  /** A NAT gateway and a public subnet for it, for example to install Python modules. @default false */
  readonly internetAccess?: boolean;
}

export const createdNetworkDefaults = Object.freeze({
  cidrBlock: "10.0.0.0/16",
  availabilityZones: 2,
  interfaceEndpoints: Object.freeze(["glue", "kms", "logs", "monitoring", "sts"]),
  internetAccess: false,
});

/** A VPC with private subnets, from which AWS's services are reached by endpoints. */
export const createVpc = (name: string, args: CreatedNetwork, account: Account, parent: pulumi.Resource): Places => {
  const { cidrBlock, availabilityZones, interfaceEndpoints, internetAccess } = { ...createdNetworkDefaults, ...args };
  const vpc = new Vpc(
    name,
    {
      cidrBlock,
      numberOfAvailabilityZones: availabilityZones,
      // Names of endpoints are answered by the VPC's own DNS.
      enableDnsHostnames: true,
      enableDnsSupport: true,
      natGateways: { strategy: internetAccess ? "Single" : "None" },
      subnetStrategy: "Auto",
      subnetSpecs: [{ type: "Private" }, ...(internetAccess ? [{ type: "Public" as const }] : [])],
    },
    { parent },
  );
  const group = createJobSecurityGroup(name, vpc.vpcId, parent);
  const gateways = ["s3", "dynamodb"].map((service) => createGateway(name, service, vpc, account, parent));
  for (const service of interfaceEndpoints) createInterface(name, service, vpc, group, account, parent);
  allowOut(name, { group, gateways, internetAccess }, parent);
  return {
    subnetIds: Array.from({ length: availabilityZones }, (_, index) => subnetOf(vpc, index)),
    securityGroupIds: [group.id],
  };
};

/** How many there are is known before which. */
const subnetOf = (vpc: Vpc, index: number): pulumi.Output<string> =>
  vpc.privateSubnetIds.apply((ids) => {
    const id = ids[index];
    if (id === undefined) throw new pulumi.RunError(`the VPC has ${ids.length} private subnets, wanted ${index + 1}`);
    return id;
  });

const endpointArgs = (service: string, vpc: Vpc, { region }: Account) => ({
  vpcId: vpc.vpcId,
  serviceName: pulumi.interpolate`com.amazonaws.${region}.${service}`,
});

const createGateway = (
  name: string,
  service: string,
  vpc: Vpc,
  account: Account,
  parent: pulumi.Resource,
): aws.ec2.VpcEndpoint =>
  new aws.ec2.VpcEndpoint(
    `${name}-${service}`,
    {
      ...endpointArgs(service, vpc, account),
      vpcEndpointType: "Gateway",
      routeTableIds: vpc.routeTables.apply((tables) => pulumi.all(tables.map(({ id }) => id))),
    },
    { parent },
  );

const createInterface = (
  name: string,
  service: string,
  vpc: Vpc,
  group: aws.ec2.SecurityGroup,
  account: Account,
  parent: pulumi.Resource,
): void => {
  new aws.ec2.VpcEndpoint(
    `${name}-${service}`,
    {
      ...endpointArgs(service, vpc, account),
      vpcEndpointType: "Interface",
      privateDnsEnabled: true,
      subnetIds: vpc.privateSubnetIds,
      // Members of the group reach each other.
      securityGroupIds: [group.id],
    },
    { parent },
  );
};

interface Ways {
  readonly group: aws.ec2.SecurityGroup;
  readonly gateways: readonly aws.ec2.VpcEndpoint[];
  readonly internetAccess: boolean;
}

/** Gateway endpoints have public addresses, each service's under a list; nothing else is let out unless asked for. */
const allowOut = (name: string, { group, gateways, internetAccess }: Ways, parent: pulumi.Resource): void => {
  const https = { securityGroupId: group.id, ipProtocol: "tcp", fromPort: 443, toPort: 443 };
  for (const [index, service] of ["s3", "dynamodb"].entries()) {
    const list = gateways[index];
    if (list === undefined) continue;
    new aws.vpc.SecurityGroupEgressRule(
      `${name}-${service}`,
      { ...https, prefixListId: list.prefixListId, description: `To ${service}` },
      { parent },
    );
  }
  if (!internetAccess) return;
  new aws.vpc.SecurityGroupEgressRule(
    `${name}-internet`,
    { ...https, cidrIpv4: "0.0.0.0/0", description: "To the internet" },
    { parent },
  );
};
