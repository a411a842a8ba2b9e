import { GetBucketNotificationConfigurationCommand, type S3Client } from "@aws-sdk/client-s3";
import type { NotificationConfiguration } from "@aws-sdk/client-s3";
import type { Landing } from "../run/landing.ts";

/** What the bucket's own notification says, not what some config says that it should. */
export async function readLandings(s3: S3Client, bucket: string): Promise<readonly Landing[]> {
  return landingsIn(await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: bucket })), bucket);
}

export function landingsIn(configuration: NotificationConfiguration, bucket: string): readonly Landing[] {
  const { LambdaFunctionConfigurations = [], QueueConfigurations = [], TopicConfigurations = [] } = configuration;
  return [...LambdaFunctionConfigurations, ...QueueConfigurations, ...TopicConfigurations]
    .filter(({ Events = [] }) => Events.some((event) => event.startsWith("s3:ObjectCreated:")))
    .map(({ Filter }) => {
      // S3 gives these names with a capital at times.
      const valueOf = (name: string): string =>
        Filter?.Key?.FilterRules?.find((rule) => rule.Name?.toLowerCase() === name)?.Value ?? "";
      return { bucket, prefix: valueOf("prefix"), suffix: valueOf("suffix") };
    });
}

/** Why an object of this key is not noticed, if it is not. */
export function ignoredBecause(landings: readonly Landing[], key: string): string | undefined {
  if (landings.length === 0) return "its bucket has no notification";
  const mismatches = landings.map(({ prefix, suffix }) => [
    ...(key.startsWith(prefix) ? [] : [`does not begin with "${prefix}"`]),
    ...(key.endsWith(suffix) ? [] : [`does not end with "${suffix}"`]),
  ]);
  if (mismatches.some((reasons) => reasons.length === 0)) return undefined;
  return mismatches.map((reasons) => `its key ${reasons.join(" and ")}`).join("; ");
}
