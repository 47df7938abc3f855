/** A page to drop a picture on. @module */

import { encodeBase64 } from "../core/base64.ts";

const STYLE = `:root{color-scheme:light dark;--line:#bbb;--bar:#3367d6}
body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:3rem auto;padding:0 1rem}
label{display:block;border:2px dashed var(--line);border-radius:12px;padding:3rem 1rem;text-align:center;cursor:pointer}
label:focus-within,label.over{border-color:var(--bar)}
input{position:absolute;opacity:0;width:1px;height:1px}
img{max-width:100%;max-height:16rem;display:block;margin:1.5rem auto;border-radius:8px}
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}
td{padding:.3rem .5rem .3rem 0}td:nth-child(2){width:55%}td:last-child{text-align:right}
meter{width:100%;height:1rem}`;

/** Class names come as text and are shown as text: `textContent` alone. */
const SCRIPT = `const input = document.querySelector("input");
const drop = document.querySelector("label");
const said = document.querySelector("#said");
const rows = document.querySelector("tbody");
const image = document.querySelector("img");
async function ask(file) {
  if (!file) return;
  if (image.src) URL.revokeObjectURL(image.src);
  image.src = URL.createObjectURL(file);
  image.hidden = false;
  said.textContent = "Looking …";
  rows.replaceChildren();
  try {
    const response = await fetch("predict?top=5", { method: "POST", headers: { "content-type": "application/octet-stream" }, body: file });
    const body = await response.json();
    if (!response.ok) throw new Error(body.detail);
    const [{ label, top }] = body.predictions;
    said.textContent = label;
    for (const { label, probability } of top) {
      const row = rows.insertRow();
      row.insertCell().textContent = label;
      const meter = document.createElement("meter");
      meter.value = probability;
      meter.textContent = probability.toFixed(3);
      row.insertCell().append(meter);
      row.insertCell().textContent = (100 * probability).toFixed(1) + " %";
    }
  } catch (error) {
    said.textContent = error.message;
  }
}
input.addEventListener("change", () => ask(input.files[0]));
for (const name of ["dragover", "dragleave", "drop"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", name === "dragover");
    if (name === "drop") ask(event.dataTransfer.files[0]);
  });
}`;

/** The page; it needs {@linkcode pagePolicy}. */
export function page(): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>What is in the picture?</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>What is in the picture?</h1>
<label>Drop a picture here, or choose one <input type="file" accept="image/jpeg,image/png"></label>
<img hidden alt="the picture that was sent">
<p id="said" role="status"></p>
<table aria-label="likeliest classes"><tbody></tbody></table>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

/** Content security policy that lets the page's own script and style run, and nothing else. */
export async function pagePolicy(): Promise<string> {
  const hash = async (text: string) => {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    return `'sha256-${encodeBase64(new Uint8Array(digest))}'`;
  };
  return `default-src 'none'; script-src ${await hash(SCRIPT)}; style-src ${await hash(STYLE)}; ` +
    "img-src blob:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
}
