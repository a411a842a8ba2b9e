import { createHash } from "node:crypto";
import type { Physical, Place } from "./physical.ts";

/** An id as EC2 makes them: `subnet-0a1b…`, the same for the same seed. */
export const ec2Id = (prefix: string, ...seed: readonly string[]): string =>
  `${prefix}-${createHash("sha256").update(seed.join("\0")).digest("hex").slice(0, 17)}`;

/** What awsx's component would make of its arguments: a VPC with so many subnets of each type. */
export const vpcOf = (generated: string, inputs: Readonly<Record<string, unknown>>, { project }: Place): Physical => {
  const ids = (prefix: string, kind: string): readonly string[] =>
    Array.from({ length: zonesOf(inputs) }, (_, zone) => ec2Id(prefix, project, generated, kind, String(zone)));
  const subnetIds = (type: string): readonly string[] => (typesOf(inputs).includes(type) ? ids("subnet", type) : []);
  const vpcId = ec2Id("vpc", project, generated);
  const privateSubnetIds = subnetIds("Private");
  const publicSubnetIds = subnetIds("Public");
  const isolatedSubnetIds = subnetIds("Isolated");
  const all = [...privateSubnetIds, ...publicSubnetIds, ...isolatedSubnetIds];
  return {
    id: "",
    outputs: {
      vpcId,
      privateSubnetIds,
      publicSubnetIds,
      isolatedSubnetIds,
      routeTables: all.map((subnet) => ({ id: ec2Id("rtb", subnet) })),
    },
  };
};

/** Where the program says nothing, awsx makes a public and a private subnet in each of three zones. */
const zonesOf = ({ numberOfAvailabilityZones, availabilityZoneNames }: Readonly<Record<string, unknown>>): number => {
  if (typeof numberOfAvailabilityZones === "number") return numberOfAvailabilityZones;
  return Array.isArray(availabilityZoneNames) ? availabilityZoneNames.length : 3;
};

const typesOf = ({ subnetSpecs }: Readonly<Record<string, unknown>>): readonly string[] =>
  Array.isArray(subnetSpecs) ? subnetSpecs.map((spec: { type?: unknown }) => String(spec.type)) : ["Private", "Public"];
