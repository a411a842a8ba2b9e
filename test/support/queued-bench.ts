import { createHandler as createDispatcher } from "../../functions/queued-dispatcher.ts";
import { createHandler as createRecorder } from "../../functions/outcome-recorder.ts";
import { fileEntryOf } from "../../functions/lib/queued/ledger-items.ts";
import { createWorld, type OpenWorld } from "../../local/cloud-world.ts";
import { createClients } from "../../local/services/clients.ts";
import { DynamoDbService } from "../../local/services/dynamodb.ts";
import { createIds } from "../../local/services/ids.ts";
import { MemoryStorage } from "../../local/services/memory-storage.ts";
import { S3Service } from "../../local/services/s3.ts";
import { ServiceError, type Api } from "../../local/services/service.ts";
import { SqsService } from "../../local/services/sqs.ts";
import { createStepFunctions } from "../../local/services/step-functions.ts";
import { createDeliver } from "../../local/cloud-deliveries.ts";
import { declaredMachine, machineArn } from "../local/states/step-functions-world.ts";
import { bucket, graphOf, queue, queueArn, queueUrl, role, table, topic, topicArn } from "./graph.ts";
import { LoopClock } from "./loop-clock.ts";
import { SimulatedBatchJob, type Told } from "./queued-job.ts";
import { start } from "./world.ts";
import type { Receivers } from "../../local/cloud-deliveries.ts";
import type { FileEntry } from "../../functions/lib/queued/file-entry.ts";
import type { QueuedSettings } from "../../functions/lib/queued/settings.ts";
import type { BatchAnswer, QueueEvent } from "../../functions/lib/queued/queue-event.ts";

/** How often something goes wrong at a call: the caller dies, is turned away, or never hears the answer. */
export interface FaultRates {
  readonly diesBefore?: number;
  readonly diesAfter?: number;
  readonly throttled?: number;
  readonly answerLost?: number;
}

export interface QueuedBenchOptions {
  readonly settings?: Partial<QueuedSettings>;
  readonly seed?: number;
  readonly faults?: FaultRates;
  /** No faults from the so manyth call on: all must end well then. @default none */
  readonly mostFaults?: number;
  /** The operation whose first answer nobody hears. @default none */
  readonly firstAnswerLost?: string;
  /** Of the outcomes that executions tell, those that nobody hears. @default 0 */
  readonly lostOutcomes?: number;
  /** Executions that somebody stops, without a word. @default 0 */
  readonly aborted?: number;
  /** Messages that a function is handed at once. @default 10 */
  readonly batchSize?: number;
  /** Calls of the dispatcher at once. @default any number */
  readonly mostCalls?: number;
  /** Receives after which a message goes to the failure queue. @default 1000 */
  readonly maxReceiveCount?: number;
  /** Milliseconds that a call takes at the most. @default 40 */
  readonly slowness?: number;
  /** Milliseconds that a function lives. @default for ever */
  readonly timeoutMs?: number;
}

type LedgerItem = Readonly<Record<string, { readonly S?: string; readonly N?: string }>>;

export const benchSettings: QueuedSettings = {
  mode: "per-file",
  maxFiles: 10,
  maxBytes: 1_000_000,
  maxConcurrentExecutions: 0,
  order: "none",
  retentionDays: 90,
};

type Handler = (
  event: QueueEvent,
  invocation: { awsRequestId: string; getRemainingTimeInMillis: () => number },
) => Promise<BatchAnswer>;

/** Longer than any function lives here. */
const visibilitySeconds = 300;
const machine = machineArn("m");

/** The functions of queued dispatch on real parts of the embedded cloud, every call of theirs at the mercy of faults. */
export class QueuedBench {
  readonly clock = new LoopClock(start);
  readonly log: Readonly<Record<string, unknown>>[] = [];
  readonly published: Readonly<Record<string, unknown>>[] = [];
  readonly told: Told[] = [];
  /** With the milliseconds since the epoch at which each was done. */
  readonly calls: { readonly operation: string; readonly input: unknown; readonly at: number }[] = [];
  readonly dynamoDb: DynamoDbService;
  readonly s3: S3Service;
  readonly sqs: SqsService;
  readonly job: SimulatedBatchJob;
  readonly world: OpenWorld;
  faults = 0;
  invocations = 0;
  readonly #options: QueuedBenchOptions;
  readonly #random: () => number;
  #changed: Partial<QueuedSettings> = {};
  #dispatching = 0;

  constructor(options: QueuedBenchOptions = {}) {
    this.#options = options;
    const ids = createIds(options.seed ?? 1);
    this.#random = () => ids.random();
    const redrivePolicy = JSON.stringify({
      deadLetterTargetArn: queueArn("failures"),
      maxReceiveCount: options.maxReceiveCount ?? 1000,
    });
    const given = { visibilityTimeoutSeconds: visibilitySeconds, redrivePolicy };
    const ledger = table("ledger", {
      hashKey: "Partition",
      rangeKey: "Id",
      attributes: [
        { name: "Partition", type: "S" },
        { name: "Id", type: "S" },
      ],
      ttl: { enabled: true, attributeName: "ExpiresAt" },
    });
    const graph = graphOf([
      ...role("machine", "states.amazonaws.com"),
      declaredMachine("m", states),
      ...[ledger, bucket("output"), topic("results")],
      ...[queue("failures"), queue("arrivals", given), queue("outcomes", given)],
    ]);
    this.world = createWorld(graph, {
      clock: this.clock,
      observer: (event) => {
        this.job.observe(event, this.clock.now());
        if (event.kind === "execution-started") this.#perhapsAbort(event.executionArn);
      },
    });
    const receivers: Partial<Receivers> = {};
    this.dynamoDb = new DynamoDbService(this.world);
    this.sqs = new SqsService(this.world);
    this.s3 = new S3Service(this.world, {
      storage: new MemoryStorage(),
      deliver: createDeliver(this.world, () => receivers as Receivers),
    });
    this.job = new SimulatedBatchJob(this.s3, (told) => {
      this.#tell(told);
    });
    this.world.api.connect({
      states: createStepFunctions(this.world),
      dynamodb: this.dynamoDb,
      sqs: this.sqs,
      s3: this.s3,
      sns: {
        operations: { publish: { permissions: () => [], run: (input: { Message: string }) => this.#publish(input) } },
      },
      lambda: {
        operations: { invoke: { permissions: () => [], run: (input: { Payload: string }) => this.job.run(input) } },
      },
    });
    for (const [name, create] of [
      ["arrivals", createDispatcher],
      ["outcomes", createRecorder],
    ] as const) {
      this.sqs.onMessage(queueArn(name), (delayMs) => {
        this.#poll(name, create, delayMs);
      });
    }
  }

  /** Has functions go by other settings, some time from now. */
  change(settings: Partial<QueuedSettings>, afterMs: number): void {
    this.clock.schedule(afterMs, () => {
      this.#changed = settings;
      return Promise.resolve();
    });
  }

  /** Calls the dispatcher as S3 does where there is no queue. What it throws is in the log as a fault. */
  notify(event: unknown): void {
    this.clock.schedule(0, async () => {
      await this.#invoke(createDispatcher, event as QueueEvent);
    });
  }

  /** Puts messages into the arrivals queue, some time from now each. */
  arrive(body: unknown, afterMs = 0): void {
    this.clock.schedule(afterMs, () => {
      this.#send("arrivals", typeof body === "string" ? body : JSON.stringify(body));
      return Promise.resolve();
    });
  }

  /** Lets all happen that follows. */
  async settle(): Promise<void> {
    await this.world.settle();
  }

  entries(): readonly FileEntry[] {
    return this.items("file").map((item) => fileEntryOf(item as never));
  }

  /** Items by their id, or the start of it. */
  items(id: string): readonly LedgerItem[] {
    const { Items = [] } = this.dynamoDb.scan({ TableName: "ledger" });
    return (Items as readonly LedgerItem[]).filter(({ Id }) => Id?.S?.startsWith(id));
  }

  messages(name: string): readonly string[] {
    return (this.sqs.contents()[name] ?? []).map(({ body }) => body);
  }

  #send(name: string, MessageBody: string): void {
    this.sqs.sendMessage({ QueueUrl: queueUrl(name), MessageBody });
  }

  #publish({ Message }: { readonly Message: string }): object {
    this.published.push(JSON.parse(Message) as Readonly<Record<string, unknown>>);
    // The topic has the same subscriber for all.
    this.#send("outcomes", Message);
    return {};
  }

  #perhapsAbort(executionArn: string): void {
    if (this.#random() >= (this.#options.aborted ?? 0)) return;
    this.clock.schedule(1 + Math.floor(this.#random() * 4000), async () => {
      await this.world.api.callUnchecked("states", "stopExecution", { executionArn });
    });
  }

  #tell(told: Told): void {
    this.told.push(told);
    if (this.#random() < (this.#options.lostOutcomes ?? 0)) return;
    this.clock.schedule(Math.floor(this.#random() * 3000), () => {
      this.#send("outcomes", JSON.stringify(told));
      return Promise.resolve();
    });
  }

  #poll(name: string, create: typeof createDispatcher | typeof createRecorder, delayMs: number): void {
    this.clock.schedule(delayMs + Math.floor(this.#random() * 500), async () => {
      const { batchSize = 10, mostCalls = Infinity } = this.#options;
      const isDispatcher = create === createDispatcher;
      if (isDispatcher && this.#dispatching >= mostCalls) {
        this.#poll(name, create, 0);
        return;
      }
      const Records = [];
      while (Records.length < batchSize) {
        const { Messages = [] } = this.sqs.receiveMessage({
          QueueUrl: queueUrl(name),
          MaxNumberOfMessages: Math.min(10, batchSize - Records.length),
        });
        if (Messages.length === 0) break;
        Records.push(...Messages);
      }
      if (Records.length === 0) return;
      if (isDispatcher) this.#dispatching += 1;
      const failed = await this.#invoke(create, {
        Records: Records.map(({ MessageId, Body, Attributes }) => ({
          messageId: MessageId,
          body: Body,
          attributes: Attributes,
        })),
      });
      if (isDispatcher) this.#dispatching -= 1;
      for (const { MessageId, ReceiptHandle } of Records) {
        if (failed?.has(MessageId) === false) this.sqs.deleteMessage({ QueueUrl: queueUrl(name), ReceiptHandle });
        else this.#poll(name, create, visibilitySeconds * 1000);
      }
    });
  }

  /** Undefined: the function died, and nobody hears of it. */
  async #invoke(create: (deps: never) => Handler, event: QueueEvent): Promise<ReadonlySet<string> | undefined> {
    this.invocations += 1;
    const life = { isOver: false };
    const deadline = this.clock.now() + (this.#options.timeoutMs ?? Infinity);
    const handler = create(this.#dependencies(life) as never);
    try {
      const { batchItemFailures } = await handler(event, {
        awsRequestId: "r",
        getRemainingTimeInMillis: () => deadline - this.clock.now(),
      });
      if (life.isOver) return undefined;
      return new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    } catch (error) {
      this.log.push({ level: "FAULT", error: String(error) });
      return undefined;
    }
  }

  #dependencies(life: { isOver: boolean }): object {
    const settings: QueuedSettings = { ...benchSettings, ...this.#options.settings, ...this.#changed };
    return {
      ...createClients(this.#shakyApi(life), "function"),
      env: {
        STATE_MACHINE_ARN: machine,
        JOB_NAME: "job",
        LEDGER_TABLE: "ledger",
        OUTPUT_BUCKET: "output",
        OUTCOMES_QUEUE_URL: queueUrl("outcomes"),
        FAILURE_QUEUE_URL: queueUrl("failures"),
        RESULTS_TOPIC_ARN: topicArn("results"),
        SETTINGS: JSON.stringify(settings),
      },
      now: () => this.clock.now(),
      log: (entry: Readonly<Record<string, unknown>>) => this.log.push(entry),
    };
  }

  /** A call takes its time before and after it is done. Whoever died does nothing any more. */
  #shakyApi(life: { isOver: boolean }): Api {
    const { slowness = 40 } = this.#options;
    return {
      call: async (_, service, operation, input) => {
        await this.clock.sleep(Math.ceil(this.#random() * slowness));
        if (life.isOver) throw new Error("died");
        const fault = this.#fault();
        if (fault === "throttled") throw new ServiceError("ThrottlingException", "Rate exceeded");
        life.isOver = fault === "diesBefore";
        if (life.isOver) throw new Error("died");
        this.calls.push({ operation, input, at: this.clock.now() });
        let answer: unknown;
        try {
          answer = await this.world.api.callUnchecked(service, operation, input);
        } finally {
          await this.clock.sleep(Math.ceil(this.#random() * slowness));
        }
        if (fault === "diesAfter") life.isOver = true;
        if (life.isOver) throw new Error("died");
        const isLost = operation === this.#options.firstAnswerLost && this.#countOf(operation) === 1;
        if (isLost || fault === "answerLost") throw Object.assign(new Error("no answer"), { name: "TimeoutError" });
        return answer;
      },
    };
  }

  #countOf(operation: string): number {
    return this.calls.filter((call) => call.operation === operation).length;
  }

  #fault(): keyof FaultRates | undefined {
    const { faults = {}, mostFaults = Infinity } = this.#options;
    if (this.faults >= mostFaults) return undefined;
    let draw = this.#random();
    for (const [fault, rate] of Object.entries(faults) as [keyof FaultRates, number][]) {
      if (draw < rate) {
        this.faults += 1;
        return fault;
      }
      draw -= rate;
    }
    return undefined;
  }
}

const payload = { name: "{% $states.context.Execution.Name %}", input: "{% $states.context.Execution.Input %}" };

/** Takes up to a minute, or most of an hour for slow files, does the job, tells of it and ends. */
const states = {
  Wait: {
    Type: "Wait",
    Seconds: '{% $contains($states.input.arguments.key, "slow") ? 3000 : 5 + $states.input.arguments.size % 50 %}',
    Next: "Run",
  },
  Run: {
    Type: "Task",
    Resource: "arn:aws:states:::lambda:invoke",
    Arguments: { FunctionName: "job", Payload: payload },
    Assign: { result: "{% $states.result.Payload %}" },
    Next: "Check",
  },
  Check: {
    Type: "Choice",
    Choices: [{ Condition: '{% $result.outcome = "failed" %}', Next: "Failed" }],
    Default: "Done",
  },
  Done: { Type: "Succeed", Output: "{% $result %}" },
  Failed: { Type: "Fail", Error: "{% $result.error %}", Cause: "{% $result.cause %}" },
};
