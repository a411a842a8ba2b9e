import { byWeight, completeness, distinct, figures, lengths, moment, range, ruleState, type Report } from "./report.ts";
import { driftInWords, finding, measured, percent } from "./words.ts";

const marks = { kept: "✓", warning: "!", broken: "✗" };

/** The report for a terminal, a ticket or a chat. */
export const markdownReport = (report: Report): string => {
  const { outcome, contract, profile, drift, schemaVersion } = report;
  const sections = [
    `# ${text(contract.dataset)}: ${outcome}`,
    `${text(contract.description)}. Owner: ${text(contract.owner)}.`,
    [
      `- file: ${code(`s3://${report.file.bucket}/${report.file.key}`)}`,
      `- copy: ${code(`s3://${report.copy.bucket}/${report.copy.key}`)}`,
      `- SHA-256: ${code(profile.sha256)}`,
      `- run: ${code(report.origin)}, ${moment(report.at)}`,
    ].join("\n"),
    figures(report)
      .map(([label, value]) => `**${value}** ${label}`)
      .join(" · "),
    ...listed("Why it was quarantined", report.reasons),
    ...listed("Warnings", report.warnings),
    ...(drift === undefined
      ? []
      : [
          `## Schema\n\n${text(driftInWords(drift))}${schemaVersion === undefined ? "" : `; version ${schemaVersion} is accepted`}`,
        ]),
    ...(profile.rules.length === 0
      ? []
      : [
          `## Rules\n\n${table(
            ["", "rule", "found"],
            byWeight(profile.rules).map((rule) => [
              marks[ruleState(rule)],
              code(rule.rule),
              text(finding(rule, profile)),
            ]),
          )}`,
        ]),
    ...(profile.columns.length === 0 ? [] : [`## Columns\n\n${columns(report)}`]),
  ];
  return `${sections.join("\n\n")}\n`;
};

const listed = (title: string, items: readonly string[]): readonly string[] =>
  items.length === 0 ? [] : [`## ${title}\n\n${items.map((item) => `- ${text(item)}`).join("\n")}`];

const columns = ({ profile, contract }: Report): string =>
  table(
    ["column", "type", "filled", "distinct", "range", "mean", "length", "most frequent"],
    profile.columns.map((column) => {
      const share = completeness(column);
      const tags = contract.columns[column.name]?.tags ?? [];
      return [
        `${code(column.name)}${tags.length === 0 ? "" : ` ${text(tags.join(", "))}`}`,
        column.type ?? "–",
        share === undefined ? "–" : percent(share),
        distinct(column),
        text(range(column)),
        column.mean === null ? "–" : measured(column.mean),
        lengths(column),
        column.masked
          ? "masked"
          : column.top
              .flatMap(({ value, count }) => (count > 1 ? [`${text(value ?? "")} (${count})`] : []))
              .join(", ") || "–",
      ];
    }),
  );

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

/** A file's content stands for itself, whatever Markdown makes of its characters. */
const text = (content: string): string =>
  content
    .replace(/\s+/g, " ")
    .replace(/[\\`*_[\]<>|~#]/g, "\\$&")
    .replace(/&/g, "&amp;");

/** A fence longer than any run of backticks in it; a bar would end the cell of a table. */
const code = (content: string): string => {
  const fence = "`".repeat(Math.max(0, ...(content.match(/`+/g) ?? []).map((run) => run.length)) + 1);
  const padded = content.startsWith("`") || content.endsWith("`") ? ` ${content} ` : content;
  return `${fence}${padded.replace(/\s+/g, " ").replaceAll("|", "\\|")}${fence}`;
};
