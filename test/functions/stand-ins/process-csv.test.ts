import { expect } from "chai";

import { createHandler, type Summary } from "../../../functions/stand-ins/process-csv.ts";
import { failureOf } from "./failure.ts";
import { Buckets } from "./buckets.ts";
import { readParquet } from "./parquet-reader.ts";

const PROCESSED = "out/processed/execution=orders-1/part-00000.parquet";
const REJECTED = "out/rejected/execution=orders-1/rejected.csv";
const SUMMARY = "out/summary/execution=orders-1/summary.json";

const ARGUMENTS = {
  "--bucket": "landing",
  "--key": "incoming/orders.csv",
  "--version_id": "null",
  "--output_bucket": "out",
  "--execution_name": "orders-1",
};

interface Run {
  readonly buckets: Buckets;
  readonly run: (args?: Readonly<Record<string, string>>) => Promise<Summary>;
  readonly log: object[];
}

function given(content: string | Uint8Array, name = "landing/incoming/orders.csv"): Run {
  const buckets = new Buckets(5);
  buckets.objects.set(name, Buffer.from(content));
  const log: object[] = [];
  const handler = createHandler({ s3: buckets, log: (entry) => log.push(entry) });
  const run: Run["run"] = (args = {}) =>
    handler(
      { JobName: "process-csv", JobRunId: "jr_1", Arguments: { ...ARGUMENTS, ...args } },
      { awsRequestId: "request-1" },
    );
  return { buckets, run, log };
}

function parquetOf(buckets: Buckets): Uint8Array {
  const content = buckets.objects.get(PROCESSED);
  if (content === undefined) throw new Error(`no ${PROCESSED}`);
  return content;
}

describe("process-csv stand-in", () => {
  it("writes well-formed rows as Parquet, the others with line and reason, and a summary", async () => {
    const { buckets, run, log } = given('id,name\n1,"Ana, ""A"""\n2\n\n3,"two\nlines"\n4,x,y\n');
    const summary = await run();

    expect(await readParquet(parquetOf(buckets))).to.deep.equal({
      columns: [
        { name: "id", type: "VARCHAR" },
        { name: "name", type: "VARCHAR" },
      ],
      rows: [
        ["1", 'Ana, "A"'],
        ["3", "two\nlines"],
      ],
    });
    expect(buckets.text(REJECTED)).to.equal(
      'line,reason,content\n3,"expected 2 fields, got 1","2"\n7,"expected 2 fields, got 3","4,x,y"\n',
    );
    const bytesOut = parquetOf(buckets).length;
    expect(summary).to.deep.equal({ rowsIn: 4, rowsWritten: 2, rowsRejected: 2, bytesIn: 46, bytesOut });
    expect(buckets.text(SUMMARY)).to.equal(JSON.stringify(summary));
    expect(log).to.deep.equal([{ message: "processed", JobName: "process-csv", JobRunId: "jr_1", ...summary }]);
  });

  it("writes no file of rejected rows when there are none", async () => {
    const { buckets, run } = given("a\n1\n");
    await run();
    expect([...buckets.objects.keys()]).to.deep.equal(["landing/incoming/orders.csv", PROCESSED, SUMMARY]);
  });

  it("writes the same bytes to the same places when it runs again", async () => {
    const { buckets, run } = given("a,b\n1,2\n3\n");
    await run();
    const first = new Map(buckets.objects);
    await run();
    expect(buckets.objects).to.deep.equal(first);
  });

  it("replaces what an earlier run of its execution left, and nothing else", async () => {
    const { buckets, run } = given("a,b\n1,2\n");
    await run();
    const alone = new Map(buckets.objects);
    const left = PROCESSED.replace("part-00000.parquet", "part-00007-of-another-writer.parquet");
    for (const name of [left, `${left}.crc`, REJECTED]) buckets.objects.set(name, Buffer.from("old"));
    const other = PROCESSED.replace(/execution=[^/]*/, "execution=another");
    buckets.objects.set(other, Buffer.from("kept"));
    await run();
    buckets.objects.delete(other);
    expect([...buckets.objects.keys()].sort()).to.deep.equal([...alone.keys()].sort());
  });

  it("reads the version that it is told to", async () => {
    const { run } = given("a\n1\n", "landing/incoming/orders.csv@v7");
    expect(await run({ "--version_id": "v7" })).to.include({ rowsWritten: 1 });
    expect((await failureOf(run())).name).to.equal("NoSuchKey");
  });

  it("takes keys as they are", async () => {
    for (const key of ["a b.csv", "a+b.csv", "100%25.csv", `it's "q".csv`, "😀/{x}*[y]?.csv", "é".repeat(512)]) {
      const { run } = given("a\n1\n", `landing/${key}`);
      expect(await run({ "--key": key }), key).to.include({ rowsWritten: 1 });
    }
  });

  it("gives columns the types asked for, and rejects rows with other values", async () => {
    const { buckets, run } = given(
      "n,x,ok,day,at,s\n" +
        "-7,2.5e-1,TRUE,2024-02-29,2026-03-01T01:30:00.25+02:00,a\n" +
        ",,,,,\n" +
        "9223372036854775808,1,true,2024-02-29,2026-03-01T00:00:00Z,b\n" +
        "1,1,true,2023-02-29,2026-03-01T00:00:00Z,c\n",
    );
    await run({
      "--column_types": JSON.stringify({ n: "bigint", x: "double", ok: "boolean", day: "date", at: "timestamp" }),
    });

    expect(
      await readParquet(parquetOf(buckets), 'n, x, ok, day::VARCHAR AS day, epoch_us("at") AS micros, s'),
    ).to.deep.equal({
      columns: [
        { name: "n", type: "BIGINT" },
        { name: "x", type: "DOUBLE" },
        { name: "ok", type: "BOOLEAN" },
        { name: "day", type: "VARCHAR" },
        { name: "micros", type: "BIGINT" },
        { name: "s", type: "VARCHAR" },
      ],
      rows: [
        [-7n, 0.25, true, "2024-02-29", BigInt(Date.UTC(2026, 1, 28, 23, 30, 0, 250)) * 1000n, "a"],
        [null, null, null, null, null, ""],
      ],
    });
    expect((await readParquet(parquetOf(buckets), 'day, "at"')).columns.map(({ type }) => type)).to.deep.equal([
      "DATE",
      "TIMESTAMP WITH TIME ZONE",
    ]);
    expect(buckets.text(REJECTED)).to.equal(
      "line,reason,content\n" +
        '4,"column ""n"": not a bigint","9223372036854775808,1,true,2024-02-29,2026-03-01T00:00:00Z,b"\n' +
        '5,"column ""day"": not a date","1,1,true,2023-02-29,2026-03-01T00:00:00Z,c"\n',
    );
  });

  it("writes a table without rows for a file that has a header only", async () => {
    const { buckets, run } = given("\ufeffa,b");
    expect(await run({ "--column_types": '{"b":"double"}' })).to.include({
      rowsIn: 0,
      rowsWritten: 0,
      rowsRejected: 0,
    });
    expect(await readParquet(parquetOf(buckets))).to.deep.equal({
      columns: [
        { name: "a", type: "VARCHAR" },
        { name: "b", type: "DOUBLE" },
      ],
      rows: [],
    });
  });

  it("keeps column names that programs have trouble with", async () => {
    const names = ["a b", "c,d", 'e"f', "g.h", "i\nj", "`k`", "__proto__", "constructor", "ключ"];
    const { buckets, run } = given(
      `${names.map((name) => `"${name.replaceAll('"', '""')}"`).join(",")}\n${names.map(String).fill("v").join(",")}\n`,
    );
    await run();
    const table = await readParquet(parquetOf(buckets));
    expect(table.columns.map(({ name }) => name)).to.deep.equal(names);
    expect(table.rows).to.deep.equal([names.map(() => "v")]);
  });

  const unreadable: readonly (readonly [string, string | Uint8Array, string])[] = [
    ["an empty file", "", "the file is empty"],
    ["blank lines only", "\n\r\n\n", "the file has no header row, only blank lines"],
    ["a NUL byte", "a\n1\0\n", "the file is not text: NUL byte at offset 3"],
    ["another encoding", Buffer.from("a\né\n", "latin1"), "the file is not UTF-8 text: bad byte at offset 2"],
    ["a picture", Buffer.from("89504e470d0a1a0a00", "hex"), "the file is not UTF-8 text: bad byte at offset 0"],
    ["an open quote", 'a,b\n\n1,"x\n2,y\n', "a quote in the record that starts on line 3 is never closed"],
    ["a column without a name", "a,,c\n1,2,3\n", "line 1: column 2 of the header has no name"],
    [
      "a column named twice",
      "Id,x,id\n1,2,3\n",
      'line 1: columns 1 and 3 of the header have the same name (case is ignored): "id"',
    ],
    ["text after a closing quote in the header", '"a"b,c\n', "line 1: the header has text after a closing quote"],
  ];
  for (const [what, content, message] of unreadable) {
    it(`fails and writes nothing for ${what}`, async () => {
      const { buckets, run } = given(content);
      const failure = await failureOf(run());
      expect([failure.name, failure.message]).to.deep.equal(["UnreadableFileError", message]);
      expect(buckets.objects.size).to.equal(1);
    });
  }

  const misused: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
    ["a missing key", { "--key": "" }, "argument --key is missing"],
    [
      "an execution name that would leave its folder",
      { "--execution_name": "../x" },
      'argument --execution_name must be 1 to 80 letters, digits, "-" and "_", got "../x"',
    ],
    [
      "a type that there is not",
      { "--column_types": '{"a":"int"}' },
      '--column_types: the type of "a" must be one of string, bigint, double, boolean, date, timestamp, got "int"',
    ],
    [
      "types that are no object",
      { "--column_types": "a=int" },
      "--column_types must be a JSON object from column to type, got a=int",
    ],
    [
      "a type for a column that is not there",
      { "--column_types": '{"z":"double"}' },
      '--column_types names the column "z", the file has: "a", "b"',
    ],
  ];
  for (const [what, args, message] of misused) {
    it(`refuses ${what}`, async () => {
      const { buckets, run } = given("a,b\n1,2\n");
      expect((await failureOf(run(args))).message).to.equal(message);
      expect(buckets.objects.size).to.equal(1);
    });
  }
});
