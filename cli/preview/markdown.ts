import { truncate } from "../render/text.ts";
import { changes, type Change, type ResourceChange } from "./changes.ts";
import type { DefinitionChange } from "./definitions.ts";
import type { Loss } from "./data-loss.ts";
import type { PreviewSummary, Remark } from "./summarise.ts";

/** GitHub refuses comments beyond 65,536 characters. */
const LONGEST = 60_000;
const DIFF_LINES = 400;
const DIFF_COLUMNS = 140;
const REASONS = 6;

const PAST: Readonly<Record<Change, string>> = {
  delete: "to delete",
  replace: "to replace",
  update: "to update",
  create: "to create",
  import: "to import",
  forget: "to forget",
};

/** A preview for people: what is dangerous first. */
export function previewMarkdown(summary: PreviewSummary, stack: string): string {
  const { costs, definitions, errors, infos, losses, warnings } = summary;
  const parts = [
    `## Preview of stack ${code(stack)}`,
    errors.length > 0 ? "**The preview failed.**" : headline(summary),
    alert("CAUTION", "Data would be lost", losses.map(lossLine)),
    alert("CAUTION", "Problems", errors.map(remarkLine)),
    alert("WARNING", "Warnings", warnings.map(remarkLine)),
    section("Resources", changeTable(summary.changes)),
    section("State machine", definitions.map(definitionText).join("\n\n")),
    section("Cost on AWS", costs.map((cost) => fence("text", cost.split("\n"))).join("\n\n")),
    section("Messages", infos.map((info) => `- ${remarkLine(info)}`).join("\n")),
  ];
  const text = `${parts.filter((part) => part !== "").join("\n\n")}\n`;
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}\n\n… cut: the rest is in the log of this run.\n`;
}

function headline({ changes: found, unchanged }: PreviewSummary): string {
  const counts = changes
    .map((change) => ({ change, number: found.filter((one) => one.change === change).length }))
    .filter(({ number }) => number > 0)
    .map(({ change, number }) => `${number} ${PAST[change]}`);
  return counts.length === 0 ? "Nothing would change." : `**${counts.join(", ")}**, ${unchanged} unchanged.`;
}

/** One line for what happens to the resources of a type. */
function changeTable(found: readonly ResourceChange[]): string {
  const rows = new Map<string, ResourceChange[]>();
  for (const change of found) {
    const key = `| ${change.change === "create" ? "create" : `**${change.change}**`} | ${code(shortType(change.type))} |`;
    rows.set(key, [...(rows.get(key) ?? []), change]);
  }
  if (rows.size === 0) return "";
  return [
    "| | type | resources |",
    "| --- | --- | --- |",
    ...[...rows].map(([start, resources]) => `${start} ${resources.map(resourceText).join("<br>")} |`),
  ].join("\n");
}

function resourceText({ name, because, change }: ResourceChange): string {
  if (change === "create" || because.length === 0) return code(name);
  const more = because.length > REASONS ? `, … ${because.length - REASONS} more` : "";
  return `${code(name)}: ${because.slice(0, REASONS).map(code).join(", ")}${more}`;
}

function lossLine({ change, what }: Loss): string {
  const refused = change.isProtected ? " (protected: the update will be refused)" : "";
  const why = change.because.length > 0 ? ` because of ${change.because.map(code).join(", ")}` : "";
  return `**${change.change}** ${code(change.name)} (${code(shortType(change.type))})${why}, and with it ${what}${refused}`;
}

function definitionText({ name, kind, states, diff }: DefinitionChange): string {
  switch (kind) {
    case "unknown":
      return (
        `The definition of ${code(name)} changes with resources that are not there yet, so it is known after the ` +
        "update only. What the program changes in it is in the diff of `test/golden`."
      );
    case "new":
      return `${code(name)} is new, with ${states.length} states: ${states.map(code).join(", ")}.`;
    case "changed": {
      const cut = diff.length > DIFF_LINES ? [`… ${diff.length - DIFF_LINES} more lines`] : [];
      const lines = diff.slice(0, DIFF_LINES).map((line) => truncate(line, DIFF_COLUMNS));
      return `${code(name)}:\n\n${fence("diff", [...lines, ...cut])}`;
    }
  }
}

const remarkLine = ({ about, text }: Remark): string => `${about === "" ? "" : `${code(about)}: `}${text}`;

/** Lines of a list item belong to it when they are indented. */
const alert = (kind: "CAUTION" | "WARNING", title: string, lines: readonly string[]): string =>
  lines.length === 0
    ? ""
    : [`[!${kind}]`, `**${title}**`, "", ...lines.map((line) => `- ${line.replaceAll("\n", "\n  ")}`)]
        .flatMap((line) => line.split("\n"))
        .map((line) => `> ${line}`.trimEnd())
        .join("\n");

const section = (title: string, text: string): string => (text === "" ? "" : `### ${title}\n\n${text}`);

/** Longer than any fence inside. */
function fence(language: string, lines: readonly string[]): string {
  const longest = Math.max(2, ...lines.map((line) => /^[ +-]?\s*(`{3,})/.exec(line)?.[1]?.length ?? 0));
  const marks = "`".repeat(longest + 1);
  return [`${marks}${language}`, ...lines, marks].join("\n");
}

/** `aws:s3/bucket:Bucket` is `s3.Bucket` for those who know what is meant. */
const shortType = (type: string): string => type.replace(/^aws:([^/:]+)(?:\/[^:]+)?:/, "$1.");

/** Backticks and pipes would end the code, or the cell. */
const code = (text: string): string => `\`${text.replaceAll("`", "'").replaceAll("|", "\\|")}\``;
