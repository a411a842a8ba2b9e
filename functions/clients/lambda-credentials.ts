interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * Stands in for the SDK's search for credentials when a function is bundled: Lambda and the emulators always give them
 * in the environment, and the other places to look are a third of a client's size.
 */
export const defaultProvider = (): (() => Promise<Credentials>) => () =>
  Promise.resolve({
    accessKeyId: process.env.AWS_ACCESS_KEY_ID ?? "",
    secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY ?? "",
    ...(process.env.AWS_SESSION_TOKEN !== undefined && { sessionToken: process.env.AWS_SESSION_TOKEN }),
  });
