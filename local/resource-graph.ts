/** One resource that the program registered. */
export interface Resource {
  /** Pulumi's type token, for example `aws:s3/bucket:Bucket`. */
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly id: string;
  readonly parent?: string;
  /** URNs it was declared to depend on. */
  readonly dependencies: readonly string[];
  /** Inputs as the program gave them, outputs that AWS would add (arn, id, url, …) filled in. */
  readonly properties: Readonly<Record<string, unknown>>;
  /** The names of the properties that the program itself gave. */
  readonly given: readonly string[];
}

/** All that a program declared for one stack: what the embedded cloud runs. */
export interface ResourceGraph {
  readonly project: string;
  readonly stack: string;
  /** Folder of Pulumi.yaml: relative asset paths start here. */
  readonly directory: string;
  readonly region: string;
  readonly accountId: string;
  /** Custom resources (`aws:…`), in the order of their URNs; components are not among them. */
  readonly resources: readonly Resource[];
  /** What index.ts exports. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** What the program said while it was evaluated: prices, warnings. */
  readonly messages: readonly Message[];
}

/** Something that a program says by `pulumi.log`. */
export interface Message {
  readonly severity: "info" | "warning";
  readonly text: string;
}
