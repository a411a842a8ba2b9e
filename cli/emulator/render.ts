import { plural } from "../render/format.ts";
import type { Holdings } from "./holdings.ts";
import type { EmulatorOptions } from "./options.ts";
import type { Status } from "./status.ts";

/** The port that Pulumi.local.yaml names. */
const USUAL_PORT = 4566;

/** What a program gets to read of a status. */
export function statusDocument(status: Status, holdings?: Holdings): unknown {
  if (status.state !== "running") return status;
  const { url, emulator, own } = status;
  return {
    state: status.state,
    url,
    name: emulator.name,
    version: emulator.version,
    startedHere: own !== undefined,
    ...(own === undefined ? {} : { pid: own.pid, log: own.log, persist: own.persist, mends: own.mends }),
    limits: emulator.limits,
    ...(holdings === undefined ? {} : { holdings }),
  };
}

/** What a person gets to read of a status. */
export function statusLines(status: Status, holdings?: Holdings): readonly string[] {
  if (status.state === "nothing") return [`Nothing answers at ${status.url}. To start an emulator: npm run emulator`];
  if (status.state === "stranger") return [strangerLine(status)];
  const { url, emulator, own } = status;
  const name = [emulator.name, emulator.version].filter((part) => part !== undefined).join(" ");
  return [
    `${name} answers at ${url}${own === undefined ? " (not started here)" : ""}`,
    ...(own === undefined
      ? []
      : [
          `  process  ${own.pid}`,
          `  log      ${own.log}`,
          `  mended   ${own.mends.length === 0 ? "nothing" : own.mends.join(", ").replaceAll("_", " ")}`,
          `  kept     ${own.persist ? "what it holds is kept when it is stopped" : "nothing, when it is stopped"}`,
        ]),
    ...(holdings === undefined ? [] : [`  holds    ${holdingsInWords(holdings)}`]),
    ...emulator.limits.map((limit) => `  ! ${limit}`),
  ];
}

/** Why no emulator can be started, or looked at, where somebody else listens. */
export const strangerLine = ({ url, answer }: Extract<Status, { state: "stranger" }>): string =>
  `what listens at ${url} is no AWS emulator (${answer}): end it, or choose another port with --port`;

const holdingsInWords = ({ buckets, functions, stateMachines }: Holdings): string =>
  [plural(buckets, "bucket"), plural(functions, "function"), plural(stateMachines, "state machine")].join(", ");

/** The options of a start that an emulator which runs already was not started with; `own`: it was started here. */
export function unheededOptions(
  options: Pick<EmulatorOptions, "persist" | "mends" | "processes" | "foreground">,
  own: Extract<Status, { state: "running" }>["own"],
): readonly string[] {
  return [
    ...(options.persist && own?.persist !== true ? ["--persist"] : []),
    ...(!options.mends && own?.mends.length !== 0 ? ["--no-mends"] : []),
    ...(options.processes === undefined ? [] : ["--processes"]),
    ...(options.foreground ? ["--foreground"] : []),
  ];
}

/** What to type next. `accountHostResolves`: whether the name that the AWS provider calls S3 Control by is known here. */
export function nextLines(
  { url, own }: Extract<Status, { state: "running" }>,
  accountHostResolves: boolean,
): readonly string[] {
  const port = Number(new URL(url).port);
  const portOption = port === USUAL_PORT ? "" : ` --port ${port}`;
  const proxied = (own?.mends ?? []).includes("proxied_requests");
  return [
    ...(port === USUAL_PORT
      ? []
      : [`In Pulumi.local.yaml, let aws:endpoints name port ${port} instead of ${USUAL_PORT}.`]),
    `Deploy    ${accountHostResolves || !proxied ? "" : `HTTP_PROXY=${url} `}pulumi up -s local`,
    ...(own === undefined ? [] : [`Stop      npm run emulator -- stop${portOption}`]),
    ...(accountHostResolves ? [] : accountHostLines(proxied)),
  ];
}

function accountHostLines(proxied: boolean): readonly string[] {
  const hosts = 'add "127.0.0.1 000000000000.localhost" to the hosts file';
  return [
    "The AWS provider calls S3 Control as 000000000000.localhost, which this machine cannot resolve:",
    proxied
      ? `HTTP_PROXY brings those calls to the emulator. To do without it, ${hosts}.`
      : `${hosts}, or buckets cannot be created.`,
  ];
}
