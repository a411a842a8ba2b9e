import { posix } from "node:path";
import { jobStateChange } from "../functions/lib/job-run-end.ts";
import type { Simulation } from "../functions/lib/job-definition.ts";
import type { Clock } from "./clock.ts";
import { createDeliver, type Receivers } from "./cloud-deliveries.ts";
import { simulatedRunReporter } from "./cloud-job-runs.ts";
import { requireKeysOfLogs } from "./cloud-keys.ts";
import { requireTrustedRoles } from "./cloud-roles.ts";
import { createUser, type User } from "./cloud-user.ts";
import { createWorld, type OpenWorld, type WorldOptions } from "./cloud-world.ts";
import type { ScriptEngine } from "./engine/script-run.ts";
import { runScript, standInScripts } from "./engine/stand-in-scripts.ts";
import type { Observer } from "./events.ts";
import type { ResourceGraph } from "./resource-graph.ts";
import { bucketObjectKinds, putDeclaredObjects } from "./services/bucket-objects.ts";
import type { Deliveries } from "./services/bucket-notifications.ts";
import { DynamoDbService, dynamoDbKinds } from "./services/dynamodb.ts";
import { createEvents } from "./services/events-api.ts";
import { EventBridge, eventKinds } from "./services/events.ts";
import { projectRoot, startEnvironment } from "./services/function-host.ts";
import { mappingKinds, startMappings } from "./services/event-source-mappings.ts";
import { glueCatalogKinds } from "./services/glue-catalog.ts";
import { createGlueService, type GlueServiceOptions } from "./services/glue.ts";
import { glueKinds } from "./services/glue-jobs.ts";
import { glueSurroundingKinds } from "./services/glue-surroundings.ts";
import { iamKinds } from "./iam/kinds.ts";
import { inert } from "./services/inert.ts";
import { listNotHonoured, type NotHonoured, type ResourceKinds } from "./services/kinds.ts";
import { KinesisService } from "./services/kinesis.ts";
import { kinesisKinds } from "./services/kinesis-kinds.ts";
import type { StreamRecord } from "./services/kinesis-shard.ts";
import { LambdaService, lambdaKinds } from "./services/lambda.ts";
import { MemoryStorage } from "./services/memory-storage.ts";
import type { Message } from "./services/queue.ts";
import { S3Service } from "./services/s3.ts";
import { kmsKinds } from "./services/kms-kinds.ts";
import { s3Kinds } from "./services/s3-kinds.ts";
import type { Api } from "./services/service.ts";
import { type Notification, SnsService, snsKinds } from "./services/sns.ts";
import { SqsService, sqsKinds } from "./services/sqs.ts";
import { createStepFunctions } from "./services/step-functions.ts";
import { stepFunctionsKinds } from "./services/step-functions-kinds.ts";
import type { Storage } from "./services/storage.ts";

export interface CloudOptions {
  readonly clock: Clock;
  /** Same program, same seed, same calls: same history. @default 1 */
  readonly seed?: number;
  readonly observer?: Observer;
  /** Where objects are kept. @default in memory */
  readonly storage?: Storage;
  /** When each S3 event arrives, in milliseconds from its object's creation; once, at once unless given. */
  readonly deliveries?: Deliveries;
  /** How runs of real Glue jobs behave here. */
  readonly simulation?: Simulation;
  /** How many closed executions stay readable, or whether all do. @default true */
  readonly keepClosed?: boolean | number;
  /** Whether real Glue jobs do their work, by their scripts' stand-ins. @default true */
  readonly standIns?: boolean;
  /** Runs jobs' scripts themselves; then nothing stands in for them, and each run takes as long as its script. */
  readonly engine?: ScriptEngine;
  /** Folder that the bundles' handler modules are relative to. @default this project's */
  readonly root?: string;
}

/** A running cloud of what a program declares. */
export interface Cloud {
  readonly api: Api;
  /** Calls that no policy is asked about: those of the account's owner. */
  readonly asUser: User;
  /** Lets the clock run until nothing is left to do. */
  settle(): Promise<void>;
  /** Properties and resources that change nothing here, each with the reason. */
  readonly notHonoured: readonly NotHonoured[];
  /** What was published to topics. */
  readonly notifications: readonly Notification[];
  /** The messages that are in each queue now. */
  readonly queues: Readonly<Record<string, readonly Message[]>>;
  /** The records that are in each stream now. */
  readonly streams: Readonly<Record<string, readonly StreamRecord[]>>;
  /** How many items each table holds. */
  readonly tableSizes: Readonly<Record<string, number>>;
}

const kinds: ResourceKinds = {
  ...iamKinds,
  ...s3Kinds,
  ...kmsKinds,
  ...bucketObjectKinds,
  ...lambdaKinds,
  ...mappingKinds,
  ...kinesisKinds,
  ...dynamoDbKinds,
  ...sqsKinds,
  ...snsKinds,
  ...stepFunctionsKinds,
  ...glueKinds,
  ...glueCatalogKinds,
  ...glueSurroundingKinds,
  ...eventKinds,
};

/** Runs of real jobs unless told otherwise: a minute of work, and none fails. */
const defaultSimulation: Simulation = {
  seed: 1,
  startUpSeconds: 10,
  durationSeconds: 60,
  secondsPerMiB: 0,
  failureRate: 0,
  scenarios: [],
};

/** Builds the services that a program declares, wired as it says. Refuses what AWS would refuse, and types it does not know. */
export const createCloud = async (graph: ResourceGraph, options: CloudOptions): Promise<Cloud> => {
  const notHonoured = [...listNotHonoured(graph, kinds, inert)];
  const world = createWorld(graph, options satisfies WorldOptions);
  requireTrustedRoles(world);
  requireKeysOfLogs(world);
  const services = await createServices(world, options, (found) => notHonoured.push(found));
  await putDeclaredObjects(world, (input) => services.s3.putObject(input));
  return {
    api: world.api,
    asUser: createUser(world, services.s3),
    settle: world.settle,
    notHonoured,
    get notifications() {
      return services.sns.notifications;
    },
    get queues() {
      return services.sqs.contents();
    },
    get streams() {
      return services.kinesis.contents();
    },
    get tableSizes() {
      return services.dynamoDb.sizes();
    },
  };
};

interface CloudServices {
  readonly s3: S3Service;
  readonly sqs: SqsService;
  readonly sns: SnsService;
  readonly dynamoDb: DynamoDbService;
  readonly kinesis: KinesisService;
}

const createServices = async (
  world: OpenWorld,
  options: CloudOptions,
  notHonoured: (found: NotHonoured) => void,
): Promise<CloudServices> => {
  const dynamoDb = new DynamoDbService(world);
  const sqs = new SqsService(world);
  const lambda = await LambdaService.create(world, {
    root: options.root ?? projectRoot,
    ...(options.engine !== undefined && { scripts: standInScripts(options.engine, world) }),
    onLog: simulatedRunReporter(world, dynamoDb),
  });
  // A topic may deliver to a topic's subscriber and a bucket to a topic: the receivers meet here.
  const deliver = createDeliver(world, () => receivers);
  const sns = new SnsService(world, deliver);
  const { put: putEvent, isAwaited } = new EventBridge(world, deliver);
  const receivers: Receivers = { lambda, sqs, sns };
  const s3 = new S3Service(world, {
    storage: options.storage ?? new MemoryStorage(),
    deliver,
    ...(options.deliveries !== undefined && { deliveries: options.deliveries }),
  });
  const kinesis = new KinesisService(world);
  startMappings(world, { lambda, sqs, kinesis });
  const glue = createGlueService(world, {
    simulation: {
      ...(options.simulation ?? defaultSimulation),
      ...(options.engine !== undefined && { measured: true }),
    },
    notHonoured,
    putEvent,
    awaitsEnds: (jobName) =>
      isAwaited({
        source: "aws.glue",
        "detail-type": jobStateChange,
        resources: [],
        detail: { jobName, state: "SUCCEEDED" },
      }),
    ...(options.engine === undefined
      ? options.standIns !== false && { standIn: standInRunner(world) }
      : engineFor(options.engine, world)),
  });
  const services = { s3, lambda, sqs, sns, glue, events: createEvents(world, putEvent), kinesis, dynamodb: dynamoDb };
  const states = createStepFunctions(world, {
    services,
    putEvent,
    ...(options.keepClosed !== undefined && { keepClosed: options.keepClosed }),
  });
  world.api.connect({ ...services, states });
  return { s3, sqs, sns, dynamoDb, kinesis };
};

/** Runs a job's script as the job's role. */
const engineFor = (
  engine: ScriptEngine,
  world: OpenWorld,
): Pick<GlueServiceOptions, "standIn" | "runsScripts" | "onStop"> => ({
  runsScripts: true,
  standIn: ({ definition, roleArn, script }, event, content) =>
    runScript(engine, world, {
      job: definition,
      event,
      role: roleArn,
      script: { name: posix.basename(script.Key), content },
    }),
  onStop: (JobRunId) => {
    engine.stop(JobRunId);
  },
});

/** Runs a job's stand-in as the job's role. */
const standInRunner =
  (world: OpenWorld): NonNullable<GlueServiceOptions["standIn"]> =>
  async (job, event) => {
    if (job.standIn === undefined) return undefined;
    const environment = await startEnvironment({
      module: job.standIn,
      role: job.roleArn,
      environment: {},
      api: world.api,
      clock: world.clock,
      log: (entry, requestId) => {
        world.observe({ kind: "function-log", functionName: job.definition.Name, requestId, entry });
      },
    });
    return environment.invoke(event, event.JobRunId);
  };
