import * as pulumi from "@pulumi/pulumi";
import type { SecurityArgs } from "../security.ts";
import type { RuledArgs } from "./pipeline-rules.ts";
import type { Problem } from "./problem.ts";

/** Values that are known only once something is deployed are AWS's to check. */
export const securityRules = ({ security, tags }: Pick<RuledArgs, "security" | "tags">): readonly Problem[] => [
  ...(typeof security === "object" ? [...keyProblems(security), ...roleProblems(security)] : []),
  ...Object.entries(tags ?? {}).flatMap(([name, value]) => tagProblems(name, value)),
  ...tooManyTags(tags),
];

const keyArn =
  /^arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:key\/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

const keyProblems = ({ customerManagedKey, kmsKeyArn }: SecurityArgs): readonly Problem[] => {
  if (kmsKeyArn === undefined) return [];
  const field = "security.kmsKeyArn";
  if (customerManagedKey === false) {
    return [
      {
        field,
        must: (say) =>
          `left out, or ${say("security.customerManagedKey")} be true: without a customer managed key there is nothing to use it for`,
        got: kmsKeyArn,
      },
    ];
  }
  if (typeof kmsKeyArn !== "string") return [];
  const [matched, region] = keyArn.exec(kmsKeyArn) ?? [];
  if (matched === undefined) {
    return [
      {
        field,
        must: () =>
          "the ARN of a key, arn:aws:kms:REGION:ACCOUNT:key/ID; for an alias, give the key that it stands for " +
          "(aws kms describe-key --key-id ALIAS)",
        got: kmsKeyArn,
      },
    ];
  }
  const own = regionOfStack();
  if (own === undefined || region === own) return [];
  return [
    {
      field,
      must: () => `a key of ${own}, where the stack is (aws:region): a key works in its own region only`,
      got: kmsKeyArn,
    },
  ];
};

const boundaryArn = /^arn:aws[a-z-]*:iam::(aws|\d{12}):policy\/([!-~]+\/)*[\w+=,.@-]{1,128}$/;
const path = /^\/([!-.0-~]+\/)*$/;

const roleProblems = ({ permissionsBoundary, rolePath }: SecurityArgs): readonly Problem[] => [
  ...(typeof permissionsBoundary === "string" && !boundaryArn.test(permissionsBoundary)
    ? [
        {
          field: "security.permissionsBoundary",
          must: () => "the ARN of a policy, arn:aws:iam::ACCOUNT:policy/NAME",
          got: permissionsBoundary,
        },
      ]
    : []),
  ...(rolePath !== undefined && (rolePath.length > 512 || !path.test(rolePath))
    ? [
        {
          field: "security.rolePath",
          must: () => "a path that begins and ends with a slash, at most 512 characters, for example /pipelines/",
          got: rolePath,
        },
      ]
    : []),
];

/** What all services agree on. */
const tagText = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

const tagProblems = (name: string, value: string): readonly Problem[] => {
  const got = { [name]: value };
  if (/^aws:/i.test(name)) {
    return [{ field: "tags", must: () => "without names that begin with aws:, which are AWS's own", got }];
  }
  if (name !== "" && name.length <= 128 && value.length <= 256 && tagText.test(name + value)) return [];
  const must = () =>
    "names of 1 to 128 and values of up to 256 characters: letters, digits, spaces and any of _ . : / = + - @";
  return [{ field: "tags", must, got }];
};

const mostTags = 50;

const tooManyTags = (tags: RuledArgs["tags"]): readonly Problem[] => {
  const count = Object.keys(tags ?? {}).length;
  return count <= mostTags ? [] : [{ field: "tags", must: () => `at most ${mostTags} tags`, got: `${count} tags` }];
};

/** Nothing where the program leaves it to the environment or to a provider of its own. */
const regionOfStack = (): string | undefined => new pulumi.Config("aws").get("region");
