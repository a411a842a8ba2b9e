import { validationDefaults } from "../file-validation.ts";
import type { RuledArgs } from "./pipeline-rules.ts";
import type { Problem } from "./problem.ts";

export const validationRules = ({ validation }: Pick<RuledArgs, "validation">): readonly Problem[] => {
  const { minFileBytes, maxFileBytes } = { ...validationDefaults, ...validation };
  if (minFileBytes <= maxFileBytes) return [];
  return [
    {
      field: "validation.minFileBytes",
      must: (say) => `at most ${say("validation.maxFileBytes")} (${maxFileBytes})`,
      got: minFileBytes,
    },
  ];
};
