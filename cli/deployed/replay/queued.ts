import type { LandedFile } from "../../../functions/lib/execution-input.ts";
import { executionName } from "../../../functions/lib/execution-name.ts";
import type { FileEntry } from "../../../functions/lib/queued/file-entry.ts";
import { DeploymentError } from "../deployment.ts";
import type { FailureMessage } from "../failure-messages.ts";
import type { HeldMessage } from "../held-messages.ts";
import { LedgerTable } from "../ledger-table.ts";
import { MESSAGES_IN_BATCH, sendMessages } from "../queue-messages.ts";
import { invokeAgain, NotReplayable, replayMessages } from "./messages.ts";
import { isWanted, type ReplayWork } from "./work.ts";

type FailedExecution = Extract<FailureMessage, { kind: "execution" }>;

/** What the dispatcher is asked to take again: the generation is one that it takes once. */
interface ReplayRequest {
  readonly name: string;
  readonly file: LandedFile;
  readonly generation: number;
}

/**
 * Asks the dispatcher to take failed files again. First what messages alone know of, then what the ledger says has
 * failed; the messages of executions go last, once all of their files have been asked for.
 */
export async function replayQueued(work: ReplayWork): Promise<void> {
  const requests = new Requests(work);
  const executions: { readonly message: FailedExecution; readonly held: HeldMessage }[] = [];
  await replayMessages(work, async (message, held) => {
    switch (message.kind) {
      case "execution":
        executions.push({ message, held });
        return "later";
      case "event":
        return invokeAgain(work, message);
      case "file":
        await requests.ask(message.name, message.file, message.generation + 1);
        await requests.flush();
        return "taken";
      case "arrival":
        await requests.pass(message.body);
        return { kind: "event", ...(message.keys[0] !== undefined && { key: message.keys[0] }) };
      case "reminder":
      case "result": {
        const { kind, executionName, keys } = message;
        await requests.passToRecorder(message.body);
        return { kind, executionName, ...(keys[0] !== undefined && { key: keys[0] }) };
      }
      case "unknown":
        throw new NotReplayable(message.why);
    }
  });
  const kept = await replayLedger(work, requests);
  for (const { message, held } of executions) {
    if (work.isStopped()) return;
    if (kept.has(message.executionName)) continue;
    await replayUnknown(work, requests, message);
    if (work.options.isDryRun) continue;
    await work.messages.delete(held);
    work.tally.deleted++;
  }
}

/** Asks for all that has failed. Gives the executions that have files which were not asked for, or have not ended. */
async function replayLedger(work: ReplayWork, requests: Requests): Promise<ReadonlySet<string>> {
  const kept = new Set<string>();
  for await (const entry of ledgerOf(work).scan(["failed", "waiting", "started"])) {
    if (work.isStopped()) break;
    const { name, file, generation, state, executionName: owner } = entry;
    if (state === "failed" && isWanted(work.options, failedAt(entry), [file.key])) {
      await requests.ask(name, file, generation + 1);
    } else if (owner !== undefined) kept.add(owner);
  }
  await requests.flush();
  return kept;
}

/** The ledger may have forgotten a file that its message still tells of. */
async function replayUnknown(work: ReplayWork, requests: Requests, { input }: FailedExecution): Promise<void> {
  const file = fileOf(input);
  if (file?.bucket !== work.deployment.outputs.landingBucket) return;
  const { versionId, ...others } = file;
  const name = executionName({ ...others, ...(versionId !== "null" && { versionId }) });
  const known = await ledgerOf(work).find([name], work);
  if (known.length > 0) return;
  await requests.ask(name, file, 1);
  await requests.flush();
}

const fileOf = (input: string): LandedFile | undefined =>
  (JSON.parse(input) as { readonly arguments?: LandedFile }).arguments;

export const failedAt = ({ endedAt, arrivedAt }: FileEntry): number => endedAt ?? arrivedAt;

export function ledgerOf({ clients, deployment }: Pick<ReplayWork, "clients" | "deployment">): LedgerTable {
  const { ledgerTable } = deployment.outputs;
  if (ledgerTable !== undefined) return new LedgerTable(clients.dynamoDb, ledgerTable);
  throw new DeploymentError(`stack ${deployment.stack} does not export ledgerTable: export what GluePipeline gives`);
}

/** Messages to the queue of arrivals, ten at a time; each request once. */
class Requests {
  readonly #work: ReplayWork;
  readonly #asked = new Set<string>();
  #waiting: ReplayRequest[] = [];

  constructor(work: ReplayWork) {
    this.#work = work;
  }

  async ask(name: string, file: LandedFile, generation: number): Promise<void> {
    const id = `${name} ${generation}`;
    if (this.#asked.has(id)) return;
    this.#asked.add(id);
    this.#waiting.push({ name, file, generation });
    this.#work.tally.add({ kind: "file", key: file.key });
    if (this.#waiting.length === MESSAGES_IN_BATCH) await this.flush();
  }

  async flush(): Promise<void> {
    const bodies = this.#waiting.map((request) => JSON.stringify({ Replay: [request] }));
    this.#waiting = [];
    await this.#send(bodies, this.#arrivals);
  }

  /** A message of the arrivals queue as it came. */
  async pass(body: string): Promise<void> {
    await this.#send([body], this.#arrivals);
  }

  /** A message of the outcomes queue as it came: whatever has been recorded meanwhile, the recorder takes it once. */
  async passToRecorder(body: string): Promise<void> {
    const { outputs, stack } = this.#work.deployment;
    if (outputs.outcomeQueueUrl !== undefined) return this.#send([body], outputs.outcomeQueueUrl);
    throw new NotReplayable(
      `it is for the outcomes queue, and stack ${stack} does not export outcomeQueueUrl: export it as GluePipeline ` +
        "gives it, and deploy the stack",
    );
  }

  get #arrivals(): string {
    return this.#work.deployment.outputs.arrivalQueueUrl ?? "";
  }

  async #send(bodies: readonly string[], queueUrl: string): Promise<void> {
    const { options, clients, sleep } = this.#work;
    if (options.isDryRun || bodies.length === 0) return;
    await sendMessages(clients.sqs, queueUrl, bodies, { sleep });
  }
}
