import { isObject, parsed, textAt } from "../run/json.ts";

/** Where and as whom a stack's provider speaks to AWS, so that a command can do the same. */
export interface AwsSettings {
  /** Without it the SDK looks in the environment and the profile. */
  readonly region?: string;
  readonly profile?: string;
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  /** By the provider's name of the service, for example `s3` or `sfn`; a service without one is AWS's own. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly usesPathStyle: boolean;
  /** A role that the provider assumes and the commands do not. */
  readonly assumedRole?: string;
}

/**
 * Reads the provider's settings from a stack's config, given by full key, for example `aws:region`. A region that was
 * given in the environment of the deploy is not in the config, but in every ARN.
 */
export function awsSettings(config: Readonly<Record<string, string>>, arn = ""): AwsSettings {
  const [, , , regionOfArn = ""] = arn.split(":");
  const region = config["aws:region"] ?? (regionOfArn === "" ? undefined : regionOfArn);
  const { "aws:profile": profile, "aws:token": sessionToken } = config;
  const { "aws:accessKey": accessKeyId, "aws:secretKey": secretAccessKey } = config;
  const assumedRole = roleIn(config["aws:assumeRole"]) ?? roleIn(config["aws:assumeRoles"]);
  return {
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    ...(accessKeyId === undefined || secretAccessKey === undefined
      ? {}
      : { credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) } }),
    endpoints: endpointsIn(config["aws:endpoints"]),
    usesPathStyle: config["aws:s3UsePathStyle"] === "true",
    ...(assumedRole === undefined ? {} : { assumedRole }),
  };
}

/** The provider takes a list of objects; people write one object too. */
function endpointsIn(text: string | undefined): Readonly<Record<string, string>> {
  const value = parsed(text);
  const lists = (Array.isArray(value) ? value : [value]).filter(isObject);
  const entries = lists.flatMap((list) => Object.entries(list));
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => isText(entry[1])));
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

function roleIn(text: string | undefined): string | undefined {
  const value = parsed(text);
  return textAt(Array.isArray(value) ? value[0] : value, "roleArn");
}
