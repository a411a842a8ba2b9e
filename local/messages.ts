import * as pulumi from "@pulumi/pulumi";
import type { Message } from "./resource-graph.ts";

/**
 * Takes what the program says from now on. Pulumi's runtime hands messages to its engine, and where there is none, as
 * here, writes them to the console, in the midst of whatever a command prints.
 */
export const hearMessages = (): { readonly messages: readonly Message[]; readonly stop: () => void } => {
  const messages: Message[] = [];
  const { info, warn } = pulumi.log;
  const hear = (severity: Message["severity"]) => (text: string) => {
    messages.push({ severity, text });
    return Promise.resolve();
  };
  Object.assign(pulumi.log, { info: hear("info"), warn: hear("warning") });
  return {
    messages,
    stop: () => {
      Object.assign(pulumi.log, { info, warn });
    },
  };
};
