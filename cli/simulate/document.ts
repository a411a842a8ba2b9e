import { bestOf, isSimulated, type Variant } from "./variants.ts";

/**
 * The one JSON document: what was found; or of several variants what was found of each, and which of them, counted from
 * 0, is the cheapest and the fastest.
 */
export function documentOf(variants: readonly Variant[], wallSeconds: number): object {
  const [only] = variants;
  if (variants.length === 1 && only !== undefined && isSimulated(only)) return { ...only.result, wallSeconds };
  const { cheapest, fastest } = bestOf(variants);
  const indexOf = (variant: Variant | undefined): number | null =>
    variant === undefined ? null : variants.indexOf(variant);
  return { variants, cheapest: indexOf(cheapest), fastest: indexOf(fastest), wallSeconds };
}
