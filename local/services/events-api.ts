import { isRecord } from "../../functions/lib/json.ts";
import type { PutEvent } from "./events.ts";
import { type Service, ServiceError } from "./service.ts";
import type { World } from "./world.ts";

/** An event as a program puts it on the bus. */
export interface PutEventsEntry {
  readonly Source?: string;
  readonly DetailType?: string;
  /** A JSON object as text. */
  readonly Detail?: string;
  readonly Resources?: readonly string[];
  /** Name or ARN. @default the default bus, the only one here */
  readonly EventBusName?: string;
}

export interface PutEventsInput {
  readonly Entries?: readonly PutEventsEntry[];
}

/** In the order of the entries. */
export interface PutEventsOutput {
  readonly FailedEntryCount: number;
  readonly Entries: readonly (
    { readonly EventId: string } | { readonly ErrorCode: string; readonly ErrorMessage: string }
  )[];
}

const mostEntries = 10;

/** What programs can call of EventBridge: they put events of their own on the default bus. */
export const createEvents = ({ graph, ids }: World, put: PutEvent): Service => {
  const busArn = (name = "default"): string =>
    name.startsWith("arn:") ? name : `arn:aws:events:${graph.region}:${graph.accountId}:event-bus/${name}`;
  const putEvents = ({ Entries = [] }: PutEventsInput): PutEventsOutput => {
    if (Entries.length === 0 || Entries.length > mostEntries) {
      throw new ServiceError(
        "ValidationException",
        `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length from 1 to ${mostEntries}, got ${Entries.length}`,
      );
    }
    const results = Entries.map((entry) => {
      const problem = problemOf(entry, busArn);
      if (problem !== undefined) return problem;
      const EventId = ids.uuid();
      const { Source: source = "", DetailType = "", Detail = "{}", Resources: resources = [] } = entry;
      const event = {
        source,
        "detail-type": DetailType,
        resources,
        detail: JSON.parse(Detail) as Record<string, unknown>,
      };
      put({ ...event, id: EventId });
      return { EventId };
    });
    return { FailedEntryCount: results.filter((result) => "ErrorCode" in result).length, Entries: results };
  };
  return {
    operations: {
      putEvents: {
        permissions: ({ Entries = [] }: PutEventsInput) =>
          Entries.map(({ EventBusName, Source = "", DetailType = "" }) => ({
            action: "events:PutEvents",
            resource: busArn(EventBusName),
            context: { "events:source": Source, "events:detail-type": DetailType },
          })),
        run: putEvents,
      },
    },
  };
};

const problemOf = (
  { Source = "", DetailType = "", Detail = "", EventBusName }: PutEventsEntry,
  busArn: (name?: string) => string,
): { ErrorCode: string; ErrorMessage: string } | undefined => {
  const invalid = (ErrorMessage: string) => ({ ErrorCode: "InvalidArgument", ErrorMessage });
  if (Source === "") return invalid("Parameter Source is not valid. Reason: Source is a required argument.");
  if (DetailType === "")
    return invalid("Parameter DetailType is not valid. Reason: DetailType is a required argument.");
  if (Detail === "") return invalid("Parameter Detail is not valid. Reason: Detail is a required argument.");
  if (!isObjectText(Detail)) return { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
  if (Source.startsWith("aws.")) {
    return { ErrorCode: "NotAuthorizedForSourceException", ErrorMessage: "Not authorized for the source." };
  }
  if (busArn(EventBusName) !== busArn()) {
    return { ErrorCode: "ResourceNotFoundException", ErrorMessage: `Event bus ${EventBusName ?? ""} does not exist.` };
  }
  return undefined;
};

const isObjectText = (text: string): boolean => {
  try {
    return isRecord(JSON.parse(text));
  } catch {
    return false;
  }
};
