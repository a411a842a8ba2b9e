import { expect } from "chai";
import fc from "fast-check";
import * as pulumi from "@pulumi/pulumi";
import { addressesOf, cidrProblem, subnetPrefix } from "../../../components/rules/cidr.ts";
import { networkRules } from "../../../components/rules/network-rules.ts";
import { problemText } from "../../../components/rules/problem.ts";
import { securityRules } from "../../../components/rules/security-rules.ts";

type NetworkArgs = Parameters<typeof networkRules>[0];

const networkProblems = (network: object, job: NetworkArgs["job"] = {}): readonly string[] =>
  networkRules({ network: network as NonNullable<NetworkArgs["network"]>, job }).map((problem) => problemText(problem));

const securityProblems = (args: Parameters<typeof securityRules>[0]): readonly string[] =>
  securityRules(args).map((problem) => problemText(problem));

const subnet = "subnet-0123456789abcdef0";
const vpcId = "vpc-0123456789abcdef0";
const key = "arn:aws:kms:eu-central-1:123456789012:key/12345678-1234-1234-1234-123456789abc";

describe("What is wrong with a network", () => {
  const right: readonly object[] = [
    { kind: "none" },
    { kind: "existing", vpcId, subnetIds: [subnet] },
    { kind: "existing", subnetIds: ["subnet-01234567"], securityGroupIds: ["sg-01234567"] },
    { kind: "create" },
    { kind: "create", cidrBlock: "10.0.0.0/26", availabilityZones: 1 },
  ];
  for (const network of right) {
    it(`is nothing with ${JSON.stringify(network)}`, () => {
      expect(networkProblems(network)).to.deep.equal([]);
    });
  }

  it("is AWS's to find where ids are not known yet", () => {
    const network = { kind: "existing", vpcId: pulumi.output("not known"), subnetIds: [pulumi.output("not known")] };
    expect(networkProblems(network)).to.deep.equal([]);
  });

  const wrong: readonly (readonly [object, readonly string[]])[] = [
    [
      { kind: "existing" },
      [
        'network.subnetIds must be a list of at least one subnet where network.kind is "existing", got []',
        'network.vpcId must be given where network.kind is "existing", for the job\'s security group, or network.securityGroupIds name a group that lets its own members in, got ""',
      ],
    ],
    [
      { kind: "none", vpcId, subnetIds: [subnet] },
      [
        `network.vpcId must be left out where network.kind is "none", or network.kind be "existing", got "${vpcId}"`,
        `network.subnetIds must be left out where network.kind is "none", or network.kind be "existing", got ["${subnet}"]`,
      ],
    ],
    [
      { kind: "existing", vpcId, subnetIds: [subnet], cidrBlock: "10.0.0.0/16" },
      [
        'network.cidrBlock must be left out where network.kind is "existing", or network.kind be "create", got "10.0.0.0/16"',
      ],
    ],
    [
      { kind: "existing", vpcId: "my-vpc", subnetIds: ["10.0.1.0/24", subnet, subnet], securityGroupIds: ["default"] },
      [
        'network.vpcId must be an id such as vpc-0123456789abcdef0, got "my-vpc"',
        'network.subnetIds must be an id such as subnet-0123456789abcdef0, got "10.0.1.0/24"',
        `network.subnetIds must be without repetitions, got "${subnet}"`,
        'network.securityGroupIds must be an id such as sg-0123456789abcdef0, got "default"',
      ],
    ],
    [
      { kind: "create", cidrBlock: "10.0.0.0" },
      ['network.cidrBlock must be an IPv4 block such as 10.0.0.0/16, got "10.0.0.0"'],
    ],
    [
      { kind: "create", cidrBlock: "10.0.0.1/16" },
      ['network.cidrBlock must be the start of its block, 10.0.0.0/16, got "10.0.0.1/16"'],
    ],
    [
      { kind: "create", cidrBlock: "10.0.0.0/8" },
      ['network.cidrBlock must be a block from /16 to /28: AWS takes no other for a VPC, got "10.0.0.0/8"'],
    ],
    [
      { kind: "create", cidrBlock: "10.0.0.0/28" },
      [
        "network.cidrBlock must be larger, a shorter prefix such as /16: each of 2 private subnets would have room for " +
          "0 workers, and 3 runs at once of 2 workers want 3 addresses in each; or lower job.numberOfWorkers or " +
          'job.maxConcurrentRuns, got "10.0.0.0/28"',
      ],
    ],
    [{ kind: "create", availabilityZones: 0 }, ["network.availabilityZones must be a whole number from 1 to 6, got 0"]],
    [
      { kind: "create", interfaceEndpoints: ["com.amazonaws.us-east-1.logs", "s3"] },
      [
        'network.interfaceEndpoints must be the last part of an endpoint service\'s name, for example "secretsmanager", got "com.amazonaws.us-east-1.logs"',
        'network.interfaceEndpoints must be without repetitions, and without s3 and dynamodb: they have gateway endpoints, got "s3"',
      ],
    ],
  ];
  for (const [network, problems] of wrong) {
    it(`is told of ${JSON.stringify(network)}`, () => {
      expect(networkProblems(network)).to.deep.equal(problems);
    });
  }

  it("is a block in which the workers of all runs do not fit", () => {
    const job = { workerType: "G.1X", numberOfWorkers: 200, maxConcurrentRuns: 11 } as NetworkArgs["job"];
    expect(networkProblems({ kind: "create", cidrBlock: "10.0.0.0/21" }, job)).to.have.length(1);
    expect(networkProblems({ kind: "create", cidrBlock: "10.0.0.0/20" }, job)).to.deep.equal([]);
  });
});

describe("A block of addresses", () => {
  const octet = fc.integer({ min: 0, max: 255 });
  const ofNetworks = fc.integer({ min: 1, max: 223 }).filter((first) => first !== 127 && first !== 169);

  it("is right at its start only, and told where that is", () => {
    fc.assert(
      fc.property(ofNetworks, octet, octet, octet, fc.integer({ min: 16, max: 28 }), (a, b, c, d, prefix) => {
        const block = `${[a, b, c, d].join(".")}/${prefix}`;
        const problem = cidrProblem(block);
        const [, start] = /^the start of its block, (.*)$/.exec(problem ?? "") ?? [];
        return problem === undefined
          ? cidrProblem(block) === undefined
          : start !== undefined && cidrProblem(start) === undefined;
      }),
    );
  });

  it("is one that a network can have", () => {
    for (const block of ["0.0.0.0/16", "127.0.0.0/16", "169.254.0.0/16", "224.0.0.0/16", "255.255.0.0/16"]) {
      expect(cidrProblem(block), block).to.match(/^a private block such as 10\.0\.0\.0\/16: /);
    }
    for (const block of ["1.0.0.0/16", "169.253.0.0/16", "223.255.0.0/16"])
      expect(cidrProblem(block)).to.equal(undefined);
  });

  it("has room for all of its subnets", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 16, max: 24 }),
        fc.integer({ min: 1, max: 6 }),
        fc.boolean(),
        (prefix, zones, shared) => {
          const subnets = zones * (shared ? 2 : 1);
          return addressesOf(subnetPrefix(`10.0.0.0/${prefix}`, zones, shared)) * subnets <= addressesOf(prefix);
        },
      ),
    );
  });
});

describe("What is wrong with security", () => {
  before(() => {
    pulumi.runtime.setAllConfig({ "aws:region": "eu-central-1" });
  });
  after(() => {
    pulumi.runtime.setAllConfig({});
  });

  it("is nothing where it is a switch, or all of it is well formed", () => {
    expect(securityProblems({ security: true })).to.deep.equal([]);
    expect(
      securityProblems({
        security: {
          kmsKeyArn: key,
          permissionsBoundary: "arn:aws:iam::123456789012:policy/teams/data/boundary",
          rolePath: "/teams/data/",
        },
        tags: { "cost center": "42", team: "données" },
      }),
    ).to.deep.equal([]);
    expect(securityProblems({ security: { kmsKeyArn: pulumi.output("anything") } })).to.deep.equal([]);
  });

  const wrong: readonly (readonly [Parameters<typeof securityRules>[0], readonly RegExp[]])[] = [
    [
      { security: { kmsKeyArn: "alias/data" } },
      [/security\.kmsKeyArn must be the ARN of a key.*for an alias.*got "alias\/data"/],
    ],
    [
      { security: { kmsKeyArn: key.replace("eu-central-1", "us-east-1") } },
      [/security\.kmsKeyArn must be a key of eu-central-1.*got "arn:aws:kms:us-east-1/],
    ],
    [
      { security: { customerManagedKey: false, kmsKeyArn: key } },
      [/security\.kmsKeyArn must be left out, or security\.customerManagedKey be true.*got "arn/],
    ],
    [
      { security: { permissionsBoundary: "boundary", rolePath: "teams" } },
      [
        /security\.permissionsBoundary must be the ARN of a policy.*got "boundary"/,
        /security\.rolePath must be a path.*got "teams"/,
      ],
    ],
    [{ tags: { "aws:team": "data" } }, [/tags must be without names that begin with aws:.*got \{"aws:team":"data"\}/]],
    [{ tags: { team: "data;more" } }, [/tags must be names of 1 to 128.*got \{"team":"data;more"\}/]],
    [{ tags: { "": "x" } }, [/tags must be names of 1 to 128/]],
    [
      { tags: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`t${index}`, ""])) },
      [/tags must be at most 50 tags, got "51 tags"/],
    ],
  ];
  for (const [args, patterns] of wrong) {
    it(`is told of ${JSON.stringify(args).slice(0, 80)}`, () => {
      const problems = securityProblems(args);
      expect(problems).to.have.length(patterns.length);
      for (const [index, pattern] of patterns.entries()) expect(problems[index]).to.match(pattern);
    });
  }
});
