/** What the compiler reads of the syntax tree that the JSONata library's parser makes. */
export interface AstNode {
  readonly type: string;
  readonly value?: unknown;
  readonly steps?: readonly AstNode[];
  /** Operands of a binary node; key and value pairs of an object constructor. */
  readonly lhs?: AstNode | readonly (readonly [AstNode, AstNode])[];
  readonly rhs?: AstNode;
  readonly expression?: AstNode;
  readonly expressions?: readonly AstNode[];
  readonly condition?: AstNode;
  readonly then?: AstNode;
  readonly else?: AstNode;
  readonly arguments?: readonly AstNode[];
  readonly procedure?: AstNode;
  readonly body?: AstNode;
  readonly signature?: unknown;
  /** What a sort goes by. */
  readonly terms?: readonly { readonly expression: AstNode }[];
  readonly thunk?: boolean;
  readonly predicate?: readonly Stage[];
  readonly stages?: readonly Stage[];
  readonly group?: unknown;
  readonly keepArray?: boolean;
  readonly keepSingletonArray?: boolean;
  readonly consarray?: boolean;
  readonly tuple?: unknown;
  readonly focus?: unknown;
  readonly index?: unknown;
  readonly ancestor?: unknown;
}

export interface Stage {
  readonly type: string;
  readonly expr?: AstNode;
}

/** Every node of a tree, parents first. */
export function* walkAst(value: unknown): Generator<AstNode> {
  if (Array.isArray(value)) {
    for (const item of value) yield* walkAst(item);
  } else if (typeof value === "object" && value !== null && !(value instanceof RegExp)) {
    if ("type" in value && typeof value.type === "string") yield value as AstNode;
    for (const child of Object.values(value)) yield* walkAst(child);
  }
}
