/** The API's document as a page that loads nothing from elsewhere. */

interface Operation {
  readonly description?: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: unknown;
  readonly responses?: unknown;
}

/** What of an OpenAPI document the page shows. */
interface Document {
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, object>>;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (it) => `&#${it.charCodeAt(0)};`);
}

/** Of Markdown, which descriptions are in, they use code only. */
function prose(text: string): string {
  return escaped(text).replace(/`([^`]*)`/g, "<code>$1</code>");
}

function section(path: string, method: string, operation: Operation): string {
  const parameters = (operation.parameters ?? []).map((it) => `${it.name} (${it.in})`).join(", ");
  const details = { requestBody: operation.requestBody, responses: operation.responses };
  return [
    `<details><summary><b>${escaped(method.toUpperCase())}</b> <code>${escaped(path)}</code>`,
    ` ${prose(operation.description ?? "")}</summary>`,
    parameters === "" ? "" : `<p>Parameters: ${escaped(parameters)}</p>`,
    `<pre>${escaped(JSON.stringify(details, null, 2))}</pre></details>`,
  ].join("");
}

/** The page. */
export function documentPage({ info, paths }: Document): string {
  const sections = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) =>
      section(path, method, operation as Operation),
    ),
  );
  return [
    '<!doctype html><html lang="en"><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width">',
    `<title>${escaped(info.title)} API</title>`,
    "<style>body{font:16px system-ui;max-width:60em;margin:2em auto;padding:0 1em}",
    "summary{cursor:pointer;padding:.4em 0}pre{overflow:auto;background:#8882;padding:1em}</style>",
    `<h1>${escaped(info.title)} API, version ${escaped(info.version)}</h1>`,
    '<p>For tools: <a href="/openapi.json">openapi.json</a></p>',
    ...sections,
    "</html>",
  ].join("\n");
}
