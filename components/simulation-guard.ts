import * as pulumi from "@pulumi/pulumi";

/**
 * Refuses simulated jobs on AWS itself, where they would look like work done. AWS is where the provider goes unless its
 * endpoints lead elsewhere.
 */
export const refuseSimulationOnAws = (allowed: boolean, opts: pulumi.ComponentResourceOptions): void => {
  if (allowed || !goesToAws(opts)) return;
  throw new pulumi.RunError(
    'glue-pipeline:mode is "simulated" and this stack deploys to AWS itself: set aws:endpoints to those of an ' +
      'emulator, or glue-pipeline:mode to "real"; glue-pipeline:allowSimulatedOnAws "true" deploys the simulation anyway.',
  );
};

/** An explicit provider does not tell its endpoints, so it counts as AWS. */
const goesToAws = ({ provider, providers }: pulumi.ComponentResourceOptions): boolean => {
  if (provider !== undefined || providers !== undefined) return true;
  const [endpoints] = new pulumi.Config("aws").getObject<Record<string, string>[]>("endpoints") ?? [];
  return servicesOfSimulation.some((service) => isAws(endpoints?.[service] ?? process.env.AWS_ENDPOINT_URL));
};

/** An endpoint left out leads to AWS: each one that the simulation runs on has to lead elsewhere. */
const servicesOfSimulation = ["lambda", "dynamodb"];

const isAws = (url: string | undefined): boolean =>
  url === undefined || !URL.canParse(url) || /(^|\.)(amazonaws\.com(\.cn)?|aws)$/.test(new URL(url).hostname);
