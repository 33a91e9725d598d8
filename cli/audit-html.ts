/** An audit as one page that needs nothing else, for people who were not there. */
import {
  type AuditRun,
  auditSentence,
  checksOf,
  faultLinesOf,
  openOf,
  serverLine,
  verdictOf,
} from "./audit-report.ts";
import { duration } from "./progress.ts";

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:0 auto;padding:1rem;
color:#1a1a1a;background:#fff}h1{font-size:1.4rem;overflow-wrap:anywhere;padding:.6rem .8rem;
border-left:.4rem solid}h1.verified{border-color:#1a7f37}h1.violated{border-color:#b42318}
h1.interrupted{border-color:#9a6700}h2{font-size:1.1rem;margin-top:1.6rem}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f5f5f5;padding:.8rem}
code{overflow-wrap:anywhere}td{vertical-align:top;padding:.15rem .6rem .15rem 0}
td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
@media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#161616}pre{background:#242424}}`;

/** Text as it is shown: nothing of a journal is taken for markup. */
export function escaped(text: string): string {
  const names: Readonly<Record<string, string>> = { "&": "amp", "<": "lt", ">": "gt", '"': "quot" };
  return text.replace(/[&<>"]/g, (it) => `&${names[it]};`);
}

/** The report as an HTML page, without scripts. */
export function auditPage(run: AuditRun): string {
  const { report, seconds } = run;
  const sentence = escaped(auditSentence(run));
  const { fault } = report;
  const servers = report.servers.map(
    (it) =>
      `<li><strong>${escaped(it.server)}</strong>: ${escaped(serverLine(it))}<br>` +
      `head <code>${escaped(it.head)}</code></li>`,
  );
  const checks = checksOf(run).map(
    ([count, about]) => `<tr><td class="n">${count}</td><td>${escaped(about)}</td></tr>`,
  );
  const lines = [
    "<!doctype html>",
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${sentence}</title><style>${STYLE}</style></head><body>`,
    `<h1 class="${verdictOf(run)}">${sentence}</h1>`,
    `<p>Audited by quorate in ${duration(seconds)}.</p>`,
    ...(fault === null
      ? []
      : ["<h2>First offending step</h2>", `<pre>${escaped(faultLinesOf(fault).join("\n"))}</pre>`]),
    `<h2>Servers</h2><ul>${servers.join("\n")}</ul>`,
    `<h2>Checked${fault === null ? "" : " before the fault"}</h2>`,
    `<table>${checks.join("\n")}</table>`,
    "<h2>Not covered</h2>",
    `<ul>${openOf(run)
      .map((line) => `<li>${escaped(line)}</li>`)
      .join("\n")}</ul>`,
    "</body></html>",
  ];
  return `${lines.join("\n")}\n`;
}
