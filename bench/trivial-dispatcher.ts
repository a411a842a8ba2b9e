import { createStepFunctions } from "../functions/clients/step-functions.ts";

interface Notification {
  readonly Records: readonly { readonly s3: { readonly object: { readonly versionId: string } } }[];
}

const stepFunctions = createStepFunctions();

/** The least that starts an execution for an object: no checks, no log, no answer for a second delivery. */
export const handler = async (event: Notification): Promise<void> => {
  for (const { s3 } of event.Records) {
    await stepFunctions.startExecution({
      stateMachineArn: process.env.STATE_MACHINE_ARN,
      name: s3.object.versionId,
      input: "{}",
    });
  }
};
