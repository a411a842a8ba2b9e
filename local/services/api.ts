import type { Authoriser } from "../iam/authoriser.ts";
import type { Keys } from "../iam/keys.ts";
import { type Api, type Operation, type Permission, type Principal, type Service, ServiceError } from "./service.ts";

export type Services = Readonly<Record<string, Service>>;

/** The services' one entrance, by service and operation name. Filled once all services are made: they call each other. */
export class ServiceApi implements Api {
  readonly #authoriser: Authoriser;
  readonly #keys: Keys;
  #services: Services = {};

  constructor(authoriser: Authoriser, keys: Keys) {
    this.#authoriser = authoriser;
    this.#keys = keys;
  }

  connect(services: Services): void {
    this.#services = services;
  }

  async call(principal: Principal, service: string, operation: string, input: unknown): Promise<unknown> {
    const found = this.#find(service, operation);
    for (const permission of found.permissions(input as never)) {
      this.#require(principal, permission, service === "s3" ? "AccessDenied" : "AccessDeniedException");
      for (const use of this.#keys.neededFor(service, operation, permission)) {
        this.#require(principal, use, keyErrors[service] ?? "AccessDeniedException");
      }
    }
    return await found.run(input as never, principal);
  }

  /** Calls without asking any policy, as the account's owner would. */
  async callUnchecked(service: string, operation: string, input: unknown): Promise<unknown> {
    return await this.#find(service, operation).run(input as never, "");
  }

  #require(principal: Principal, permission: Permission, error: string): void {
    const decision = this.#authoriser.decide(principal, permission);
    if (decision.allowed) return;
    throw new ServiceError(
      error,
      `User: ${this.#authoriser.userArn(principal)} is not authorized to perform: ${permission.action} ` +
        `on resource: ${permission.resource} ${decision.reason}`,
    );
  }

  #find(service: string, operation: string): Operation {
    const { operations } = this.#services[service] ?? {};
    if (operations === undefined) {
      throw new Error(
        `the embedded cloud has no service "${service}"; it has ${Object.keys(this.#services).join(", ")}`,
      );
    }
    const found = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
    if (found !== undefined) return found;
    throw new Error(
      `the embedded cloud's ${service} has no operation "${operation}"; it has ${Object.keys(operations).join(", ")}`,
    );
  }
}

/** What a service's API calls it when the caller may not use the key. */
const keyErrors: Readonly<Record<string, string>> = {
  kinesis: "KMSAccessDeniedException",
  s3: "AccessDenied",
  sns: "KMSAccessDeniedException",
  sqs: "KmsAccessDenied",
  states: "KmsAccessDeniedException",
};
