import { suggestion } from "../../../components/suggestion.ts";
import type { Arrival, DurationModel, Size } from "../../../local/capacity/workload.ts";
import { readBytes, readNumber, readPlainSeconds, readSeconds, readWhole, type Read } from "./units.ts";

/** As it is typed; a file is read later. */
export type ArrivalChoice = Exclude<Arrival, { kind: "trace" }> | { readonly kind: "file"; readonly path: string };

const BURSTS = { min: 1, max: 100_000 };

/** `even`, `poisson`, `burst:N`, or the name of a file that ends in .csv. */
export const readArrival = (text: string): Read<ArrivalChoice> => {
  if (text === "even" || text === "poisson") return { value: { kind: text } };
  if (/\.csv$/i.test(text)) return { value: { kind: "file", path: text } };
  const burst = /^burst:(.*)$/.exec(text);
  if (burst === null) {
    return { problem: "must be even, poisson, burst:N or a FILE.csv" };
  }
  const bursts = readWhole(burst[1] ?? "", BURSTS);
  return "value" in bursts
    ? { value: { kind: "burst", bursts: bursts.value } }
    : { problem: `burst:N: N ${bursts.problem}` };
};

/** `fixed:1MiB`, `lognormal:1MiB,1.5` (median, sigma) or `trace`. */
export const readSize = (text: string): Read<Size> => {
  if (text === "trace") return { value: { kind: "trace" } };
  const fixed = /^fixed:(.*)$/.exec(text);
  if (fixed !== null) {
    const bytes = readBytes(fixed[1] ?? "");
    return "value" in bytes
      ? { value: { kind: "fixed", bytes: Math.round(bytes.value) } }
      : { problem: `fixed:SIZE: SIZE ${bytes.problem}` };
  }
  const lognormal = /^lognormal:([^,]*),(.*)$/.exec(text);
  if (lognormal === null) return { problem: "must be fixed:SIZE, lognormal:MEDIAN,SIGMA or trace" };
  const median = readBytes(lognormal[1] ?? "");
  const sigma = readNumber(lognormal[2] ?? "", { max: 5 });
  if ("problem" in median) return { problem: `lognormal:MEDIAN,SIGMA: MEDIAN ${median.problem}` };
  if ("problem" in sigma) return { problem: `lognormal:MEDIAN,SIGMA: SIGMA ${sigma.problem}` };
  return median.value > 0
    ? { value: { kind: "lognormal", medianBytes: median.value, sigma: sigma.value } }
    : { problem: "lognormal:MEDIAN,SIGMA: MEDIAN must be more than 0" };
};

const rate = (text: string): Read<number> => readNumber(text, { max: 1 });
const sigma = (text: string): Read<number> => readNumber(text, { max: 5 });

/** What each part of a model is called on the command line and in the model. */
const PARTS: Readonly<Record<string, readonly [keyof DurationModel, (text: string) => Read<number>]>> = {
  fixed: ["fixed", readPlainSeconds],
  perFile: ["perFile", readPlainSeconds],
  perMiB: ["perMiB", readPlainSeconds],
  sigma: ["sigma", sigma],
  startUp: ["startUp", readPlainSeconds],
  failures: ["failureRate", rate],
};

/** `60s`, or some parts of a model: `fixed:20,perFile:0.2,perMiB:1,sigma:0.3,startUp:25,failures:0.01`. */
export const readDuration = (text: string): Read<Partial<DurationModel>> => {
  if (!text.includes(":")) {
    const fixed = readSeconds(text);
    return "value" in fixed
      ? { value: { fixed: fixed.value } }
      : { problem: `${fixed.problem.replace("24h", "60s")}, or parts such as fixed:20,perMiB:1,startUp:25` };
  }
  const model: Partial<Record<keyof DurationModel, number>> = {};
  const problems: string[] = [];
  for (const part of text.split(",")) {
    const split = part.indexOf(":");
    const name = split < 0 ? part : part.slice(0, split);
    const known = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined;
    if (known === undefined) {
      const guess = suggestion(name, Object.keys(PARTS));
      problems.push(
        `"${name}" is not a part of it; ${guess === undefined ? `there are ${Object.keys(PARTS).join(", ")}` : `did you mean ${guess}?`}`,
      );
      continue;
    }
    const [key, read] = known;
    const value = read(split < 0 ? "" : part.slice(split + 1));
    if ("problem" in value) problems.push(`${name} ${value.problem}`);
    else if (model[key] !== undefined) problems.push(`${name} is given more than once`);
    else model[key] = value.value;
  }
  return problems.length > 0 ? { problem: problems.join("; ") } : { value: model };
};
