import { at, isOrMayBe, resourceRule, unknownValue, type ResourceRule } from "./rule.ts";

/** Runtimes that Lambda has deprecated no date of before 2027. */
const currentRuntimes = [
  "dotnet10",
  "java17",
  "java21",
  "java25",
  "nodejs22.x",
  "nodejs24.x",
  "provided.al2023",
  "python3.11",
  "python3.12",
  "python3.13",
  "python3.14",
  "ruby3.3",
  "ruby3.4",
  "ruby4.0",
];

const anywhere = ["0.0.0.0/0", "::/0"];

export const operationRules: readonly ResourceRule[] = [
  resourceRule({
    name: "log-retention",
    description: "Logs are kept for a time that somebody has chosen: left alone, CloudWatch keeps them for ever.",
    level: "mandatory",
    settings: { maxDays: 3653 },
    types: ["aws:cloudwatch/logGroup:LogGroup"],
    check: ({ properties: { retentionInDays: days } }, { maxDays }) => {
      if (days === unknownValue) return [];
      if (typeof days !== "number" || days === 0) return ["needs retentionInDays"];
      return days > maxDays ? [`needs retentionInDays of ${maxDays} at the most, has ${days}`] : [];
    },
  }),
  resourceRule({
    name: "lambda-runtime-current",
    description: "A function's runtime is not deprecated: it still gets security patches.",
    level: "mandatory",
    settings: { runtimes: currentRuntimes },
    types: ["aws:lambda/function:Function"],
    check: ({ properties: { runtime } }, { runtimes }) =>
      // A function of an image has no runtime.
      typeof runtime !== "string" || runtimes.includes(runtime)
        ? []
        : [`has the runtime ${runtime}; current ones are ${runtimes.join(", ")}`],
  }),
  resourceRule({
    name: "state-machine-logged",
    description: "A state machine logs what its executions do.",
    level: "advisory",
    settings: {},
    types: ["aws:sfn/stateMachine:StateMachine"],
    check: ({ properties }) => {
      const level = at(properties, "loggingConfiguration", "level");
      return level === undefined || level === "OFF" ? ["needs a loggingConfiguration with a level other than OFF"] : [];
    },
  }),
  resourceRule({
    name: "no-open-ingress",
    description: "No security group lets the whole internet in.",
    level: "mandatory",
    settings: {},
    types: [
      "aws:ec2/securityGroup:SecurityGroup",
      "aws:ec2/securityGroupRule:SecurityGroupRule",
      "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    ],
    check: ({ properties }) => {
      const ingress = at(properties, "ingress");
      const rules = Array.isArray(ingress) ? (ingress as unknown[]) : properties.type === "egress" ? [] : [properties];
      const open = rules.flatMap((rule) =>
        ["cidrBlocks", "ipv6CidrBlocks", "cidrIpv4", "cidrIpv6"]
          .flatMap((property) => at(rule, property))
          .filter((range) => anywhere.some((all) => range === all)),
      );
      return open.map((range) => `lets ${String(range)} in`);
    },
  }),
  resourceRule({
    name: "no-public-endpoint",
    description: "No function can be called without credentials.",
    level: "mandatory",
    settings: {},
    types: ["aws:lambda/functionUrl:FunctionUrl"],
    check: ({ properties: { authorizationType } }) =>
      isOrMayBe(authorizationType, "AWS_IAM") ? [] : ["needs authorizationType AWS_IAM"],
  }),
];
