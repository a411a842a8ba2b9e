import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "./account.ts";
import { createVpc, type CreatedNetwork } from "./network/created-vpc.ts";
import { createJobSecurityGroup } from "./network/security-group.ts";

/** A network that is there already. */
export interface ExistingNetwork {
  readonly kind: "existing";
  /** Where the job's security group is made; needed unless `securityGroupIds` has one. */
  readonly vpcId?: pulumi.Input<string>;
  /** Runs take the first with enough free addresses: one for each worker. */
  readonly subnetIds: readonly pulumi.Input<string>[];
  /** One of them must let its own members in on all TCP ports. @default a new group that does */
  readonly securityGroupIds?: readonly pulumi.Input<string>[];
}

/** Where the job's workers get their network interfaces; without one, in a network of Glue's own. */
export type NetworkArgs = { readonly kind: "none" } | ExistingNetwork | CreatedNetwork;

/** A network of any kind with what belongs to another, as plain JavaScript or a stack's config may give it. */
export type AnyNetwork = Partial<Omit<ExistingNetwork, "kind"> & Omit<CreatedNetwork, "kind">> &
  Pick<NetworkArgs, "kind">;

interface JobNetworkArgs {
  readonly network: ExistingNetwork | CreatedNetwork;
  readonly account: Account;
}

/** A network as connections need it. */
export interface Places {
  readonly subnetIds: readonly pulumi.Input<string>[];
  readonly securityGroupIds: readonly pulumi.Input<string>[];
}

/** Connections of type NETWORK, one for each subnet, and what of the network is not there yet. */
class JobNetwork extends pulumi.ComponentResource {
  /** Names of the connections, for the job. */
  readonly connections: readonly pulumi.Output<string>[];

  constructor(name: string, { network, account }: JobNetworkArgs, opts: pulumi.ComponentResourceOptions) {
    super("glue-pipeline:index:JobNetwork", name, {}, opts);
    const places = network.kind === "create" ? createVpc(name, network, account, this) : found(name, network, this);
    this.connections = places.subnetIds.map((subnetId, index) =>
      createConnection(`${name}-${index + 1}`, subnetId, places.securityGroupIds, this),
    );
    this.registerOutputs({ connections: this.connections });
  }
}

/** Says that nothing is made of a network where nothing would use it. */
export const warnOfUnusedNetwork = (network: NetworkArgs | undefined, pipeline: pulumi.Resource): void => {
  if (network === undefined || network.kind === "none") return;
  const text = `network is "${network.kind}", and simulated jobs are in no network: nothing of it is used or created`;
  void pulumi.log.warn(text, pipeline);
};

/** The connections of a network, which is made as far as it is not there. */
export const connectionsOf = (
  name: string,
  network: NetworkArgs | undefined,
  account: Account,
  parent: pulumi.Resource,
): readonly pulumi.Output<string>[] =>
  network === undefined || network.kind === "none"
    ? []
    : new JobNetwork(name, { network, account }, { parent }).connections;

const found = (
  name: string,
  { vpcId, subnetIds, securityGroupIds = [] }: ExistingNetwork,
  parent: pulumi.Resource,
): Places => {
  if (securityGroupIds.length > 0 || vpcId === undefined) return { subnetIds, securityGroupIds };
  const group = createJobSecurityGroup(name, vpcId, parent);
  // What the job is to reach in a network of somebody else's is not known here.
  new aws.vpc.SecurityGroupEgressRule(
    `${name}-out`,
    {
      securityGroupId: group.id,
      ipProtocol: "tcp",
      fromPort: 0,
      toPort: 65_535,
      cidrIpv4: "0.0.0.0/0",
      description: "What the job reaches",
    },
    { parent },
  );
  return { subnetIds, securityGroupIds: [group.id] };
};

const createConnection = (
  name: string,
  subnetId: pulumi.Input<string>,
  securityGroupIds: readonly pulumi.Input<string>[],
  parent: pulumi.Resource,
): pulumi.Output<string> =>
  new aws.glue.Connection(
    name,
    {
      connectionType: "NETWORK",
      physicalConnectionRequirements: {
        subnetId,
        // Glue's API wants it although the subnet says it.
        availabilityZone: aws.ec2.getSubnetOutput({ id: subnetId }, { parent }).availabilityZone,
        securityGroupIdLists: [...securityGroupIds],
      },
    },
    { parent },
  ).name;
