/** Configs of a stack that make it declare other permissions or another state machine. */
export const switches: Readonly<
  Record<string, { readonly stack: string; readonly config: Readonly<Record<string, string>> }>
> = {
  local: { stack: "local", config: {} },
  "local, secured": { stack: "local", config: { security: "true", observability: "true" } },
  "local, direct": { stack: "local", config: { dispatch: "direct" } },
  "local, sync": { stack: "local", config: { completion: "sync" } },
  "local, event": { stack: "local", config: { completion: "event" } },
  "local, batches": { stack: "local", config: { dispatch: "batch" } },
  prod: { stack: "prod", config: {} },
  "prod, batches": { stack: "prod", config: { dispatch: "batch" } },
  "prod, queued": { stack: "prod", config: { maxConcurrentExecutions: "40", fileOrder: "per-key" } },
  "prod, bare": { stack: "prod", config: { security: "false", observability: "false" } },
  "prod, sync": { stack: "prod", config: { completion: "sync" } },
  "prod, event": { stack: "prod", config: { completion: "event" } },
  "prod, direct": { stack: "prod", config: { dispatch: "direct", executionTimeoutMinutes: "0" } },
  "prod, traced and told": {
    stack: "prod",
    config: {
      tracing: "true",
      alarmSubscribers: '["arn:aws:sqs:us-east-1:000000000000:alarms"]',
      failureSubscribers: '["someone@example.com"]',
    },
  },
  "prod, all logs and extras": {
    stack: "prod",
    config: {
      continuousLogging: "true",
      sparkUi: "true",
      bookmarks: "enable",
      jobMetrics: "true",
      observabilityMetrics: "true",
      jobInsights: "true",
      glueDataCatalog: '["sales"]',
    },
  },
  "prod, a stream": { stack: "prod", config: { jobKind: "streaming", jobRunQueuing: "false" } },
  "prod, a Python shell": { stack: "prod", config: { jobKind: "pythonshell", jobRunQueuing: "false" } },
  "prod, with a key that is there": {
    stack: "prod",
    config: { kmsKeyArn: "arn:aws:kms:us-east-1:000000000000:key/00000000-0000-0000-0000-000000000000" },
  },
  "local, express": {
    stack: "local",
    config: { stateMachineType: "EXPRESS", jobTimeoutMinutes: "1", giveUpAfterMinutes: "2", maxAttempts: "1" },
  },
  "prod, in a network of its own": { stack: "prod", config: { network: "create" } },
  "prod, in an existing network": {
    stack: "prod",
    config: { network: "existing", vpcId: "vpc-0123456789abcdef0", subnetIds: '["subnet-0123456789abcdef0"]' },
  },
};
