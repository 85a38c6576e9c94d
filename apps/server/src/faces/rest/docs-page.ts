import {
  allows,
  type ErrorCode,
  errors,
  type JsonSchema,
  type Manifest,
  scopes,
} from '@typedo/contract';
import { html, type Html } from './html.ts';
import { exampleOf } from './openapi-schemas.ts';
import { type RestField, type RestRoute, restRoutes } from './routes.ts';

const typeOf = (schema: JsonSchema): string => {
  const { type, format, items, anyOf, oneOf } = schema;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const parts = anyOf ?? oneOf;
  if (parts) return parts.map(typeOf).join(' | ');
  if (items) return `list of ${typeOf(items)}`;
  return format ? `${type?.toString()}, ${format}` : (type?.toString() ?? 'anything');
};

const limitsOf = ({ minimum, maximum, maxLength, maxItems }: JsonSchema): string =>
  [
    minimum !== undefined && `from ${minimum}`,
    maximum !== undefined && maximum < 2 ** 31 - 1 && `to ${maximum}`,
    maxLength !== undefined && `at most ${maxLength} characters`,
    maxItems !== undefined && `at most ${maxItems} items`,
  ]
    .filter(Boolean)
    .join(', ');

const fieldRows = (fields: RestField[]): Html =>
  html` <div class="table" tabindex="0" role="group" aria-label="Input">
    <table>
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">In</th>
          <th scope="col">Type</th>
          <th scope="col">What it is</th>
        </tr>
      </thead>
      <tbody>
        ${fields.map(
          ({ name, place, isRequired, schema }) =>
            html`<tr>
              <th scope="row"><code>${name}</code>${isRequired && html` <em>required</em>`}</th>
              <td>${place}</td>
              <td><code>${typeOf(schema)}</code></td>
              <td>
                ${schema.description}
                ${limitsOf(schema) && html`<small>${limitsOf(schema)}</small>`}
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;

const json = (value: unknown): string => JSON.stringify(value, null, 2);

const curlOf = ({ method, path }: RestRoute, fields: RestField[], url: string): string => {
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name) =>
    String(exampleOf(fields.find((field) => field.name === name)?.schema ?? {})),
  );
  const inBody = fields.filter(({ place }) => place === 'body');
  const body = Object.fromEntries(inBody.map(({ name, schema }) => [name, exampleOf(schema)]));
  const isMade = method === 'POST' && 'id' in body;
  if (isMade) delete body.id;
  return [
    `curl ${method === 'GET' ? '' : `-X ${method} `}'${url}/api/v1${address}'`,
    `  -H "Authorization: Bearer $TYPEDO_TOKEN"`,
    ...(inBody.length > 0
      ? [`  -H 'Content-Type: application/json'`, `  -d '${JSON.stringify(body)}'`]
      : []),
  ].join(' \\\n');
};

const commonCodes = ({ procedures }: Manifest): ErrorCode[] => {
  const [first, ...rest] = procedures.map((procedure) => procedure.errors);
  return (first ?? []).filter((code) => rest.every((codes) => codes.includes(code)));
};

const errorTable = (codes: ErrorCode[]): Html =>
  html` <div class="table" tabindex="0" role="group" aria-label="Errors">
    <table>
      <thead>
        <tr>
          <th scope="col">Status</th>
          <th scope="col">Code</th>
          <th scope="col">When, and what to do</th>
        </tr>
      </thead>
      <tbody>
        ${codes
          .toSorted((a, b) => errors[a].status - errors[b].status)
          .map(
            (code) =>
              html`<tr>
                <td>${errors[code].status}</td>
                <th scope="row"><code>${code}</code></th>
                <td>${errors[code].when} <small>${errors[code].todo}</small></td>
              </tr>`,
          )}
      </tbody>
    </table>
  </div>`;

const anchorOf = ({ method, path }: RestRoute): string =>
  `${method}${path.replaceAll(/\W+/g, '-')}`.toLowerCase().replace(/-$/, '');

const operation = (route: RestRoute, common: ErrorCode[], url: string): Html => {
  const { method, path, procedure, status } = route;
  const fields = route.fields.filter(({ place }) => place !== 'header');
  const own = procedure.errors.filter((code) => !common.includes(code));
  const isVersioned = fields.length < route.fields.length;
  return html` <section id="${anchorOf(route)}">
    <h3><span class="method">${method}</span> <code>${path}</code></h3>
    <p>${procedure.summary}${method === 'PUT' && ' Replaces all that PATCH can change.'}</p>
    <p class="quiet">
      ${procedure.scope ? html`Scope <code>${procedure.scope}</code>` : 'Not for personal tokens'}
      &middot;
      <code>${procedure.path}</code> elsewhere
      ${isVersioned && html`&middot; takes <code>If-Match</code>`}
    </p>
    ${fields.length > 0 && fieldRows(fields)}
    <pre tabindex="0"><code>${curlOf(route, fields, url)}</code></pre>
    <details>
      <summary>Answer ${status}</summary>
      <pre tabindex="0"><code>${json(exampleOf(procedure.output))}</code></pre>
    </details>
    ${
      own.length > 0 &&
      html`<details>
        <summary>Errors of its own</summary>
        ${errorTable(own)}
      </details>`
    }
  </section>`;
};

/** The reference of REST as one page of plain HTML, without a script. */
export function docsPage(manifest: Manifest, url: string): string {
  const routes = restRoutes(manifest);
  const common = commonCodes(manifest).filter((code) => code !== 'METHOD_NOT_ALLOWED');
  const byNoun = [...Map.groupBy(routes, ({ procedure }) => procedure.path.split('.', 1)[0] ?? '')];
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Typedo REST reference</title>
        <link rel="stylesheet" href="/docs/style.css" />
      </head>
      <body>
        <nav aria-label="Contents">
          <a class="brand" href="#top">Typedo <span>REST v${manifest.version}</span></a>
          <ul>
            <li><a href="#start">Start</a></li>
            <li><a href="#conventions">Conventions</a></li>
            <li><a href="#errors">Errors</a></li>
          </ul>
          ${byNoun.map(
            ([noun, of]) =>
              html`<h2>${noun}</h2>
                <ul>
                  ${of.map(
                    (route) =>
                      html`<li>
                        <a href="#${anchorOf(route)}"
                          ><span class="method">${route.method}</span> ${route.path}</a
                        >
                      </li>`,
                  )}
                </ul>`,
          )}
        </nav>
        <main id="top">
          <h1>Typedo over plain HTTP</h1>
          <p>
            Every procedure of the service, at <code>${url}/api/v1</code>. For programs there is the
            <a href="/api/openapi.json">OpenAPI document</a>.
          </p>
          <section id="start">
            <h2>Start</h2>
            <p>
              Make a personal token in the web app, under Settings, and send it with every request:
            </p>
            <pre tabindex="0"><code>export TYPEDO_TOKEN=typedo_&hellip;
curl '${url}/api/v1/tasks?completed=false' -H "Authorization: Bearer $TYPEDO_TOKEN"</code></pre>
            <p>
              A token is allowed what its scopes say, and who may write may read:
              ${scopes
                .filter((scope) => allows([scope], scope))
                .map((scope, index) => html`${index > 0 && ', '}<code>${scope}</code>`)}.
              Access tokens of a session or of another trusted issuer are taken, too.
            </p>
          </section>
          <section id="conventions">
            <h2>Conventions</h2>
            <dl>
              <dt>Times</dt>
              <dd>are ISO 8601 in UTC; calendar days are <code>YYYY-MM-DD</code>.</dd>
              <dt>Addresses</dt>
              <dd>
                carry numbers, <code>true</code>, <code>false</code> and <code>null</code> as such:
                <code>?listId=null</code> is the Inbox.
              </dd>
              <dt>Pages</dt>
              <dd>
                hold <code>items</code> and <code>nextCursor</code>; the next one is in
                <code>Link</code>, too, as <code>rel="next"</code>.
              </dd>
              <dt>Versions</dt>
              <dd>
                are in <code>ETag</code>. With <code>If-Match</code> a change happens only to the
                version you know; otherwise 412. With <code>If-None-Match</code> what you know is
                not sent again: 304.
              </dd>
              <dt>Limits</dt>
              <dd>
                are told by <code>RateLimit</code>; at 429, wait for
                <code>Retry-After</code> seconds.
              </dd>
            </dl>
          </section>
          <section id="errors">
            <h2>Errors</h2>
            <p>
              are problems of <a href="https://www.rfc-editor.org/rfc/rfc9457">RFC 9457</a>. A
              <code>code</code> keeps its meaning; <code>issues</code> names each wrong field. Any
              request may be answered with:
            </p>
            ${errorTable(common)}
          </section>
          ${byNoun.map(
            ([noun, of]) =>
              html`<h2 class="noun">${noun}</h2>
                ${of.map((route) => operation(route, common, url))}`,
          )}
        </main>
      </body>
    </html>`;
  return page.text;
}
