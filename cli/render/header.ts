import type { Message } from "../../local/resource-graph.ts";
import type { NotHonoured } from "../../local/services/kinds.ts";
import { bytes, plural } from "./format.ts";
import type { Start, Upload } from "../run/records.ts";
import type { Paint } from "./style.ts";
import { printable, truncate, truncateMiddle } from "./text.ts";

const FILES_LISTED = 8;

interface Work {
  readonly uploads: readonly Upload[];
  readonly starts: readonly Start[];
}

export interface Heading {
  readonly project: string;
  readonly stack: string;
  readonly mode: string;
  readonly clock: string;
}

export function headingLine({ project, stack, mode, clock }: Heading, paint: Paint): string {
  const rest = [`stack ${stack}`, ...(mode === "" ? [] : [`${mode} job`]), "embedded cloud", `${clock} clock`];
  return `${paint("strong", project)}${paint("dim", ` · ${rest.join(" · ")}`)}`;
}

/** The same for a stack that is deployed somewhere. */
export function deployedHeadingLine(
  { project, stack, mode, place }: Omit<Heading, "clock"> & { readonly place: string },
  paint: Paint,
): string {
  const rest = [`stack ${stack}`, ...(mode === "" ? [] : [`${mode} job`]), `deployed at ${place}`];
  return `${paint("strong", project)}${paint("dim", ` · ${rest.join(" · ")}`)}`;
}

/** AWS names services in type tokens by short names; these are the ones people say. */
const SERVICES: Readonly<Record<string, string>> = {
  athena: "Athena",
  cloudwatch: "CloudWatch",
  dynamodb: "DynamoDB",
  ec2: "VPC",
  ecs: "ECS",
  glue: "Glue",
  iam: "IAM",
  kinesis: "Kinesis",
  kms: "KMS",
  lambda: "Lambda",
  s3: "S3",
  sfn: "Step Functions",
  sns: "SNS",
  sqs: "SQS",
  vpc: "VPC",
};

/** `31 resources: S3 9 · IAM 8 · …`, the most frequent first. */
export function resourcesLine(types: readonly string[], columns: number): string {
  const counts = new Map<string, number>();
  for (const type of types) {
    const token = /^awsx?:([^/:]+)/.exec(type)?.[1] ?? type;
    const service = SERVICES[token] ?? token;
    counts.set(service, (counts.get(service) ?? 0) + 1);
  }
  const parts = [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0], "en"));
  const text = `${plural(types.length, "resource")}: ${parts.map(([name, number]) => `${name} ${number}`).join(" · ")}`;
  return truncate(text, columns);
}

/** What the program said while it was evaluated. */
export function messageLines(messages: readonly Message[], paint: Paint): readonly string[] {
  return messages.flatMap(({ severity, text }) => {
    const isWarning = severity === "warning";
    const lines = (isWarning ? `warning: ${text}` : text).split("\n");
    return lines.map((line) => paint(isWarning ? "warning" : "dim", printable(line)));
  });
}

/** What goes where: `orders.csv → bucket/incoming/orders.csv  1.2 MB`. */
export function uploadLines(uploads: readonly Upload[], columns: number, paint: Paint): readonly string[] {
  const lines = uploads.slice(0, FILES_LISTED).map(({ file, bucket, key, size }) => {
    const room = Math.max(20, Math.floor((columns - 14) / 2));
    const from = truncateMiddle(printable(file), room);
    const to = truncateMiddle(printable(`${bucket}/${key}`), Math.max(20, columns - 14 - from.length));
    return `${paint("strong", from)} → ${to}  ${paint("dim", bytes(size))}`;
  });
  const more = uploads.length - lines.length;
  return more > 0 ? [...lines, paint("dim", `… and ${plural(more, "more file")}`)] : lines;
}

/** What a run begins with. */
export function workLines({ uploads, starts }: Work, columns: number, paint: Paint): readonly string[] {
  const started = starts.map(({ stateMachineArn, name, input }) => {
    const machine = stateMachineArn.slice(stateMachineArn.lastIndexOf(":") + 1);
    const line = `${name} → ${machine}  `;
    const room = Math.max(20, columns - line.length);
    return `${paint("strong", name)} → ${machine}  ${paint("dim", truncate(printable(JSON.stringify(input)), room))}`;
  });
  return [...uploadLines(uploads, columns, paint), ...started];
}

/** What was declared and changes nothing in the embedded cloud: in one line, or with `full` each with its reason. */
export function notHonouredLines(list: readonly NotHonoured[], full: boolean, columns: number): readonly string[] {
  if (list.length === 0) return [];
  const nameOf = ({ resource, property }: NotHonoured): string => {
    const type = resource.type.slice(resource.type.lastIndexOf(":") + 1);
    return property === undefined ? type : `${type}.${property}`;
  };
  if (full) {
    const lines = list.map((item) => `  ${nameOf(item)} (${item.resource.name}): ${item.reason}`);
    return ["Declared, without effect in the embedded cloud:", ...lines];
  }
  const names = [...new Set(list.map(nameOf))].sort();
  const start = "Without effect here: ";
  const end = " (reasons: --debug)";
  return [`${start}${truncate(names.join(", "), Math.max(20, columns - start.length - end.length))}${end}`];
}
