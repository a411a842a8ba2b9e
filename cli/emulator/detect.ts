/** An AWS emulator that answers. */
export interface Emulator {
  readonly name: string;
  /** Undefined: it does not say. */
  readonly version?: string;
  /** What of the pipeline it is known not to run, in sentences. */
  readonly limits: readonly string[];
}

/** What is at an address. */
export type Detection =
  | { readonly kind: "nothing" }
  | { readonly kind: "emulator"; readonly emulator: Emulator }
  /** Somebody listens who does not answer as AWS does; `answer` says what came. */
  | { readonly kind: "stranger"; readonly answer: string };

interface Sign {
  readonly name: string;
  readonly path: string;
  readonly limits: readonly string[];
}

/** In order: those that were made to take LocalStack's place answer at its address as well. */
const SIGNS: readonly Sign[] = [
  {
    name: "MiniStack",
    path: "/_ministack/health",
    limits: ["Its faults are not mended: what a function throws has another name there, for one."],
  },
  {
    name: "LocalEmu",
    path: "/_localemu/health",
    limits: ["It cannot evaluate the state machine's JSONata, so executions fail."],
  },
  {
    name: "LocalStack",
    path: "/_localstack/health",
    limits: ["It runs functions in Docker, and Glue jobs (mode real) in its paid editions only."],
  },
  {
    name: "moto",
    path: "/moto-api/data.json",
    limits: ["It runs no functions in Node.js, so files that are uploaded stay where they are."],
  },
];
const ANSWER_WITHIN_MS = 3_000;

/** Looks who answers at an address, for example `http://127.0.0.1:4566`. */
export async function detectEmulator(url: string): Promise<Detection> {
  for (const { name, path, limits } of SIGNS) {
    const answer = await ask(`${url}${path}`);
    if (answer.kind === "refused") return { kind: "nothing" };
    if (answer.kind === "failed") return { kind: "stranger", answer: answer.why };
    const health = answer.status === 200 ? objectIn(answer.body) : undefined;
    if (health === undefined) continue;
    const version = typeof health.version === "string" ? health.version : answer.version;
    return { kind: "emulator", emulator: { name, ...(version === undefined ? {} : { version }), limits } };
  }
  return detectUnknown(url);
}

/** Whoever can tell who asks, in AWS's way, is taken for an emulator. */
async function detectUnknown(url: string): Promise<Detection> {
  const answer = await ask(url, {
    method: "POST",
    body: "Action=GetCallerIdentity&Version=2011-06-15",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      authorization:
        "AWS4-HMAC-SHA256 Credential=test/20000101/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=0",
    },
  });
  if (answer.kind === "refused") return { kind: "nothing" };
  if (answer.kind === "failed") return { kind: "stranger", answer: answer.why };
  if (answer.body.includes("GetCallerIdentityRes"))
    return { kind: "emulator", emulator: { name: "an emulator that does not tell its name", limits: [] } };
  return { kind: "stranger", answer: `HTTP ${answer.status}` };
}

type Answer =
  | { readonly kind: "answered"; readonly status: number; readonly body: string; readonly version: string | undefined }
  | { readonly kind: "refused" }
  | { readonly kind: "failed"; readonly why: string };

async function ask(url: string, request: RequestInit = {}): Promise<Answer> {
  try {
    const response = await fetch(url, {
      ...request,
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      redirect: "manual",
    });
    const version = response.headers.get("x-localstack") ?? undefined;
    return { kind: "answered", status: response.status, body: await response.text(), version };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    if (cause instanceof Error && "code" in cause && cause.code === "ECONNREFUSED") return { kind: "refused" };
    if (cause instanceof Error && cause.name === "TimeoutError")
      return { kind: "failed", why: `no answer within ${ANSWER_WITHIN_MS / 1000} s` };
    return { kind: "failed", why: cause instanceof Error ? cause.message : String(cause) };
  }
}

function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
