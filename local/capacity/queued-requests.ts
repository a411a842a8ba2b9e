import type { QueuedSettings } from "../../functions/lib/queued/settings.ts";
import type { CapacityFunction } from "./program.ts";
import { mostAtOnce } from "./queue-pollers.ts";
import type { FileOutcome } from "./tally.ts";
import type { CapacityWorld } from "./world.ts";

/** A message that comes alone is sent, received and deleted. */
const perMessage = 3;

/**
 * What the dispatcher and the recorder ask of the ledger, as their code has it and DynamoDB bills it: what is written in
 * one go with others counts twice.
 */
const ofFile = {
  /** It is looked up, claimed, marked as started, and its end is noted; one with an execution of its own is read again. */
  writes: 3,
  reads: { batch: 1, "per-file": 2 },
} as const;
const ofUnit = {
  /** It is noted, marked as started, and its end is noted. */
  writes: 4,
  /** Besides that it is noted on the waiting list, leaves that for a place, and leaves the place. */
  writesUnderCap: 15,
  /** When its end is recorded, and by each reminder. */
  reads: 1,
} as const;
/** A proposal and a manifest, which is read by who starts the execution and by who records its end, with the outcomes. */
const ofBatch = { puts: 2, gets: 3 } as const;
/** Bytes of an item of the waiting list and of one that holds a place, and bytes that one read gives. */
const waitingItem = 200;
const placeItem = 120;
const perRead = 4096;
/** Units of the waiting list that are looked at in one go. */
const listed = 64;

/** What is written in one go counts twice. */
const atOnce = 2;
/** Who looks at a key reads which version is the oldest that waits, and which has it. */
const ofLook = 2;

/** After how long an execution is looked after that nothing was heard of; milliseconds. */
const firstReminder = 360_000;
const reminder = 900_000;

/** Units that wait for a place, and those that have one. */
interface WaitingList {
  readonly waiting: number;
  readonly running: number;
}

interface EndedUnit {
  readonly files: number;
  /** From its start to its end. */
  readonly ms: number;
  readonly outcome: FileOutcome;
}

/** Counts what the functions of queued dispatch are billed for. */
export class QueuedRequests {
  readonly #world: CapacityWorld;
  readonly #settings: QueuedSettings;
  readonly #recorder: CapacityFunction | undefined;

  constructor(world: CapacityWorld, settings: QueuedSettings, recorder: CapacityFunction | undefined) {
    this.#world = world;
    this.#settings = settings;
    this.#recorder = recorder;
  }

  /** S3 has sent a message. */
  arrived(): void {
    this.#world.requests.sqsRequests++;
  }

  /** A call of the dispatcher is over: messages that came at so many times or places were received, and all let go. */
  dispatched(messages: number, receives: number): void {
    this.#world.requests.sqsRequests += receives + Math.ceil(messages / mostAtOnce);
  }

  /** A function looks at the waiting list, and for free places if there is something on it. */
  lookedForWaiting({ waiting, running }: WaitingList): void {
    const { requests } = this.#world;
    requests.dynamoDbReads += readsOf(Math.min(waiting, listed) * waitingItem);
    if (waiting > 0) requests.dynamoDbReads += readsOf(running * placeItem);
  }

  /** Units have left the waiting list, of which each is read; who has launched some looks once more. */
  launched(units: number, list: WaitingList): void {
    if (this.#settings.maxConcurrentExecutions === 0 || units === 0) return;
    this.#world.requests.dynamoDbReads += units;
    for (let left = units; left > 0; left -= listed) this.lookedForWaiting(list);
  }

  /** A file is entered with its place in the order of its key. */
  entered(): void {
    this.#world.requests.dynamoDbWrites += 2 * atOnce;
  }

  /** The version that has had a key has ended. */
  released(): void {
    const { requests } = this.#world;
    requests.dynamoDbReads += ofLook + 1;
    requests.dynamoDbWrites++;
  }

  /** A key was looked at, and given to the oldest version that waits unless another has it or there is none. */
  advanced(superseded: number, found: "given" | "held" | "nothing"): void {
    const { requests } = this.#world;
    requests.dynamoDbReads += (ofLook + 1) * superseded + ofLook + (found === "nothing" ? 0 : 1);
    requests.dynamoDbWrites += atOnce * 2 * (superseded + (found === "given" ? 1 : 0));
    requests.snsPublishes += superseded;
  }

  /**
   * An execution has ended that had so many files and took so long; gives the milliseconds that the recorder needs for it.
   * Each message is a call of its own: Lambda hands over more at once only where they come at the same moment.
   */
  ended({ files, ms, outcome }: EndedUnit, { waiting, running }: WaitingList): number {
    const { requests, lambda, assumed } = this.#world;
    const { mode, maxConcurrentExecutions } = this.#settings;
    const reminders = 1 + Math.max(0, Math.ceil((ms - firstReminder) / reminder));
    requests.sqsRequests += perMessage * (1 + reminders);
    requests.dynamoDbWrites += maxConcurrentExecutions > 0 ? ofUnit.writesUnderCap : ofUnit.writes;
    // Who is reminded of an execution that goes on notes when it will be so again.
    requests.dynamoDbWrites += ofFile.writes * files + reminders - 1;
    requests.dynamoDbReads += ofFile.reads[mode] * files + ofUnit.reads * (1 + reminders);
    // Who is reminded looks at the waiting list, too: it is taken to be as long then as it is now.
    for (let call = 0; call < reminders; call++) this.lookedForWaiting({ waiting, running });
    if (mode === "batch") {
      requests.s3Puts += ofBatch.puts;
      requests.s3Gets += ofBatch.gets;
    } else if (outcome === "succeeded") {
      // The rows of a file are in its summary.
      requests.s3Gets++;
    }
    const recording = 1000 * (assumed.lambda + assumed.lambdaPerFile * files);
    if (this.#recorder !== undefined) {
      lambda.bill(this.#recorder, 1, recording);
      lambda.bill(this.#recorder, reminders, 1000 * assumed.lambda * reminders);
    }
    return recording;
  }
}

const readsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / perRead));
