import { dispatchDefaults, isBatched, type DispatchArgs } from "../dispatch-args.ts";
import type { ExpiringFolder } from "../secure-bucket.ts";

/** As long as an execution can last. */
const yearDays = 366;

/**
 * What batches leave in the output bucket. It is read until the batch has ended, by whoever starts it, by its runs, and
 * by the recorder; and a batch may wait for a while before it begins. The ledger forgets its files so many days after the
 * end, and there is nothing left then that what a batch had could be asked for.
 */
export const batchFolders = (args: { readonly dispatch?: DispatchArgs | undefined }): readonly ExpiringFolder[] => {
  if (!isBatched(args)) return [];
  const { ledgerRetentionDays } = { ...dispatchDefaults, ...args.dispatch };
  return ["manifests/", "proposals/"].map((prefix) => ({ prefix, days: yearDays + ledgerRetentionDays }));
};
