import type { Dependencies } from "../../../functions/lib/aws.ts";

interface StreamEvent {
  readonly Records: readonly { readonly kinesis: { readonly data: string; readonly sequenceNumber: string } }[];
}

/**
 * A function that handles the records of a stream. One that says `not before 3` is handled by the third call that has it;
 * `bad` never is, and brings the call down; `wait` never is, and is named as what was not handled.
 */
export const createHandler = (deps: Dependencies): ((event: StreamEvent) => unknown) => {
  const calls = new Map<string, number>();
  return ({ Records }) => {
    const texts = Records.map(({ kinesis }) => Buffer.from(kinesis.data, "base64").toString());
    deps.log({ texts, at: deps.now() });
    const failed: string[] = [];
    for (const [index, text] of texts.entries()) {
      const count = (calls.get(text) ?? 0) + 1;
      calls.set(text, count);
      const [, notBefore] = /^not before (\d+)$/.exec(text) ?? [];
      if (text.startsWith("bad") || count < Number(notBefore ?? 1)) throw new Error(`not handled: ${text}`);
      if (text.startsWith("wait")) failed.push(Records[index]?.kinesis.sequenceNumber ?? "");
    }
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  };
};
