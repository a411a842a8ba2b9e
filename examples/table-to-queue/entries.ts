/** An entry of the table as the function fills it: the same number gives the same entry. */
export interface Entry {
  readonly id: { readonly S: string };
  readonly customer: { readonly S: string };
  readonly amountCents: { readonly N: string };
}

export const entryAt = (index: number): Entry & Record<string, { S: string } | { N: string }> => ({
  id: { S: `order-${String(index).padStart(9, "0")}` },
  customer: { S: `customer-${(index * 7919) % 1000}` },
  amountCents: { N: String(100 + ((index * 104_729) % 99_900)) },
});

/** Filling more would take more calls than an execution's history has room for. */
export const mostEntries = 20_000_000;
/** Where neither the input nor the stack says how many. */
export const defaultEntries = 1000;
