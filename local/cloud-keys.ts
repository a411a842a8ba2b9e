import { Properties } from "./services/properties.ts";
import { type Permission, ServiceError } from "./services/service.ts";
import type { World } from "./services/world.ts";

type KeyWorld = Pick<World, "graph" | "authoriser" | "keys">;

/** Throws unless logs can be encrypted with the keys that they are to be encrypted with: AWS sees to it at their creation. */
export const requireKeysOfLogs = (world: KeyWorld): void => {
  for (const resource of world.graph.resources) {
    if (resource.type === "aws:cloudwatch/logGroup:LogGroup") requireKeyOfLogGroup(world, Properties.of(resource));
    if (resource.type === "aws:sfn/stateMachine:StateMachine") requireKeyOfDelivery(world, Properties.of(resource));
  }
};

const requireKeyOfLogGroup = (world: KeyWorld, logGroup: Properties): void => {
  const key = keyOf(world, logGroup.optionalString("kmsKeyId"));
  if (key === undefined) return;
  const { region } = world.graph;
  const context = { "kms:EncryptionContext:aws:logs:arn": logGroup.string("arn") };
  for (const action of ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"]) {
    requireService(world, `logs.${region}.amazonaws.com`, logGroup.string("arn"), { action, resource: key, context });
  }
};

/** The logs of an encrypted machine are encrypted in its role's name and decrypted by the service that delivers them. */
const requireKeyOfDelivery = (world: KeyWorld, machine: Properties): void => {
  const key = keyOf(world, machine.child("encryptionConfiguration")?.optionalString("kmsKeyId"));
  if (key === undefined || machine.child("loggingConfiguration")?.optionalString("level") === "OFF") return;
  const { region, accountId } = world.graph;
  const context = { "kms:EncryptionContext:SourceArn": `arn:aws:logs:${region}:${accountId}:*` };
  const role = machine.string("roleArn");
  const permission = { action: "kms:GenerateDataKey", resource: key, context };
  const decision = world.authoriser.decide(role, permission);
  if (!decision.allowed) refuse(world.authoriser.userArn(role), permission, decision.reason);
  requireService(world, "delivery.logs.amazonaws.com", machine.string("arn"), { ...permission, action: "kms:Decrypt" });
};

const keyOf = ({ keys }: KeyWorld, reference: string | undefined): string | undefined =>
  reference === undefined ? undefined : keys.arnOf(reference);

const requireService = ({ authoriser }: KeyWorld, service: string, source: string, permission: Permission): void => {
  const decision = authoriser.decideService(
    { service, source },
    permission.action,
    permission.resource,
    permission.context,
  );
  if (!decision.allowed) refuse(service, permission, decision.reason);
};

const refuse = (who: string, { action, resource, context }: Permission, reason: string): never => {
  throw new ServiceError(
    "AccessDeniedException",
    `${who} is not authorized to perform: ${action} on resource: ${resource} ${reason}, for ${Object.values(context ?? {}).join(", ")}`,
  );
};
