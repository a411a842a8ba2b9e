import { resourceChanges, type ResourceChange } from "./changes.ts";
import { lossesIn, type Loss } from "./data-loss.ts";
import { definitionChanges, type DefinitionChange } from "./definitions.ts";
import { nameOf } from "./changes.ts";
import type { Diagnostic, PreviewDigest } from "./digest.ts";

/** Something that the program or the engine said, and of which resource. */
export interface Remark {
  readonly about: string;
  readonly text: string;
}

/** What a preview comes to. */
export interface PreviewSummary {
  readonly changes: readonly ResourceChange[];
  /** How many resources stay as they are. */
  readonly unchanged: number;
  readonly losses: readonly Loss[];
  readonly definitions: readonly DefinitionChange[];
  /** Tables of prices, one for each pipeline. */
  readonly costs: readonly string[];
  readonly errors: readonly Remark[];
  readonly warnings: readonly Remark[];
  readonly infos: readonly Remark[];
}

export function summarise(digest: PreviewDigest): PreviewSummary {
  const changes = resourceChanges(digest);
  const { diagnostics = [], changeSummary = {} } = digest;
  return {
    changes,
    unchanged: changeSummary.same ?? 0,
    losses: lossesIn(changes),
    definitions: definitionChanges(digest),
    costs: diagnostics.filter(isCost).map(({ message = "" }) => message.trimEnd()),
    errors: remarks(diagnostics, "error"),
    warnings: remarks(diagnostics, "warning").filter(({ text }) => !isOfMachine(text)),
    infos: remarks(
      diagnostics.filter((diagnostic) => !isCost(diagnostic)),
      "info",
    ),
  };
}

/** What a pipeline says at each evaluation. */
const isCost = ({ urn = "", message = "", severity = "" }: Diagnostic): boolean =>
  severity.startsWith("info") && urn.includes("glue-pipeline:index:GluePipeline::") && message.startsWith("job ");

/** Where the engine found its plugins is a matter of the machine it ran on. */
const isOfMachine = (text: string): boolean => /^using pulumi-resource-\S+ from \$PATH/.test(text);

/** The engine has a colour in the severity's place of some messages: `info#err` is what was written to stderr. */
const remarks = (diagnostics: readonly Diagnostic[], severity: string): readonly Remark[] => [
  // The engine says some things twice.
  ...new Map(remarksOf(diagnostics, severity).map((remark) => [`${remark.about} ${remark.text}`, remark])).values(),
];

const remarksOf = (diagnostics: readonly Diagnostic[], severity: string): readonly Remark[] =>
  diagnostics
    .filter((diagnostic) => diagnostic.severity?.split("#")[0] === severity)
    .map(({ urn = "", message = "" }) => ({
      about: urn === "" ? "" : nameOf(urn),
      text: message.replace(new RegExp(`^${severity}: `), "").trim(),
    }))
    .filter(({ text }) => text !== "");
