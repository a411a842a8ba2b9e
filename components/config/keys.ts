/** The config key of each argument that goes by another name there, by the argument's path. */
const keys: Readonly<Record<string, string>> = {
  "job.timeoutMinutes": "jobTimeoutMinutes",
  "landing.prefix": "landingPrefix",
  "landing.suffix": "landingSuffix",
  "polling.floorSeconds": "pollFloorSeconds",
  "polling.ceilingSeconds": "pollCeilingSeconds",
  "polling.share": "pollShare",
  "retry.intervalSeconds": "retryIntervalSeconds",
  "retry.backoffRate": "retryBackoffRate",
};

/** The config key of an argument: `job.numberOfWorkers` is `numberOfWorkers`. */
export const keyOf = (path: string): string => keys[path] ?? path.split(".").at(-1) ?? path;
