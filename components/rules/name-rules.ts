import type { Problem } from "./problem.ts";

/**
 * Every resource's name is the pipeline's, what the resource is for, and eight characters that make it unique. The
 * tightest are a role's name, of 64 characters, and a bucket's, of 63 that must suit a host name.
 */
export const maxPipelineName = 36;

/** What is wrong with a pipeline's own name, which stands in its resources' names. */
export const nameRules = (name: string): readonly Problem[] => {
  const isRight = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name) && name.length <= maxPipelineName;
  if (isRight) return [];
  return [
    {
      field: "name",
      must: () =>
        `1 to ${maxPipelineName} lower-case letters, digits and hyphens, with a letter or a digit at both ends: it is ` +
        "part of the names of buckets, roles and functions, the longest of which would be refused only when it is created",
      got: name,
    },
  ];
};
