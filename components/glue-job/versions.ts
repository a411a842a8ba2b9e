/** Glue's versions that can still create and start jobs, oldest first. */
export const glueVersions: readonly string[] = ["3.0", "4.0", "5.0", "5.1", "6.0"];

/** What is newer than this may have come since. */
export const newestVersion = Number(glueVersions.at(-1));

export const isKnownVersion = (version: string): boolean =>
  glueVersions.some((known) => Number(known) === Number(version));
