import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/** A group whose members reach each other on all TCP ports, as Glue asks: drivers and executors choose theirs as they go. */
export const createJobSecurityGroup = (
  name: string,
  vpcId: pulumi.Input<string>,
  parent: pulumi.Resource,
): aws.ec2.SecurityGroup => {
  const group = new aws.ec2.SecurityGroup(
    name,
    // A changed description would replace the group, and with it the connections.
    { vpcId, description: "Workers of a Glue job" },
    { parent },
  );
  const members = {
    securityGroupId: group.id,
    referencedSecurityGroupId: group.id,
    ipProtocol: "tcp",
    fromPort: 0,
    toPort: 65_535,
    description: "Workers among themselves",
  };
  new aws.vpc.SecurityGroupIngressRule(name, members, { parent });
  new aws.vpc.SecurityGroupEgressRule(name, members, { parent });
  return group;
};
