import { Buffer } from "node:buffer";
import { awkwardFiles } from "./awkward-files.ts";

/** What is at a place in S3: content, or the error that S3 answers with. */
export type Stored = Uint8Array | { readonly name: string; readonly message: string };

/** A file as a manifest lists it; one that has nothing stored is gone. */
interface ListedFile {
  readonly name: string;
  readonly key: string;
  readonly versionId?: string;
  readonly stored?: Stored;
}

/** A batch that a job takes, and the types of its columns. */
export interface Batch {
  readonly name: string;
  readonly files: readonly ListedFile[];
  readonly types?: Readonly<Record<string, string>>;
  /** In place of a manifest of its files. */
  readonly manifest?: string;
  /** What an earlier run of the execution has left, by key of the output bucket. */
  readonly left?: Readonly<Record<string, string>>;
}

const csv = (name: string, content: string | Uint8Array, key = `in/${name}.csv`): ListedFile => ({
  name,
  key,
  stored: typeof content === "string" ? Buffer.from(content) : content,
});

const denied = { name: "AccessDenied", message: "Access Denied" };
const limit = 32 * 1_048_576;

const oddKeys = [
  "a b.csv",
  "a+b.csv",
  "100%25.csv",
  'it\'s "q".csv',
  "😀/{x}*[y]?.csv",
  "a//b.csv",
  "../up.csv",
  "_hidden/.x.csv",
  "file=1/execution=2/c.csv",
  "tab\tnewline\n.csv",
  "é".repeat(500),
];

export const batches: readonly Batch[] = [
  {
    name: "of-all-awkward-files",
    files: awkwardFiles.map(({ name, content }) => csv(name, content)),
    left: {
      "processed/execution=test/file=unicode/part-00009.parquet": "old",
      "processed/execution=test/file=gone/part-00000.parquet": "old",
      "rejected/execution=test/file=unicode/rejected.csv": "old",
      "summary/execution=test/files.jsonl": "old",
    },
  },
  {
    name: "of-typed-columns",
    types: { v: "timestamp", n: "bigint" },
    files: [
      csv("good", "n,v\n1,2026-01-01T00:00:00.5Z\nx,\n,2026-02-30T00:00:00Z\n3,\n"),
      csv("more-columns", "v,other,n\n2026-01-01T00:00:00Z,a,1\n"),
      csv("wrong-columns", "n,w\n1,2\n"),
      csv("same-columns", "n,v\n9223372036854775807,9999-12-31T23:59:59.999999Z\n"),
    ],
  },
  {
    name: "with-what-s3-refuses",
    files: [
      csv("good", "a,b\n1,2\n3\n"),
      { name: "gone", key: "in/gone.csv" },
      { name: "denied", key: "in/denied.csv", stored: denied },
      {
        name: "deleted",
        key: "in/x.csv",
        versionId: "v3",
        stored: { name: "MethodNotAllowed", message: "The specified method is not allowed against this resource." },
      },
      { name: "slow", key: "in/slow.csv", stored: { name: "SlowDown", message: "Please reduce your request rate." } },
    ],
  },
  {
    name: "with-odd-keys-and-versions",
    files: [
      ...oddKeys.map((key, index) => csv(`key-${index}`, `a\n${index}\n`, key)),
      ...["v1", "v2"].map((versionId) => ({ ...csv(versionId, `a\n${versionId}\n`, "in/same.csv"), versionId })),
      csv("current", "a\ncurrent\n", "in/same.csv"),
    ],
  },
  {
    name: "with-column-names-of-folders",
    files: [csv("one", "File,execution\n1,2\n3,4\n"), csv("two", "file,b\nx,y\n"), csv("three", "file,b\nz,w\n")],
  },
  {
    name: "with-huge-records",
    files: [
      csv("at-the-limit", `a\n${"x".repeat(limit - 1)}\nlast\n`),
      csv("over-the-limit", `a\n${"x".repeat(limit)}\nlast\n`),
      csv("two-bytes-each", `a\n\n"${"é".repeat(limit / 2)}\n`),
      csv("never-closed", `a,b\n1,2\n\n3,"${`${"four ".repeat(50)}\n`.repeat(140_000)}`),
      csv("small", "a\n1\n"),
    ],
  },
  {
    name: "of-a-thousand-files",
    files: Array.from({ length: 1000 }, (_, n) => {
      if (n % 50 === 7) return csv(`f-${n}`, n % 100 === 7 ? "" : Buffer.from([0x61, 10, 0xff]));
      const rows = Array.from(
        { length: 1 + (n % 17) },
        (_, row) => `${row},"row ${row}\nof ${n}"${n % 5 === 0 && row === 1 ? ",x" : ""}`,
      );
      return csv(`f-${n}`, `${n % 3 === 0 ? "id,text" : "ID,t"}\n${rows.join("\n")}\n`);
    }),
  },
  { name: "without-files", files: [] },
  { name: "that-is-all-to-blame", files: [csv("empty", ""), { name: "gone", key: "in/gone.csv" }] },
  {
    name: "that-nobody-is-to-blame-for",
    files: ["a", "b"].map((name) => ({ name, key: `in/${name}.csv`, stored: denied })),
  },
  { name: "of-one-file-that-is-refused", files: [{ name: "a", key: "in/a b.csv", stored: denied }] },
  ...[
    "files",
    "[]",
    '{"files":{}}',
    '{"files":[{"name":"a/b"}]}',
    '{"files":[{"name":"a","bucket":"landing","key":"k","versionId":"null","size":1.5}]}',
    '{"files":[{"name":"a","bucket":"landing","key":"","versionId":"null","size":1}]}',
  ].map((manifest, index): Batch => ({ name: `whose-manifest-is-wrong-${index + 1}`, files: [], manifest })),
  { name: "whose-types-are-none", files: [csv("a", "a\n")], types: { a: "integer" } },
];
