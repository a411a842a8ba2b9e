import { count } from "../../render/format.ts";
import type { Paint } from "../../render/style.ts";
import { table, type Column } from "../../render/table.ts";
import { printable } from "../../render/text.ts";
import { money, time } from "../format.ts";
import { bestOf, isSimulated, variantName, type Simulated, type Variant } from "../variants.ts";

/** Variants side by side, the cheapest and the fastest marked; then why the program refuses the others. */
export function comparisonLines(variants: readonly Variant[], columns: number, paint: Paint): readonly string[] {
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
  const rows = table(
    variants,
    [
      ...keys.map((key): Column<Variant> => ({
        title: printable(key),
        value: ({ settings }) => printable(settings[key] ?? ""),
      })),
      ofSimulated("p50", ({ result }) => time(result.latency.p50)),
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
        ...ofSimulated("bottleneck", ({ result }) => printable(result.bottleneck?.resource ?? "none"), "left"),
        flexible: true,
      },
      {
        title: "",
        value: (variant) => (isSimulated(variant) ? marks(variant) : "refused"),
        tone: (variant) => (isSimulated(variant) ? "good" : "warning"),
      },
    ],
    columns,
    paint,
  );
  return [
    ...rows,
    ...variants.flatMap((variant) =>
      isSimulated(variant)
        ? []
        : [
            "",
            paint("strong", printable(variantName(variant.settings))),
            ...variant.refused.split("\n").map((line) => `  ${printable(line)}`),
          ],
    ),
  ];
}
