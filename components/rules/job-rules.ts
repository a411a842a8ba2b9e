import type { AnyJob } from "../glue-job/kinds.ts";
import { jobArgumentRules } from "./job-argument-rules.ts";
import { jobFileRules } from "./job-file-rules.ts";
import { jobKindRules, withItsOwn } from "./job-kind-rules.ts";
import { jobOptionRules } from "./job-option-rules.ts";
import { jobOverrideRules } from "./job-override-rules.ts";
import { jobSizeRules } from "./job-size-rules.ts";
import type { Problem } from "./problem.ts";

/** All that can be known to be wrong with a job before AWS is asked. */
export const jobRules = ({ job }: { readonly job: AnyJob }): readonly Problem[] => {
  // What does not belong to its kind is refused for that alone.
  const own = withItsOwn(job);
  return [
    ...jobKindRules(job),
    ...jobSizeRules(own),
    ...jobOptionRules(own),
    ...jobArgumentRules(own),
    ...jobFileRules(own),
    ...jobOverrideRules(own),
  ];
};
