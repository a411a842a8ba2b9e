import { readFileSync } from "node:fs";
import { parseContract, profilingContractOf, type DataContract, type ProfilingContract } from "../lib/contract.ts";
import { parseRules } from "../lib/dqdl.ts";
import type { Profile } from "../lib/profile.ts";
import { profileCsv } from "../lib/profile-csv.ts";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");

export const contractJson = read("../contract/orders.json");
export const contractDqdl = read("../contract/orders.dqdl");

/** The example's own contract. */
export const orders: DataContract = parseContract(contractJson, contractDqdl);

export const sample = (name: string): Uint8Array => readFileSync(new URL(`../samples/${name}`, import.meta.url));

/** Profiles a text by some rules, on the 8th of January 2026. */
export const profileOf = (
  content: string | Uint8Array,
  contract: Partial<ProfilingContract> | string = {},
): Promise<Profile> => {
  const given = typeof contract === "string" ? { rules: parseRules(`Rules = [ ${contract} ]`) } : contract;
  return profileCsv(
    oneChunk(Buffer.from(content)),
    { ...profilingContractOf(orders), rules: [], masked: [], ...given },
    "2026-01-08T00:00:00Z",
  );
};

async function* oneChunk(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(content);
}
