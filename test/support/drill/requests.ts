/** Where an emulator answers. */
interface Target {
  readonly endpoint: string;
}

/** Calls an API of AWS for which the project has no client: one of the query protocol. Gives the answer's XML. */
export const query = (
  { endpoint }: Target,
  service: "iam",
  parameters: Readonly<Record<string, string>>,
): Promise<string> =>
  send(endpoint, {
    headers: { authorization: signature(service), "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(parameters).toString(),
  });

/** Likewise of the JSON protocol. */
export const request = async (
  { endpoint }: Target,
  service: "logs",
  target: string,
  input: Readonly<Record<string, unknown>>,
): Promise<unknown> =>
  JSON.parse(
    await send(endpoint, {
      headers: {
        authorization: signature(service),
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": target,
      },
      body: JSON.stringify(input),
    }),
  );

/** What an XML answer has between tags of this name. */
export const textsIn = (xml: string, tag: string): readonly string[] =>
  [...xml.matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, "g"))].map(([, text = ""]) => text);

/** Emulators tell a service by it and do not look further. */
const signature = (service: string): string =>
  `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;

async function send(endpoint: string, init: { headers: Record<string, string>; body: string }): Promise<string> {
  const response = await fetch(endpoint, { method: "POST", ...init });
  const text = await response.text();
  if (!response.ok) throw new Error(`HTTP ${response.status}: ${text}`);
  return text;
}
