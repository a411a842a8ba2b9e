import type { ResourceKinds } from "./kinds.ts";

export const stepFunctionsKinds: ResourceKinds = {
  "aws:sfn/stateMachine:StateMachine": {
    honoured: ["name", "namePrefix", "definition", "roleArn", "type", "encryptionConfiguration"],
    ignored: {
      loggingConfiguration: "the embedded cloud shows each step itself and keeps no log group",
      tracingConfiguration: "the embedded cloud records no traces",
      publish: "there is one version of each machine",
      versionDescription: "there is one version of each machine",
    },
  },
};
