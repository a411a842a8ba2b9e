import type { Random, Stream } from "./random.ts";
import { tick } from "./ticks.ts";
import type { Arrival, Size, Workload } from "./workload.ts";

/** The files of a workload, one after the other as they land: none is kept. */
export class Arrivals {
  /** Milliseconds from the start; of the file that `next` has come to. */
  at = 0;
  bytes = 0;
  /** A number from 0. */
  key = 0;
  readonly files: number;
  /** All that there are. */
  readonly keys: number;
  #index = -1;
  readonly #timeOf: (index: number) => number;
  readonly #bytesOf: (index: number) => number;
  readonly #keyOf: (index: number) => number;

  constructor(workload: Workload, random: (stream: Stream) => Random) {
    this.files = filesOf(workload);
    this.keys = keysOf(workload, this.files);
    this.#timeOf = timesOf(workload, this.files, random("arrivals"));
    this.#bytesOf = bytesOf(workload, random("sizes"));
    this.#keyOf = keyOf(workload, random("keys"));
  }

  /** False: there are no more. */
  next(): boolean {
    this.#index++;
    if (this.#index >= this.files) return false;
    this.at = tick(this.#timeOf(this.#index));
    this.bytes = this.#bytesOf(this.#index);
    this.key = this.#keyOf(this.#index);
    return true;
  }
}

/** A trace knows how many there are. */
const filesOf = ({ files, arrival }: Workload): number =>
  arrival.kind === "trace" ? Math.min(files, arrival.at.length) : files;

const keysOf = ({ arrival, keys }: Workload, files: number): number =>
  (arrival.kind === "trace" ? arrival.keys?.reduce((most, key) => Math.max(most, key + 1), 0) : undefined) ??
  keys ??
  files;

const keyOf = ({ arrival, keys }: Workload, random: Random): ((index: number) => number) => {
  const traced = arrival.kind === "trace" ? arrival.keys : undefined;
  if (traced !== undefined) return (index) => traced[index] ?? 0;
  return keys === undefined ? (index) => index : () => Math.floor(random.next() * keys);
};

const timesOf = ({ arrival, overSeconds }: Workload, files: number, random: Random): ((index: number) => number) => {
  const over = overSeconds * 1000;
  switch (arrival.kind) {
    case "even":
      return (index) => (index * over) / files;
    case "poisson": {
      let at = 0;
      return () => (at += (random.exponential() * over) / files);
    }
    case "burst":
      return (index) => (Math.floor((index * arrival.bursts) / files) * over) / arrival.bursts;
    case "trace":
      return traced(arrival);
  }
};

const traced =
  ({ at }: Extract<Arrival, { readonly kind: "trace" }>) =>
  (index: number): number =>
    (at[index] ?? 0) * 1000;

const bytesOf = ({ arrival, size }: Workload, random: Random): ((index: number) => number) => {
  switch (size.kind) {
    case "fixed":
      return () => size.bytes;
    case "lognormal":
      return lognormal(size, random);
    case "trace": {
      const bytes = arrival.kind === "trace" ? arrival.bytes : undefined;
      if (bytes === undefined) throw new Error("size: trace needs a trace of arrivals that tells each file's bytes");
      return (index) => bytes[index] ?? 0;
    }
  }
};

const lognormal =
  ({ medianBytes, sigma }: Extract<Size, { readonly kind: "lognormal" }>, random: Random) =>
  (): number =>
    Math.max(1, Math.round(medianBytes * Math.exp(sigma * random.normal())));
