import { count } from "../../render/format.ts";
import { unpainted, type Paint } from "../../render/style.ts";
import { table, type Column } from "../../render/table.ts";
import { printable, width } from "../../render/text.ts";
import { money, shareOfTime, time } from "../format.ts";
import { bestOf, isSimulated, variantName, type Simulated, type Variant } from "../variants.ts";
import { verdictsOf } from "../verdict.ts";
import { folded, labelled } from "./fold.ts";
import { assumptionLines } from "./result-lines.ts";

/** In fewer columns, a bottleneck's name would be guesswork. */
const LEAST_FOR_NAMES = 26;

/**
 * Variants side by side, the cheapest and the fastest marked; which to take and why, what holds each of them up, and why
 * the program refuses others.
 */
export function comparisonLines(variants: readonly Variant[], columns: number, paint: Paint): readonly string[] {
  const simulated = variants.filter(isSimulated);
  const sections = [
    tableLines(variants, columns, paint),
    verdictsOf(variants).flatMap(({ on, variant, says }) =>
      labelled(on, [printable(`${variant}: ${says}`)], columns, paint),
    ),
    bottleneckLines(simulated, columns, paint),
    assumptionLines(
      simulated.map(({ result }) => result),
      columns,
      paint,
    ),
    ...variants.flatMap((variant) =>
      isSimulated(variant)
        ? []
        : [
            [
              paint("strong", printable(variantName(variant.settings))),
              ...variant.refused.split("\n").map((line) => `  ${printable(line)}`),
            ],
          ],
    ),
  ];
  return sections.filter((lines) => lines.length > 0).flatMap((lines, index) => (index === 0 ? lines : ["", ...lines]));
}

/** What holds which variants up, and what may be done. */
function bottleneckLines(simulated: readonly Simulated[], columns: number, paint: Paint): readonly string[] {
  const held = new Map<string, string[]>();
  for (const { settings, result } of simulated) {
    if (result.bottleneck === undefined) continue;
    const text = `${result.bottleneck.resource}, ${shareOfTime(result.bottleneck)}. ${result.bottleneck.advice}`;
    held.set(text, [...(held.get(text) ?? []), variantName(settings)]);
  }
  return [...held].flatMap(([text, names]) =>
    labelled("bottleneck", [printable(`${names.join(" and ")}: ${text}`)], columns, paint),
  );
}

/** The names of bottlenecks give way first, then the table. */
function tableLines(variants: readonly Variant[], columns: number, paint: Paint): readonly string[] {
  const shape = shapeOf(variants);
  const bare = shape.filter(({ title }) => title !== BOTTLENECK);
  const room = columns - widthOf(table(variants, bare, Infinity, unpainted));
  if (room > LEAST_FOR_NAMES) return table(variants, shape, columns, paint);
  if (room >= 0) return table(variants, bare, columns, paint);
  const [verdict] = bare.slice(-1);
  return variants.flatMap((variant) => [
    paint("strong", printable(variantName(variant.settings))) + `  ${verdict?.value(variant) ?? ""}`.trimEnd(),
    ...(isSimulated(variant)
      ? folded(
          bare.slice(Object.keys(variant.settings).length, -1).map(({ title, value }) => `${title} ${value(variant)}`),
          columns - 2,
        ).map((line) => `  ${line}`)
      : []),
  ]);
}

const BOTTLENECK = "bottleneck";

const widthOf = (lines: readonly string[]): number => Math.max(0, ...lines.map(width));

function shapeOf(variants: readonly Variant[]): readonly Column<Variant>[] {
  const best = bestOf(variants);
  const marks = (variant: Variant): string =>
    [...(variant === best.cheapest ? ["cheapest"] : []), ...(variant === best.fastest ? ["fastest"] : [])].join(", ");
  const ofSimulated = (
    title: string,
    value: (simulated: Simulated) => string,
    align: "left" | "right" = "right",
  ): Column<Variant> => ({
    title,
    value: (variant) => (isSimulated(variant) ? value(variant) : "–"),
    align,
  });
  const keys = Object.keys(variants[0]?.settings ?? {});
  return [
    ...keys.map((key): Column<Variant> => ({
      title: printable(key),
      value: ({ settings }) => printable(settings[key] ?? ""),
    })),
    ofSimulated("latency p50", ({ result }) => time(result.latency.p50)),
    ofSimulated("p95", ({ result }) => time(result.latency.p95)),
    ofSimulated("max", ({ result }) => time(result.latency.max)),
    ofSimulated("cost", ({ result }) => money(result.cost.total)),
    ofSimulated("per 1,000", ({ result }) => money(result.cost.perThousandFiles)),
    ofSimulated("peak runs", ({ result }) => count(result.peaks.jobRuns)),
    ofSimulated("failed", ({ result }) => count(result.outcomes.failed)),
    ...(variants.some((variant) => isSimulated(variant) && variant.result.outcomes.unfinished > 0)
      ? [ofSimulated("unfinished", ({ result }) => count(result.outcomes.unfinished))]
      : []),
    {
      ...ofSimulated(BOTTLENECK, ({ result }) => printable(result.bottleneck?.resource ?? "none"), "left"),
      flexible: true,
    },
    {
      title: "",
      value: (variant) => (isSimulated(variant) ? marks(variant) : "refused"),
      tone: (variant) => (isSimulated(variant) ? "good" : "warning"),
    },
  ];
}
