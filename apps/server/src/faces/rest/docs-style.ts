/** The reference page's style: of the system's fonts, in its light or dark. */
export const docsStyle = `
:root { color-scheme: light dark;
  --ground: light-dark(#fff, #16171b); --raised: light-dark(#f6f6f8, #1e2026);
  --line: light-dark(#dfe0e6, #34363f); --text: light-dark(#1c1d22, #e8e9ee);
  --quiet: light-dark(#5b5e6b, #a3a6b4); --accent: light-dark(#4540c9, #a5a3ff); }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; display: grid; grid-template-columns: 19rem minmax(0, 1fr);
  background: var(--ground); color: var(--text);
  font: 1rem/1.6 system-ui, sans-serif; }
nav { position: sticky; top: 0; height: 100dvh; overflow-y: auto; padding: 1.5rem 1rem;
  border-right: 1px solid var(--line); background: var(--raised); font-size: .875rem; }
nav h2 { margin: 1.25rem .5rem .25rem; font-size: .75rem; letter-spacing: .05em;
  text-transform: uppercase; color: var(--quiet); }
nav ul { list-style: none; margin: 0; padding: 0; }
nav a { display: block; padding: .25rem .5rem; border-radius: .375rem; color: var(--text);
  text-decoration: none; overflow-wrap: anywhere; }
nav a:hover { background: var(--line); }
nav .method { display: inline-block; width: 3.75rem; font-size: .6875rem; }
.brand { font-weight: 650; font-size: 1.125rem; margin-bottom: .75rem; }
.brand span { font-weight: 400; color: var(--quiet); font-size: .875rem; }
main { max-width: 56rem; padding: 2.5rem clamp(1rem, 4vw, 3.5rem) 6rem; }
h1 { font-size: 2rem; line-height: 1.2; letter-spacing: -.02em; margin: 0 0 1rem; }
main h2 { font-size: 1.375rem; margin: 3rem 0 .5rem; letter-spacing: -.01em; }
.noun { text-transform: capitalize; }
h3 { font-size: 1.0625rem; margin: 0 0 .5rem; }
section:has(h3) { border-top: 1px solid var(--line); padding: 1.75rem 0 1rem; }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.method { font: 650 .8125rem/1 ui-monospace, monospace; color: var(--accent); }
.quiet, small, em { color: var(--quiet); font-size: .875rem; font-style: normal; }
em { font-weight: 400; }
code { font-family: ui-monospace, SFMono-Regular, Menlo, monospace; font-size: .875em; }
pre { margin: 1rem 0; padding: .875rem 1rem; overflow-x: auto; border: 1px solid var(--line);
  border-radius: .5rem; background: var(--raised); line-height: 1.5; }
.table { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .75rem .5rem 0;
  border-bottom: 1px solid var(--line); }
thead th { color: var(--quiet); font-size: .8125rem; font-weight: 500; }
tbody th { font-weight: 500; }
td code { overflow-wrap: anywhere; }
summary { cursor: pointer; color: var(--quiet); padding: .25rem 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .375rem 1.25rem; }
dt { font-weight: 600; } dd { margin: 0; }
@media (max-width: 52rem) {
  body { display: block; }
  nav { position: static; height: auto; max-height: 45dvh; border: 0; border-bottom: 1px solid var(--line); }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .75rem; }
}
`;
