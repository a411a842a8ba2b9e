import type { S3 } from "../../../functions/lib/aws.ts";
import type { LineagePlace } from "./lineage.ts";
import { htmlReport } from "./report-html.ts";
import { markdownReport } from "./report-markdown.ts";
import type { Report } from "./report.ts";
import { putText } from "./stage-input.ts";

/** Writes the report as a page and as text; says where the page is. */
export const putReports = async (s3: Pick<S3, "putObject">, bucket: string, report: Report): Promise<LineagePlace> => {
  const folder = `reports/${report.contract.dataset}/execution=${report.origin}`;
  const page = { bucket, key: `${folder}/report.html` };
  await putText(s3, page, htmlReport(report), "text/html; charset=utf-8");
  await putText(s3, { bucket, key: `${folder}/report.md` }, markdownReport(report), "text/markdown; charset=utf-8");
  return page;
};
