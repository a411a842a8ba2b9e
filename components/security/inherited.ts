import type * as pulumi from "@pulumi/pulumi";
import { securityOf, type SecurityArgs, type SecuritySwitch } from "../security.ts";

interface InheritedArgs extends Pick<SecurityArgs, "permissionsBoundary" | "rolePath"> {
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** A pipeline's options, with what everything inside it takes over. */
export const withInherited = (
  args: SecuritySwitch & Pick<InheritedArgs, "tags">,
  opts: pulumi.ComponentResourceOptions,
): pulumi.ComponentResourceOptions => ({
  ...opts,
  transformations: [...(opts.transformations ?? []), inheritedBy({ ...securityOf(args), tags: args.tags })],
});

/**
 * What all resources of a pipeline have in common, added to each as it is registered, so that none can be forgotten.
 * What a resource says itself stays.
 */
const inheritedBy =
  ({ tags = {}, permissionsBoundary, rolePath }: InheritedArgs): pulumi.ResourceTransformation =>
  ({ type, props, opts }) => ({
    props: {
      ...(props as Readonly<Record<string, unknown>>),
      ...(Object.keys(tags).length > 0 && takesTags(type, props) && { tags: { ...tags, ...(props as Tagged).tags } }),
      ...(type === "aws:iam/role:Role" && withRoleSettings(props, permissionsBoundary, rolePath)),
    },
    opts,
  });

interface Tagged {
  readonly tags?: Readonly<Record<string, unknown>>;
}

interface RoleProps {
  readonly permissionsBoundary?: unknown;
  readonly path?: unknown;
}

const withRoleSettings = (
  { permissionsBoundary, path }: RoleProps,
  inheritedBoundary: pulumi.Input<string> | undefined,
  inheritedPath: string | undefined,
) => ({ permissionsBoundary: permissionsBoundary ?? inheritedBoundary, path: path ?? inheritedPath });

/** Pulumi's classes name every property that their type has, given or not. */
const takesTags = (type: string, props: unknown): boolean =>
  typeof props === "object" && props !== null && "tags" in props && !untagged.includes(type);

/** An object has room for ten tags only, and costs are told by bucket. */
const untagged: readonly string[] = ["aws:s3/bucketObject:BucketObject", "aws:s3/bucketObjectv2:BucketObjectv2"];
