import { MockMonitor, type MockCallArgs, type MockResourceArgs } from "@pulumi/pulumi/runtime/mocks.js";
import { physicalOf, type Place } from "./physical.ts";
import type { Resource } from "./resource-graph.ts";

/** The parts of Pulumi's RegisterResourceRequest that are kept. */
interface RegisterRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getDependenciesList(): string[];
}

interface RegisterResponse {
  getUrn(): string;
  setUrn(urn: string): void;
}

/** Stands where Pulumi's engine would: answers registrations as if AWS had made the resource, and keeps them. */
export class RecordingMonitor extends MockMonitor {
  readonly registered: Resource[] = [];
  readonly #made: Map<string, Pick<Resource, "id" | "properties" | "given">>;

  constructor(place: Place, preview: boolean) {
    const made = new Map<string, Pick<Resource, "id" | "properties" | "given">>();
    super({
      call: (args) => answer(args, place),
      newResource: (args: MockResourceArgs) => {
        const inputs = args.inputs as Record<string, unknown>;
        const physical =
          args.custom === true || isRemoteComponent(args.type)
            ? physicalOf(args.type, args.name, inputs, place)
            : { id: "", outputs: {} };
        const properties = { ...inputs, ...physical.outputs };
        made.set(keyOf(args.type, args.name), { id: physical.id, properties, given: Object.keys(inputs) });
        // A preview knows no more than what the program says.
        return preview ? { id: undefined, state: inputs } : { id: physical.id, state: properties };
      },
    });
    this.#made = made;
  }

  override registerResource(
    request: RegisterRequest,
    callback: (error: unknown, response: RegisterResponse | undefined) => void,
  ): Promise<void> {
    return super.registerResource(request, (error: unknown, response: RegisterResponse | undefined) => {
      const type = request.getType();
      const name = request.getName();
      if (response !== undefined) this.#rename(response, urnWithin(response.getUrn(), request.getParent()));
      const made = this.#made.get(keyOf(type, name));
      if (response !== undefined && made !== undefined) {
        const parent = request.getParent();
        const dependencies = request.getDependenciesList();
        this.registered.push({ type, name, urn: response.getUrn(), ...made, ...(parent && { parent }), dependencies });
      }
      callback(error, response);
    });
  }

  /** The mocks know a resource by a URN with its parent's type alone. */
  #rename(response: RegisterResponse, urn: string): void {
    const entry = this.resources.get(response.getUrn());
    this.resources.delete(response.getUrn());
    if (entry !== undefined) this.resources.set(urn, { ...entry, urn });
    response.setUrn(urn);
  }

  /** What the program exports, once it has run to its end. */
  stackOutputs(): Record<string, unknown> {
    const stack = [...this.resources.values()].find(({ urn }) => urn.includes("::pulumi:pulumi:Stack::"));
    return stack === undefined ? {} : (stack.state as Struct).toJavaScript();
  }
}

/** Structured values of Pulumi's protocol. */
interface Struct {
  toJavaScript(): Record<string, unknown>;
}

/** The URN that the engine gives: the types of all parents but the stack come before the resource's own. */
const urnWithin = (urn: string, parent: string): string => {
  const [start, project, types = "", ...name] = urn.split("::");
  const [, , parentTypes = stackType] = parent.split("::");
  const type = types.split("$").at(-1);
  return [start, project, parentTypes === stackType ? type : `${parentTypes}$${type}`, ...name].join("::");
};

const stackType = "pulumi:pulumi:Stack";

/** Whether a plugin makes the component's parts, out of the program's sight: those of awsx. */
export const isRemoteComponent = (type: string): boolean => type.startsWith("awsx:");

const keyOf = (type: string, name: string): string => `${type}\0${name}`;

/** The lookups of the AWS provider that programs make. */
const answer = ({ token, inputs }: MockCallArgs, { accountId, region }: Place): Record<string, unknown> => {
  switch (token) {
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return { id: accountId, accountId, arn: `arn:aws:iam::${accountId}:user/embedded`, userId: "EMBEDDED" };
    case "aws:index/getRegion:getRegion":
      return { id: region, name: region, region, description: region, endpoint: `ec2.${region}.amazonaws.com` };
    case "aws:index/getPartition:getPartition":
      return { id: "aws", partition: "aws", dnsSuffix: "amazonaws.com", reverseDnsPrefix: "com.amazonaws" };
    case "aws:ec2/getSubnet:getSubnet": {
      const { id } = inputs as { id?: unknown };
      return { id, subnetId: id, availabilityZone: `${region}a`, state: "available" };
    }
    default:
      throw new LookupError(`The embedded cloud does not know the lookup ${token}.`);
  }
};

/** Pulumi's runtime shows the details of a failed lookup, as its protocol has them, and nothing else. */
class LookupError extends Error {
  readonly details: string;

  constructor(message: string) {
    super(message);
    this.details = message;
  }
}
