import type { SecurityArgs } from "../security.ts";
import type { ConfigReader } from "./config-reader.ts";
import { readTextsByName } from "./values.ts";

/** What the stack config says of security. Nothing, where it leaves all to the mode. */
export const readSecurity = (read: ConfigReader): { readonly security?: SecurityArgs } => {
  const key = read.oneOf("security", ["auto", "true", "false"], "auto");
  const given: SecurityArgs = {
    ...(key !== "auto" && { customerManagedKey: key === "true" }),
    ...readText(read, "kmsKeyArn"),
    ...readText(read, "permissionsBoundary"),
    ...readText(read, "rolePath", "/"),
  };
  return Object.keys(given).length === 0 ? {} : { security: given };
};

const readText = <Key extends "kmsKeyArn" | "permissionsBoundary" | "rolePath">(
  read: ConfigReader,
  key: Key,
  otherwise = "",
): Partial<Record<Key, string>> => {
  const value = read.text(key, otherwise);
  return value === otherwise ? {} : ({ [key]: value } as Record<Key, string>);
};

/** Tags of everything that takes them, by name. */
export const readTags = (read: ConfigReader): { readonly tags?: Readonly<Record<string, string>> } => {
  const tags = readTextsByName(read, "tags", '{"team": "data"}');
  return tags === undefined ? {} : { tags };
};
