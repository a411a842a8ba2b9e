import { ServiceError } from "../services/service.ts";

interface Request {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

/** A page of a list, as the API cuts it: 100 items unless asked for up to 1,000. */
export function page<T>(
  all: readonly T[],
  request: Request,
): { readonly items: readonly T[]; readonly nextToken: { readonly nextToken?: string } } {
  const start = request.nextToken === undefined ? 0 : Number(request.nextToken);
  if (!Number.isInteger(start) || start < 0) {
    throw new ServiceError(
      "InvalidToken",
      `nextToken must be one that was given, got ${JSON.stringify(request.nextToken)}`,
    );
  }
  const size = request.maxResults === undefined || request.maxResults === 0 ? 100 : request.maxResults;
  if (size < 0 || size > 1_000) {
    throw new ServiceError("ValidationException", `maxResults must be 0 to 1000, got ${size}`);
  }
  const end = start + size;
  return { items: all.slice(start, end), nextToken: end < all.length ? { nextToken: String(end) } : {} };
}
