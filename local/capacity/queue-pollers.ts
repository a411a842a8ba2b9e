import { event } from "./event-kinds.ts";
import type { Files } from "./files.ts";
import { NumberQueue } from "./number-queue.ts";
import { none } from "./threads.ts";
import type { CapacityWorld } from "./world.ts";

/** How Lambda reads a queue. */
export interface QueueReading {
  readonly batchSize: number;
  readonly windowSeconds: number;
  /** Of those who read it at once; as many as Lambda has unless given. */
  readonly mostPollers: number | undefined;
  /** What was read and not let go comes back after so long. */
  readonly visibilitySeconds: number;
}

/** Lambda begins with five and adds 300 a minute while there is a backlog, up to 1,250 (P). */
const firstPollers = 5;
const morePerMs = 300 / 60_000;
const mostPollers = 1250;

/** A call's payload has 6 MB; a message with a notification and what Lambda writes around it takes about so many bytes. */
const mostMessages = Math.floor((6 * 2 ** 20) / 1500);

/** Messages that SQS hands over or lets go at once. */
export const mostAtOnce = 10;

/**
 * Those who read a queue for a function. Each gathers a batch until it is full or its window is over, hands it to the
 * function, and begins anew once that is done: so files that come one by one are spread over all of them.
 */
export class QueuePollers {
  readonly #world: CapacityWorld;
  readonly #files: Files;
  readonly #reading: QueueReading;
  readonly #batchSize: number;
  readonly #most: number;
  readonly #backlog = new NumberQueue();
  readonly #idle = new NumberQueue();
  /** By poller. */
  readonly #first: number[] = [];
  readonly #last: number[] = [];
  readonly #count: number[] = [];
  readonly #receives: number[] = [];
  readonly #received: number[] = [];
  readonly #receivedAt: number[] = [];
  /** Those whose batch is open, in turn. */
  readonly #open: number[] = [];
  #turn = 0;
  #more = 0;
  #backlogSince = Number.NaN;

  constructor(world: CapacityWorld, files: Files, reading: QueueReading) {
    this.#world = world;
    this.#files = files;
    this.#reading = reading;
    this.#batchSize = Math.min(reading.batchSize, mostMessages);
    this.#most = Math.min(reading.mostPollers ?? mostPollers, mostPollers);
    for (let poller = 0; poller < Math.min(firstPollers, this.#most); poller++) this.#add();
  }

  /** A message has come. */
  receive(file: number, now: number): void {
    this.#files.since[file] = now;
    this.#backlog.push(file);
    this.#read(now);
    if (this.#backlog.length > 0 && Number.isNaN(this.#backlogSince)) this.#backlogSince = now;
  }

  /** The files of a poller's batch; the first of a list. */
  firstOf(poller: number): number {
    return this.#first[poller] ?? none;
  }

  countOf(poller: number): number {
    return this.#count[poller] ?? 0;
  }

  /** How often the poller's batch was received from: what comes at one moment is received together, ten messages a time. */
  receivesOf(poller: number): number {
    return this.#receives[poller] ?? 0;
  }

  /** The window of a poller is over. */
  close(poller: number): void {
    const place = this.#open.indexOf(poller);
    if (place >= 0) this.#open.splice(place, 1);
  }

  /** Whether a batch is still being gathered: its window's end may come after it was full. */
  isOpen(poller: number): boolean {
    return this.#open.includes(poller);
  }

  /** The function is done with the poller's batch. */
  done(poller: number, now: number): void {
    this.#first[poller] = none;
    this.#last[poller] = none;
    this.#count[poller] = 0;
    this.#receives[poller] = 0;
    this.#receivedAt[poller] = Number.NaN;
    this.#idle.push(poller);
    this.#read(now);
  }

  #read(now: number): void {
    while (this.#backlog.length > 0) {
      const poller = this.#next(now);
      if (poller === undefined) return;
      this.#take(poller, this.#backlog.shift() ?? 0, now);
    }
    this.#backlogSince = Number.NaN;
  }

  /** Those who have nothing yet come first, so that all have their turn. */
  #next(now: number): number | undefined {
    const idle = this.#idle.shift();
    if (idle !== undefined) {
      this.#begin(idle, now);
      return idle;
    }
    if (this.#open.length > 0) return this.#open[this.#turn++ % this.#open.length];
    if (!this.#mayAdd(now)) return undefined;
    this.#add();
    return this.#next(now);
  }

  #begin(poller: number, now: number): void {
    this.#open.push(poller);
    this.#world.heap.push(now + 1000 * this.#reading.windowSeconds, event.batchCloses, poller);
  }

  #take(poller: number, file: number, now: number): void {
    const files = this.#files;
    files.queued[file] = (files.queued[file] ?? 0) + now - (files.since[file] ?? 0);
    files.since[file] = now;
    const last = this.#last[poller] ?? none;
    if (last === none) this.#first[poller] = file;
    else files.next[last] = file;
    this.#last[poller] = file;
    this.#receive(poller, now);
    const count = (this.#count[poller] ?? 0) + 1;
    this.#count[poller] = count;
    if (count < this.#batchSize) return;
    this.close(poller);
    this.#world.heap.push(now, event.batchFull, poller);
  }

  #receive(poller: number, now: number): void {
    const received = this.#receivedAt[poller] === now ? (this.#received[poller] ?? 0) : 0;
    this.#received[poller] = received + 1;
    this.#receivedAt[poller] = now;
    if (received % mostAtOnce === 0) this.#receives[poller] = (this.#receives[poller] ?? 0) + 1;
  }

  #mayAdd(now: number): boolean {
    const pollers = this.#first.length;
    if (pollers >= this.#most) return false;
    const more = Number.isNaN(this.#backlogSince) ? 0 : (now - this.#backlogSince) * morePerMs;
    if (this.#more + more < 1) return false;
    this.#more += more - 1;
    this.#backlogSince = now;
    return true;
  }

  #add(): void {
    this.#first.push(none);
    this.#last.push(none);
    this.#count.push(0);
    this.#receives.push(0);
    this.#received.push(0);
    this.#receivedAt.push(Number.NaN);
    this.#idle.push(this.#first.length - 1);
  }
}
