/** How pages look. @module */

/** Rules of every page: calm type, light and dark by the reader's system, sheets of paper in print. Colours are the variables of `:root`. */
export const PAGE_STYLE: string = ":root{color-scheme:light dark;--ground:#fff;--ink:#1f2328;" +
  "--quiet:#59636e;--line:#dfe2e5;--raised:#f5f6f7;--link:#0a58a8;--right:#0072b2;--wrong:#c04f00}" +
  "*{box-sizing:border-box}html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}" +
  "body{font:1rem/1.6 system-ui,-apple-system,'Segoe UI',sans-serif;max-width:50rem;margin:0 auto;" +
  "padding:2.5rem 1.25rem 4rem;background:var(--ground);color:var(--ink);overflow-wrap:anywhere;" +
  "text-rendering:optimizeLegibility}" +
  "h1{font-size:1.75rem;line-height:1.2;letter-spacing:-.015em;margin:0 0 1rem;text-wrap:balance}" +
  "h2{font-size:1.3rem;line-height:1.3;letter-spacing:-.01em;margin:0 0 .75rem;text-wrap:balance}" +
  "h3{font-size:1rem;margin:1.75rem 0 .5rem}p{margin:0 0 1rem;max-width:42rem;text-wrap:pretty}" +
  "section{margin-top:3.25rem}section>:last-child{margin-bottom:0}a{color:var(--link)}" +
  "code,pre{font:.875em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}" +
  "pre{background:var(--raised);border-radius:.5rem;padding:.9rem 1.1rem;margin:0 0 1rem;white-space:pre-wrap}" +
  "nav{font-size:.9rem;margin:1.5rem 0 0;color:var(--quiet)}" +
  "nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;padding:0;margin:0}" +
  "nav a{display:inline-block;padding:.15rem 0}" +
  "footer{margin-top:4rem;padding-top:1rem;border-top:1px solid var(--line);font-size:.85rem;color:var(--quiet)}" +
  ".quiet{color:var(--quiet)}.wide{overflow-x:auto;margin:0 0 1rem}" +
  ":focus-visible{outline:2px solid var(--link);outline-offset:3px;border-radius:2px}" +
  "table{border-collapse:collapse;overflow-wrap:normal;font-variant-numeric:tabular-nums;font-size:.9375rem;line-height:1.4}" +
  "caption{text-align:left;padding-bottom:.5rem;color:var(--quiet);font-size:.875rem;max-width:min(42rem,calc(100vw - 2.5rem))}" +
  "th,td{padding:.4rem 1.5rem .4rem 0;text-align:left;vertical-align:baseline;border-bottom:1px solid var(--line)}" +
  "th{font-weight:600}thead th{font-size:.8125rem;color:var(--quiet);white-space:nowrap}" +
  ".facts tbody th{font-weight:400;color:var(--quiet);white-space:nowrap}.facts td{overflow-wrap:anywhere;min-width:11rem}.facts{font-size:.875rem}" +
  "td.number,th.number{text-align:right}svg{display:block;margin:1rem 0}" +
  "figure{margin:0 0 1.5rem}figcaption{font-size:.875rem;line-height:1.5;color:var(--quiet);max-width:42rem}" +
  ".chart{overflow-x:auto}.chart svg{min-width:30rem;margin:0 0 .25rem;width:100%}.chart.narrow svg{min-width:0;max-width:27rem}" +
  "body .graft-chart .surface{fill:none}" +
  "@media screen and (prefers-color-scheme:dark){:root{--ground:#17181b;--ink:#e2e4e7;--quiet:#a4abb3;" +
  "--line:#363a40;--raised:#212328;--link:#8ab8f2;--right:#56b4e9;--wrong:#f0a030}}" +
  "@media(max-width:40rem){body{padding:1.5rem 1rem 3rem}h1{font-size:1.45rem}section{margin-top:2.5rem}}" +
  "@media print{:root{color-scheme:light}body{max-width:none;padding:0;font-size:10.5pt}nav{display:none}" +
  "@page{margin:16mm}a{color:inherit;text-decoration:none}h2,h3{break-after:avoid}.confusion{break-inside:avoid}figure,tr,svg,pre{break-inside:avoid}" +
  "section{margin-top:1.75rem}.wide,.chart{overflow:visible}.chart svg{min-width:0;max-width:17cm}}";
