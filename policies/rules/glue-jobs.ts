import { dollars } from "../../components/dollars.ts";
import { pricePerHour } from "../../components/prices.ts";
import { at, resourceRule, stackRule, unknownValue, type Declared, type ResourceRule, type StackRule } from "./rule.ts";

const job = "aws:glue/job:Job";

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
const numberOf = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

const isStreaming = ({ properties }: Declared): boolean => at(properties, "command", "name") === "gluestreaming";

export const glueJobRules: readonly ResourceRule[] = [
  resourceRule({
    name: "glue-version-supported",
    description: "A job says which version of Glue it runs on, and AWS still runs it.",
    level: "mandatory",
    settings: { versions: ["3.0", "4.0", "5.0", "5.1", "6.0"] },
    types: [job],
    check: ({ properties: { glueVersion } }, { versions }) =>
      glueVersion === unknownValue || versions.includes(String(glueVersion))
        ? []
        : [`needs a glueVersion among ${versions.join(", ")}, has ${String(glueVersion)}`],
  }),
  resourceRule({
    name: "glue-timeout",
    description: "A job has a time-out: one that hangs would cost money for hours or days.",
    level: "mandatory",
    settings: { maxMinutes: 2880 },
    types: [job],
    check: (resource, { maxMinutes }) => {
      const { timeout } = resource.properties;
      if (timeout === unknownValue || isStreaming(resource)) return [];
      if (typeof timeout !== "number" || timeout === 0) return ["needs a timeout"];
      return timeout > maxMinutes ? [`needs a timeout of ${maxMinutes} minutes at the most, has ${timeout}`] : [];
    },
  }),
  resourceRule({
    name: "glue-no-retries",
    description: "The state machine runs a failed job again, where it can be seen; Glue does not.",
    level: "mandatory",
    settings: {},
    types: [job],
    check: ({ properties: { maxRetries } }) =>
      typeof maxRetries === "number" && maxRetries > 0 ? [`needs maxRetries 0, has ${maxRetries}`] : [],
  }),
  resourceRule({
    name: "glue-cost-per-hour",
    description: "An hour of a job costs no more than somebody has agreed to.",
    level: "mandatory",
    settings: { maxUsd: 50 },
    types: [job],
    check: ({ properties }, { maxUsd }) => {
      const price = pricePerHour({
        glueVersion: textOf(properties.glueVersion),
        workerType: textOf(properties.workerType),
        numberOfWorkers: numberOf(properties.numberOfWorkers),
        maxCapacity: numberOf(properties.maxCapacity),
        executionClass: textOf(properties.executionClass),
      });
      if (properties.workerType === unknownValue || properties.numberOfWorkers === unknownValue) return [];
      return price !== undefined && price > maxUsd
        ? [`costs ${dollars(price)} an hour, and ${dollars(maxUsd)} are allowed (maxUsd)`]
        : [];
    },
  }),
];

export const glueStackRules: readonly StackRule[] = [
  stackRule<{ readonly always: boolean }>({
    name: "glue-security-configuration",
    description: "In a stack that has a key of its own, a job encrypts what it writes, logs and remembers with it.",
    level: "mandatory",
    // Also in a stack without a key.
    settings: { always: false },
    check: (resources, { always }) =>
      always || resources.some(({ type }) => type === "aws:kms/key:Key")
        ? resources
            .filter(
              ({ type, properties }) =>
                type === job && [undefined, ""].some((none) => properties.securityConfiguration === none),
            )
            .map(({ urn }) => ({ urn, message: "needs a securityConfiguration" }))
        : [],
  }),
];
