import { landingDefaults } from "../dispatcher.ts";
import { validationDefaults } from "../file-validation.ts";
import type { RuledArgs } from "./pipeline-rules.ts";
import type { Problem } from "./problem.ts";

/**
 * A bucket has one filter, so none can overlap another, and a job writes to buckets that no filter watches. What is left
 * is a filter that lets nothing through but what is rejected.
 */
export const landingRules = (args: Pick<RuledArgs, "landing" | "validation">): readonly Problem[] => {
  const { suffix } = { ...landingDefaults, ...args.landing };
  const { extensions } = { ...validationDefaults, ...args.validation };
  if (extensions.length === 0 || extensions.some((extension) => fits(suffix, `.${extension}`))) return [];
  return [
    {
      field: "landing.suffix",
      must: (say) =>
        `an ending of files that are not rejected: ${say("validation.extensions")} allows ${extensions.join(", ")} only`,
      got: suffix,
    },
  ];
};

/** Whether one key can end in both; extensions are compared without regard to case. */
const fits = (suffix: string, extension: string): boolean => {
  const [a, b] = [suffix.toLowerCase(), extension.toLowerCase()];
  return a.endsWith(b) || b.endsWith(a);
};
