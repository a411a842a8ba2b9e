/** What a shop's app tells of its users. */
export interface ClickEvent {
  readonly eventId: string;
  /** ISO 8601, by the device's clock. */
  readonly at: string;
  readonly userId: string;
  readonly productId: string;
  readonly action: Action;
  readonly quantity: number;
}

export interface EnrichedEvent extends ClickEvent {
  readonly product: string;
  readonly category: string;
  /** In cents; 0 unless something was bought. */
  readonly amount: number;
}

export type Action = "view" | "cart" | "purchase";

export interface Product {
  readonly name: string;
  readonly category: string;
  /** In cents. */
  readonly price: number;
}

const actions: readonly string[] = ["view", "cart", "purchase"] satisfies readonly Action[];

/** Reads an event, or says in a text what is wrong with it. */
export const parseEvent = (text: string): ClickEvent | string => {
  const value = parsed(text);
  if (typeof value !== "object" || value === null) return "it is no JSON object";
  const { eventId, at, userId, productId, action, quantity } = value as Readonly<Record<string, unknown>>;
  for (const [name, field] of Object.entries({ eventId, at, userId, productId, action })) {
    if (typeof field !== "string" || field === "") return `${name} must be a text, got ${shown(field)}`;
  }
  if (!Number.isFinite(Date.parse(String(at)))) return `at must be a time in ISO 8601, got ${JSON.stringify(at)}`;
  if (!actions.includes(String(action)))
    return `action must be one of ${actions.join(", ")}, got ${JSON.stringify(action)}`;
  if (!Number.isInteger(quantity) || Number(quantity) < 0) {
    return `quantity must be a whole number, got ${shown(quantity)}`;
  }
  return { eventId, at, userId, productId, action, quantity } as ClickEvent;
};

/** The event with what is known of its product. */
export const enrich = (event: ClickEvent, products: ReadonlyMap<string, Product>): EnrichedEvent | string => {
  const product = products.get(event.productId);
  if (product === undefined) return `there is no product ${JSON.stringify(event.productId)}`;
  const amount = event.action === "purchase" ? event.quantity * product.price : 0;
  return { ...event, product: product.name, category: product.category, amount };
};

/** `products.csv`: productId, name, category and price in cents; nothing in it is quoted. */
export const parseProducts = (csv: string): ReadonlyMap<string, Product> =>
  new Map(
    csv
      .trim()
      .split(/\r?\n/)
      .slice(1)
      .map((line) => {
        const [id = "", name = "", category = "", price = ""] = line.split(",");
        return [id, { name, category, price: Number(price) }];
      }),
  );

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

const shown = (value: unknown): string => (value === undefined ? "nothing" : JSON.stringify(value));
