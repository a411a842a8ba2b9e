/** The config key of each argument that goes by another name there, by the argument's path. */
const keys: Readonly<Record<string, string>> = {
  "dispatch.mode": "dispatch",
  "job.kind": "jobKind",
  "job.timeoutMinutes": "jobTimeoutMinutes",
  "job.enableMetrics": "jobMetrics",
  "job.enableObservabilityMetrics": "observabilityMetrics",
  "job.runtime": "rayRuntime",
  "job.defaultArguments": "jobArguments",
  "job.overrides.workerTypes": "overrideWorkerTypes",
  "job.overrides.maxNumberOfWorkers": "overrideMaxWorkers",
  "job.overrides.maxTimeoutMinutes": "overrideMaxTimeoutMinutes",
  "job.overrides.executionClasses": "overrideExecutionClasses",
  "landing.prefix": "landingPrefix",
  "network.cidrBlock": "vpcCidr",
  "network.interfaceEndpoints": "vpcEndpoints",
  "network.internetAccess": "vpcInternetAccess",
  "network.kind": "network",
  "observability.enabled": "observability",
  "security.customerManagedKey": "security",
  "landing.suffix": "landingSuffix",
  "polling.floorSeconds": "pollFloorSeconds",
  "polling.ceilingSeconds": "pollCeilingSeconds",
  "polling.share": "pollShare",
  "simulation.startUpSeconds": "simulatedStartUpSeconds",
  "simulation.durationSeconds": "simulatedDurationSeconds",
  "simulation.secondsPerMiB": "simulatedSecondsPerMiB",
  "retry.intervalSeconds": "retryIntervalSeconds",
  "retry.backoffRate": "retryBackoffRate",
};

/** The config key of an argument: `job.numberOfWorkers` is `numberOfWorkers`. */
export const keyOf = (path: string): string => keys[path] ?? path.split(".").at(-1) ?? path;
