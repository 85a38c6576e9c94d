import { script, style } from '../dist/page.js';
import type { RouterDescription } from './description.ts';

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** JSON that cannot end the script element it stands in. */
const inertJson = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');
/** The same for JavaScript, where only these two could. */
const inertScript = (code: string): string =>
  code.replaceAll(/<\/(script)/gi, '<\\/$1').replaceAll('<!--', '<\\!--');

const icon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#2563eb"/><path d="M8 11h16M8 16h10M8 21h13" stroke="#fff" stroke-width="3" stroke-linecap="round"/></svg>',
)}`;

/** The whole panel as one document, whose own style and scripts carry the nonce. */
export const pageHtml = (
  description: RouterDescription,
  { nonce, hostScript }: { nonce: string; hostScript: string | undefined },
): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(description.title)}</title>
<link rel="icon" href="${icon}">
<style nonce="${nonce}">${style}</style>
</head>
<body>
<div id="panel"></div>
<script type="application/json" id="description">${inertJson(description)}</script>
${hostScript === undefined ? '' : `<script nonce="${nonce}">${inertScript(hostScript)}</script>\n`}<script nonce="${nonce}">${inertScript(script)}</script>
</body>
</html>
`;

/** Lets in what carries the nonce, and calls to where the router answers. @see https://www.w3.org/TR/CSP3/ */
export function pagePolicy(nonce: string, url: string): string {
  const calls = URL.canParse(url) ? `'self' ${new URL(url).origin}` : `'self'`;
  return [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    `img-src data:`,
    `connect-src ${calls}`,
    `base-uri 'none'`,
    `form-action 'none'`,
    `frame-ancestors 'none'`,
    `require-trusted-types-for 'script'`,
  ].join('; ');
}
