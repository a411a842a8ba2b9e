import { createdNetworkDefaults } from "../network/created-vpc.ts";
import type { AnyNetwork, NetworkArgs } from "../network.ts";
import type { ConfigReader } from "./config-reader.ts";

/**
 * What the stack config says of the network. What does not belong to the kind of network is kept where it is not the
 * default: a rule refuses it.
 */
export const readNetwork = (read: ConfigReader): { readonly network?: NetworkArgs } => {
  const { cidrBlock, interfaceEndpoints, internetAccess } = createdNetworkDefaults;
  const given: AnyNetwork = {
    kind: read.oneOf("network", ["none", "existing", "create"], "none"),
    ...unless("", "vpcId", read.text("vpcId", "")),
    ...unlessSame([], "subnetIds", read.texts("subnetIds", [], { says: "a subnet's id" })),
    ...unlessSame([], "securityGroupIds", read.texts("securityGroupIds", [], { says: "a security group's id" })),
    ...unless(cidrBlock, "cidrBlock", read.text("vpcCidr", cidrBlock)),
    ...unlessSame(
      interfaceEndpoints,
      "interfaceEndpoints",
      read.texts("vpcEndpoints", interfaceEndpoints, { says: "the name of a service" }),
    ),
    ...unless(internetAccess, "internetAccess", read.boolean("vpcInternetAccess", internetAccess)),
  };
  return Object.keys(given).length === 1 && given.kind === "none" ? {} : { network: given as NetworkArgs };
};

const unless = <Key extends keyof AnyNetwork, Value>(
  usual: Value,
  key: Key,
  value: Value,
): Partial<Record<Key, Value>> => (value === usual ? {} : ({ [key]: value } as Record<Key, Value>));

const unlessSame = <Key extends keyof AnyNetwork>(
  usual: readonly string[],
  key: Key,
  value: readonly string[],
): Partial<Record<Key, readonly string[]>> =>
  value.join("\n") === usual.join("\n") ? {} : ({ [key]: value } as Record<Key, readonly string[]>);
