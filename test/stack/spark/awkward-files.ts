import { Buffer } from "node:buffer";

/** A CSV file that readers disagree about, and the types of its columns. */
export interface AwkwardFile {
  readonly name: string;
  readonly content: Uint8Array;
  readonly types?: Readonly<Record<string, string>>;
  /** Whether it can be read as a table at all. */
  readonly isReadable: boolean;
}

const readable = (name: string, content: string | Uint8Array, types?: AwkwardFile["types"]): AwkwardFile => ({
  name,
  content: typeof content === "string" ? Buffer.from(content) : content,
  ...(types !== undefined && { types }),
  isReadable: true,
});

const unreadable = (name: string, content: string | Uint8Array, types?: AwkwardFile["types"]): AwkwardFile => ({
  ...readable(name, content, types),
  isReadable: false,
});

const bytes = (...parts: readonly (string | readonly number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from(part))));

const rows = (count: number, row: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => row(index)).join("\n");

const values = (column: string, texts: readonly string[]): string =>
  `n,${column}\n${texts.map((text, index) => `${index},${text}`).join("\n")}\n`;

const quotes: readonly AwkwardFile[] = [
  readable("quoted-fields", 'a,b\n"1","x, y"\n"2","say ""hi"""\n'),
  readable("line-ends-in-quotes", 'a,b\n1,"x\ny"\n2,"x\r\ny"\n3,"x\ry"\n4,z\n'),
  readable("empty-quoted-fields", 'a,b\n"",""\n"",x\n'),
  readable("text-after-a-closing-quote", 'a,b\n"1"x,2\n3,4\n'),
  readable("space-after-a-closing-quote", 'a,b\n"1" ,2\n3,4\n'),
  readable("space-before-an-opening-quote", 'a,b\n "1",2\n3, "4"\n'),
  readable("quote-inside-an-unquoted-field", 'a,b\n5" disk,2\nx"y"z,3\n'),
  readable("only-quotes", 'a\n""""\n""""""\n'),
  readable("quoted-header", '"a b","c,d","e\nf"\n1,2,3\n'),
  readable("backslashes-are-text", 'a,b\n\\"x,1\n"\\\\",2\n\\n,3\n'),
  readable("apostrophes-are-text", "a,b\n'x,y'\n'1',2\n"),
  readable("spoilt-record-over-lines", 'a,b\n"1\n2"x,"3\n4"\n5,6\n'),
  unreadable("quote-never-closed", 'a,b\n1,2\n"3,4\n5,6\n'),
  unreadable("quote-never-closed-in-the-header", '"a,b\n1,2\n'),
  unreadable("spoilt-header", '"a"x,b\n1,2\n'),
];

const lines: readonly AwkwardFile[] = [
  readable("crlf", "a,b\r\n1,2\r\n3,4\r\n"),
  readable("cr", "a,b\r1,2\r3,4\r"),
  readable("mixed-line-ends", "a,b\r\n1,2\n3,4\r5,6"),
  readable("no-last-line-end", "a,b\n1,2"),
  readable("blank-lines", "\n\na,b\n\n1,2\r\n\r\n\n3,4\n\n\n"),
  readable("byte-order-mark", bytes([0xef, 0xbb, 0xbf], "a,b\n1,2\n")),
  readable("byte-order-mark-inside", "a,b\n\ufeff1,2\n"),
  readable("other-separators-of-lines", "a,b\nx\u2028y,1\nv\u0085w,2\nf\fg,3\nv\u000bw,4\n\u001c,5\n"),
  readable("header-only", "a,b,c\n"),
  readable("header-only-without-line-end", "a"),
  unreadable("empty", ""),
  unreadable("blank-lines-only", "\n\r\n\r"),
  unreadable("only-a-byte-order-mark", bytes([0xef, 0xbb, 0xbf])),
];

const shapes: readonly AwkwardFile[] = [
  readable("ragged-rows", "a,b,c\n1\n1,2\n1,2,3\n1,2,3,4\n,,\n,\n"),
  readable("one-column", 'a\nx\n""\n\ny,z\n'),
  readable(
    "two-thousand-columns",
    `${rows(2000, (n) => `c${n}`).replaceAll("\n", ",")}\n${rows(3, (n) => Array<number>(2000).fill(n).join(","))}\n1,2\n`,
  ),
  readable("five-megabytes-in-a-field", `a,b\n1,"${"x,\n".repeat(1_750_000)}"\n2,${"y".repeat(300_000)}\n`),
  readable("columns-named-as-keywords", 'select,from,a b,"a.b",`x`,100%\n1,2,3,4,5,6\n'),
  readable("commas-only", "a,b,c\n,,\n,,\n"),
  unreadable("column-without-a-name", "a,,c\n1,2,3\n"),
  unreadable("column-named-by-blanks", "a, \t ,c\n1,2,3\n"),
  unreadable("same-name-twice", "a,b,a\n1,2,3\n"),
  unreadable("same-name-in-another-case", "Id,b,ID\n1,2,3\n"),
  unreadable("typed-column-that-is-not-there", "a,b\n1,2\n", { c: "bigint" }),
];

const texts: readonly AwkwardFile[] = [
  readable("unicode", "naïve,日本,😀\né,語,👩‍👩‍👧\ne\u0301,\u200b,\u00a0\n"),
  readable("surrounding-spaces-stay", "a,b\n  x , y  \n\t,\t\t\n"),
  readable("control-characters", bytes("a,b\n", [1, 2, 8], ",", [27, 127], "\n")),
  readable("words-for-nothing", "a,b\nnull,NULL\nNone,NaN\n\\N,N/A\n"),
  readable("formulas", "a,b\n=1+1,@x\n+1,-1\n"),
  unreadable("nul", bytes("a,b\n1,", [0], "\n")),
  unreadable("latin-1", bytes("a,b\ncaf", [0xe9], ",2\n")),
  unreadable("cut-off-in-a-character", bytes("a,b\n1,", [0xe2, 0x82])),
  unreadable("utf-16", Buffer.from("\ufeffa,b\n1,2\n", "utf16le")),
  unreadable("surrogates-as-utf-8", bytes("a\n", [0xed, 0xa0, 0x80], "\n")),
  unreadable("overlong-slash", bytes("a\n", [0xc0, 0xaf], "\n")),
];

const typed: readonly AwkwardFile[] = [
  readable(
    "bigints",
    values("v", [
      "0",
      "-0",
      "+7",
      "007",
      "9223372036854775807",
      "9223372036854775808",
      "-9223372036854775808",
      "-9223372036854775809",
      "1.0",
      "1e3",
      " 1",
      "1 ",
      "",
      "0x10",
      "1_000",
      "１２",
      "99999999999999999999999999",
      "-",
      "+",
    ]),
    { v: "bigint", n: "bigint" },
  ),
  readable(
    "doubles",
    values("v", [
      "0",
      "-0",
      "-0.0",
      "1.5",
      ".5",
      "5.",
      ".",
      "1e308",
      "1.7976931348623157e308",
      "1e309",
      "-1e400",
      "5e-324",
      "1e-400",
      "NaN",
      "Infinity",
      "inf",
      "1,5",
      "1e",
      "1e+3",
      "1E-3",
      "0.1",
      "0.30000000000000004",
      "123456789012345678901234567890",
      "1d",
      "1f",
      "0x1p3",
      " 1.5",
      "١",
    ]),
    { v: "double" },
  ),
  readable(
    "booleans",
    values("v", [
      "true",
      "false",
      "TRUE",
      "False",
      "tRuE",
      "1",
      "0",
      "yes",
      "t",
      "",
      " true",
      "ｔrue",
      "truе",
      "ſalse",
    ]),
    { v: "boolean" },
  ),
  readable(
    "dates",
    values("v", [
      "2026-02-28",
      "2026-02-29",
      "2024-02-29",
      "1900-02-29",
      "2000-02-29",
      "0001-01-01",
      "0000-01-01",
      "9999-12-31",
      "10000-01-01",
      "1582-10-04",
      "1582-10-10",
      "1582-10-15",
      "1969-12-31",
      "1970-01-01",
      "26-1-1",
      "2026-1-1",
      "2026-13-01",
      "2026-00-10",
      "2026-01-00",
      "2026/01/01",
      "20260101",
      "",
      "2026-01-01T00:00:00",
    ]),
    { v: "date" },
  ),
  readable(
    "timestamps",
    values("v", [
      "2026-01-01T00:00:00Z",
      "2026-01-01 00:00:00",
      "2026-01-01T23:59:59.999999Z",
      "2026-01-01T23:59:59.9999999Z",
      "2026-01-01T00:00:00.1",
      "2026-01-01T00:00:00+14:00",
      "2026-01-01T00:00:00-23:59",
      "2026-01-01T00:00:00+24:00",
      "2026-01-01T24:00:00Z",
      "2026-01-01T23:60:00Z",
      "2026-06-30T23:59:60Z",
      "0001-01-01T00:00:00Z",
      "0001-01-01T00:00:00+01:00",
      "9999-12-31T23:59:59.999999Z",
      "9999-12-31T23:59:59-01:00",
      "1969-12-31T23:59:59.5Z",
      "1582-10-10T12:00:00Z",
      "1883-11-18T12:00:00",
      "2026-03-29T02:30:00",
      "2026-01-01",
      "2026-01-01t00:00:00z",
      "",
      "2026-01-01T00:00Z",
      "2026-02-30T00:00:00Z",
      "1900-01-01T00:00:00.000001Z",
    ]),
    { v: "timestamp" },
  ),
  readable("typed-and-ragged", 'a,b,c\n1,true,x\nx,true,y\n1,"tru""e",z\n2\n"3",false,""\n', {
    a: "bigint",
    b: "boolean",
  }),
  readable("empty-cells-of-all-types", "a,b,c,d,e,f\n,,,,,\n", {
    a: "bigint",
    b: "double",
    c: "boolean",
    d: "date",
    e: "timestamp",
  }),
  unreadable("types-that-are-none", "a\n1\n", { a: "integer" }),
];

export const awkwardFiles: readonly AwkwardFile[] = [...quotes, ...lines, ...shapes, ...texts, ...typed];

/** Some 100 MB with everything in it: quotes, line ends in quotes, rows that are rejected. */
export const largeFile = (): AwkwardFile => {
  const block = rows(1000, (n) => {
    if (n % 250 === 7) return `${n},"spoilt"x,1.5,2026-01-01T00:00:00Z,true`;
    if (n % 250 === 9) return `${n},too,few`;
    if (n % 100 === 3) return `${n},"a ""quoted"" name\nover two lines, ${n}",${n / 7},2026-01-01T00:00:00.${n}Z,TRUE`;
    if (n % 100 === 4) return `${n},naïve 日本 😀,not a number,,false`;
    return `${n},"name, ${"x".repeat(n % 60)}",${n / 3},2026-01-01T${String(n % 24).padStart(2, "0")}:00:00Z,`;
  });
  const header = "id,name,amount,at,flag\n";
  const count = Math.ceil((100 * 1024 * 1024) / Buffer.byteLength(`${block}\n`));
  return readable("hundred-megabytes", Buffer.from(header + `${block}\n`.repeat(count)), {
    id: "bigint",
    amount: "double",
    at: "timestamp",
    flag: "boolean",
  });
};
