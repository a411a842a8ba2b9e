import { jobSettings } from "../glue-job/settings.ts";
import { createdNetworkDefaults } from "../network/created-vpc.ts";
import type { AnyNetwork } from "../network.ts";
import { addressesOf, cidrProblem, subnetPrefix } from "./cidr.ts";
import type { RuledArgs } from "./pipeline-rules.ts";
import type { Problem } from "./problem.ts";

export const networkRules = (args: Pick<RuledArgs, "network" | "job">): readonly Problem[] => {
  if (args.network === undefined) return [];
  const network: AnyNetwork = args.network;
  return [...misplaced(network), ...(network.kind === "existing" ? existing(network) : []), ...room(network, args.job)];
};

type NetworkField = Exclude<keyof AnyNetwork, "kind">;

/** Which kind of network takes a field. */
const takenBy: Readonly<Record<NetworkField, AnyNetwork["kind"]>> = {
  vpcId: "existing",
  subnetIds: "existing",
  securityGroupIds: "existing",
  cidrBlock: "create",
  availabilityZones: "create",
  interfaceEndpoints: "create",
  internetAccess: "create",
};

const misplaced = (network: AnyNetwork): readonly Problem[] =>
  (Object.keys(takenBy) as NetworkField[])
    .filter((field) => network[field] !== undefined && takenBy[field] !== network.kind)
    .map((field) => ({
      field: `network.${field}`,
      must: (say) =>
        `left out where ${say("network.kind")} is "${network.kind}", or ${say("network.kind")} be "${takenBy[field]}"`,
      got: network[field],
    }));

const existing = ({ vpcId, subnetIds = [], securityGroupIds = [] }: AnyNetwork): readonly Problem[] => [
  ...(subnetIds.length === 0
    ? [
        {
          field: "network.subnetIds",
          must: (say) => `a list of at least one subnet where ${say("network.kind")} is "existing"`,
          got: subnetIds,
        } satisfies Problem,
      ]
    : []),
  ...(vpcId === undefined && securityGroupIds.length === 0
    ? [
        {
          field: "network.vpcId",
          must: (say) =>
            `given where ${say("network.kind")} is "existing", for the job's security group, or ` +
            `${say("network.securityGroupIds")} name a group that lets its own members in`,
          got: "",
        } satisfies Problem,
      ]
    : []),
  ...idProblems("network.vpcId", "vpc", vpcId === undefined ? [] : [vpcId]),
  ...idProblems("network.subnetIds", "subnet", subnetIds),
  ...idProblems("network.securityGroupIds", "sg", securityGroupIds),
];

const idProblems = (field: string, prefix: string, ids: readonly unknown[]): readonly Problem[] => {
  const known = ids.filter((id) => typeof id === "string");
  const wrong = known.filter((id) => !new RegExp(`^${prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`).test(id));
  const twice = known.filter((id, index) => known.indexOf(id) !== index);
  return [
    ...wrong.map((got) => ({ field, must: () => `an id such as ${prefix}-0123456789abcdef0`, got })),
    ...twice.map((got) => ({ field, must: () => "without repetitions", got })),
  ];
};

/** AWS keeps five addresses of each subnet. */
const reserved = 5;

const room = (network: AnyNetwork, job: RuledArgs["job"]): readonly Problem[] => {
  if (network.kind !== "create") return [];
  const { cidrBlock, availabilityZones, interfaceEndpoints, internetAccess } = {
    ...createdNetworkDefaults,
    ...network,
  };
  if (!Number.isInteger(availabilityZones) || availabilityZones < 1 || availabilityZones > 6) {
    return [{ field: "network.availabilityZones", must: () => "a whole number from 1 to 6", got: availabilityZones }];
  }
  const wrong = cidrProblem(cidrBlock);
  if (wrong !== undefined) return [{ field: "network.cidrBlock", must: () => wrong, got: cidrBlock }];
  const prefix = subnetPrefix(cidrBlock, availabilityZones, internetAccess);
  const free = prefix > 28 ? 0 : addressesOf(prefix) - reserved - interfaceEndpoints.length;
  const { numberOfWorkers = 1, maxConcurrentRuns } = jobSettings(job);
  const wanted = Math.max(numberOfWorkers, Math.ceil((numberOfWorkers * maxConcurrentRuns) / availabilityZones));
  return [
    ...idsOfServices(interfaceEndpoints),
    ...(free >= wanted
      ? []
      : [tooSmall(cidrBlock, { free, wanted, numberOfWorkers, maxConcurrentRuns, availabilityZones })]),
  ];
};

interface Need {
  readonly free: number;
  readonly wanted: number;
  readonly numberOfWorkers: number;
  readonly maxConcurrentRuns: number;
  readonly availabilityZones: number;
}

const tooSmall = (
  got: string,
  { free, wanted, numberOfWorkers, maxConcurrentRuns, availabilityZones }: Need,
): Problem => ({
  field: "network.cidrBlock",
  must: (say) =>
    `larger, a shorter prefix such as /16: each of ${availabilityZones} private subnets would have room for ` +
    `${Math.max(0, free)} workers, and ${maxConcurrentRuns} runs at once of ${numberOfWorkers} workers want ${wanted} ` +
    `addresses in each; or lower ${say("job.numberOfWorkers")} or ${say("job.maxConcurrentRuns")}`,
  got,
});

const idsOfServices = (services: readonly string[]): readonly Problem[] => [
  ...services
    .filter((service) => !/^[a-z0-9][a-z0-9.-]*$/.test(service) || service.startsWith("com.amazonaws"))
    .map((got) => ({
      field: "network.interfaceEndpoints",
      must: () => 'the last part of an endpoint service\'s name, for example "secretsmanager"',
      got,
    })),
  ...services
    .filter((service, index) => service === "s3" || service === "dynamodb" || services.indexOf(service) !== index)
    .map((got) => ({
      field: "network.interfaceEndpoints",
      must: () => "without repetitions, and without s3 and dynamodb: they have gateway endpoints",
      got,
    })),
];
