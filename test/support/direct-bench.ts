import type { JobRun } from "@aws-sdk/client-glue";
import { createHandler as createDispatcher } from "../../functions/direct-dispatcher.ts";
import { createHandler as createWatcher } from "../../functions/job-run-watcher.ts";
import type { DynamoDb, GlueCalls, Lambda, Sns, Sqs } from "../../functions/lib/aws.ts";
import type { Entry, Result } from "../../functions/lib/direct/entry.ts";
import type { DirectSettings } from "../../functions/lib/direct/settings.ts";
import { createGlue } from "../../functions/lib/glue.ts";
import type { JobDefinition, Simulation } from "../../functions/lib/job-definition.ts";
import { anyError, anyTaskFailure, busy, transient } from "../../components/task-retries.ts";
import { createMemoryJobRunStore } from "../../local/services/memory-job-run-store.ts";
import { Properties } from "../../local/services/properties.ts";
import { Queue } from "../../local/services/queue.ts";
import { VirtualClock } from "../../local/clock.ts";
import { DynamoDbService } from "../../local/services/dynamodb.ts";
import { graphOf, table } from "./graph.ts";
import { aJob, aSimulation, start } from "./jobs.ts";
import { worldOf } from "./world-of.ts";

/** What goes wrong at a call: the caller dies, is turned away, or never hears the answer. */
export type Fault = "dies before" | "dies after" | "throttled" | "answer lost";

export interface BenchOptions {
  /** By the number of the call, from 0. */
  readonly faults?: ReadonlyMap<number, Fault>;
  /** Hands each reminder to two watchers, the second one so many steps of the first later. */
  readonly secondWatcherAfter?: number;
  readonly simulation?: Partial<Simulation>;
  readonly job?: Partial<JobDefinition>;
  readonly settings?: Partial<DirectSettings>;
}

export const benchSettings: DirectSettings = {
  outputBucket: "output",
  validation: { extensions: ["csv"], minFileBytes: 1, maxFileBytes: 10_000 },
  retry: { maxAttempts: 3, intervalSeconds: 30, backoffRate: 2 },
  polling: { floorSeconds: 5, ceilingSeconds: 60, share: 0.05 },
  giveUpAfterMinutes: 120,
  retriers: { transient, busy, anyTaskFailure, anyError },
  leaseSeconds: 75,
};

const visibilitySeconds = 60;
const asyncRetrySeconds = [60, 120];

interface Planned {
  readonly at: number;
  readonly work: () => Promise<void>;
}

/** The functions of the direct mode on real parts of the embedded cloud, every call of theirs at the mercy of faults. */
export class DirectBench {
  now = start;
  readonly told: Result[] = [];
  /** What came with what was told. */
  readonly envelopes: object[] = [];
  readonly kept: Result[] = [];
  /** Notifications that Lambda has given up. */
  readonly lost: unknown[] = [];
  readonly log: Readonly<Record<string, unknown>>[] = [];
  /** When reminders were to come. */
  readonly dueTimes: number[] = [];
  calls = 0;
  readonly #options: BenchOptions;
  readonly #planned: Planned[] = [];
  readonly #queue = Queue.read(
    new Properties({ name: "watch", arn: "arn", url: "url", visibilityTimeoutSeconds: visibilitySeconds }, "watch"),
  );
  readonly #table: DynamoDbService;
  readonly #glue;
  readonly #job: JobDefinition;
  #messages = 0;

  constructor(options: BenchOptions = {}) {
    this.#options = options;
    this.#job = aJob(options.job);
    this.#glue = createGlue({
      jobs: [this.#job],
      simulation: aSimulation(options.simulation),
      store: createMemoryJobRunStore(1000),
      now: () => this.now,
    });
    const ledger = table("ledger", {
      hashKey: "ExecutionName",
      attributes: [{ name: "ExecutionName", type: "S" }],
      ttl: { enabled: true, attributeName: "ExpiresAt" },
    });
    this.#table = new DynamoDbService(worldOf(graphOf([ledger]), new VirtualClock(start)));
  }

  /** Delivers a notification, as Lambda does: a failure is tried again twice. */
  deliver(event: unknown, afterSeconds = 0, tries = 0): void {
    this.#plan(afterSeconds, async () => {
      try {
        await this.#whileAlive((deps) => createDispatcher(deps)(event));
      } catch {
        const delay = asyncRetrySeconds[tries];
        if (delay === undefined) this.lost.push(event);
        else this.deliver(event, delay, tries + 1);
      }
    });
  }

  /** Lets all happen that follows. */
  async settle(): Promise<void> {
    for (let steps = 0; this.#planned.length > 0; steps += 1) {
      if (steps > 20_000) throw new Error("it never ends");
      this.#planned.sort((a, b) => a.at - b.at);
      const [next] = this.#planned.splice(0, 1);
      if (next === undefined) return;
      this.now = Math.max(this.now, next.at);
      await next.work();
    }
  }

  async runs(): Promise<readonly JobRun[]> {
    const { JobRuns = [] } = await this.#glue.getJobRuns({ JobName: this.#job.Name });
    return JobRuns;
  }

  entries(): readonly Entry[] {
    const { Items = [] } = this.#table.scan({ TableName: "ledger" }) as {
      readonly Items?: readonly { readonly Entry?: { readonly S?: string } }[];
    };
    return Items.map((item) => JSON.parse(item.Entry?.S ?? "{}") as Entry);
  }

  #plan(afterSeconds: number, work: () => Promise<void>): void {
    this.#planned.push({ at: this.now + afterSeconds * 1000, work });
  }

  /** Whoever died does nothing any more, and nobody hears of it. */
  async #whileAlive<T>(work: (deps: Clients) => Promise<T>): Promise<T> {
    const life = { isOver: false };
    const answer = await work(this.#clients(life));
    if (life.isOver) throw new Error("died");
    return answer;
  }

  #clients(life: { isOver: boolean }): Clients {
    const shaky =
      <Input, Output>(call: (input: Input) => Output | Promise<Output>) =>
      async (input: Input): Promise<Output> => {
        if (life.isOver) throw new Error("died");
        const fault = this.#options.faults?.get(this.calls++);
        if (fault === "dies before") life.isOver = true;
        if (fault === "throttled") throw named("ThrottlingException");
        if (life.isOver) throw new Error("died");
        const answer = await call(input);
        if (fault === "dies after") life.isOver = true;
        if (fault === "answer lost" || life.isOver) throw named("TimeoutError");
        return answer;
      };
    const unused = () => Promise.reject(new Error("not called here"));
    return {
      dynamoDb: {
        getItem: shaky((input) => this.#table.getItem(input)),
        putItem: shaky((input) => this.#table.putItem(input)),
        updateItem: unused,
        deleteItem: unused,
        query: unused,
      },
      glueCalls: {
        startJobRun: shaky((input) => this.#glue.startJobRun(input)),
        getJobRun: shaky((input) => this.#glue.getJobRun(input)),
        getJobRuns: shaky((input) => this.#glue.getJobRuns(input)),
        batchStopJobRun: shaky((input) => this.#glue.batchStopJobRun(input)),
      },
      sqs: {
        sendMessage: shaky(({ QueueUrl, MessageBody, DelaySeconds = 0 }: Parameters<Sqs["sendMessage"]>[0]) => {
          if (QueueUrl === "failures") this.kept.push(JSON.parse(MessageBody) as Result);
          else this.#remind(MessageBody, DelaySeconds);
          return {};
        }),
      },
      sns: {
        publish: shaky(({ Message, ...envelope }: Parameters<Sns["publish"]>[0]) => {
          this.told.push(JSON.parse(Message) as Result);
          this.envelopes.push(envelope);
          return {};
        }),
      },
      lambda: { invoke: unused },
      env: {
        JOB_NAME: this.#job.Name,
        LEDGER_TABLE: "ledger",
        WATCH_QUEUE_URL: "watch",
        FAILURE_QUEUE_URL: "failures",
        RESULTS_TOPIC_ARN: "results",
        SETTINGS: JSON.stringify({ ...benchSettings, ...this.#options.settings }),
      },
      now: () => this.now,
      log: (entry) => this.log.push(entry),
    };
  }

  #remind(body: string, delaySeconds: number): void {
    this.#messages += 1;
    this.dueTimes.push(this.now + delaySeconds * 1000);
    this.#queue.send(`m${this.#messages}`, body, this.now, delaySeconds);
    this.#plan(delaySeconds, () => this.#watch());
  }

  async #watch(): Promise<void> {
    const [message] = this.#queue.receive(1, this.now);
    if (message === undefined) return;
    const Records = [{ messageId: message.id, body: message.body }];
    const watch = async (afterSteps: number): Promise<void> => {
      for (let step = 0; step < afterSteps; step += 1) await Promise.resolve();
      const { batchItemFailures } = await this.#whileAlive((deps) => createWatcher(deps)({ Records }));
      if (batchItemFailures.length > 0) throw new Error("left in the queue");
      this.#queue.delete(message.receipt);
    };
    const { secondWatcherAfter: later } = this.#options;
    const ends = await Promise.allSettled([watch(0), ...(later === undefined ? [] : [watch(later)])]);
    if (ends.some(({ status }) => status === "rejected")) {
      this.#plan(visibilitySeconds, () => this.#watch());
    }
  }
}

interface Clients {
  readonly dynamoDb: DynamoDb;
  readonly glueCalls: GlueCalls;
  readonly lambda: Lambda;
  readonly sqs: Sqs;
  readonly sns: Sns;
  readonly env: Readonly<Record<string, string>>;
  readonly now: () => number;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

const named = (name: string): Error => Object.assign(new Error("at the mercy of a test"), { name });
