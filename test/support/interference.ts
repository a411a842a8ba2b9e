import type { Cloud } from "../../local/cloud.ts";
import { ServiceError, type Api } from "../../local/services/service.ts";

/** A call of a service by what the program declares, and what would become of it. */
export interface Call {
  readonly service: string;
  readonly operation: string;
  readonly input: unknown;
  /** @param other what the service is asked in place of the input */
  readonly proceed: (other?: unknown) => Promise<unknown>;
}

/** Lets somebody answer calls in the services' place; a person's own are left alone. Gives the way back. */
export const interfere = ({ api }: Pick<Cloud, "api">, answer: (call: Call) => Promise<unknown>): (() => void) => {
  const services: { call: Api["call"] } = api;
  const call = services.call.bind(services);
  services.call = (principal, service, operation, input) =>
    answer({ service, operation, input, proceed: (other = input) => call(principal, service, operation, other) });
  return () => {
    services.call = call;
  };
};

export interface Throttling {
  readonly service: string;
  readonly operation: string;
  /** The name of the error. */
  readonly error: string;
  readonly times: number;
  /** Which calls; of the input as JSON. @default all */
  readonly where?: RegExp;
}

/** Has a service refuse so many calls, as it does when there are too many. Gives how many are left to be refused. */
export const throttle = (
  cloud: Pick<Cloud, "api">,
  { service, operation, error, times, where = /(?:)/ }: Throttling,
): (() => number) => {
  let left = times;
  interfere(cloud, async (call) => {
    const isMeant = call.service === service && call.operation === operation && where.test(JSON.stringify(call.input));
    if (!isMeant || left === 0) return call.proceed();
    left -= 1;
    throw new ServiceError(error, "Please reduce your request rate.");
  });
  return () => left;
};
