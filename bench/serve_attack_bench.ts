/**
 * `graft serve` under every attack of `tests/serve/attacks.ts` at once, while good requests run; then SIGTERM amid 64 busy clients.
 *
 *     deno run -A bench/serve_attack_bench.ts MODEL IMAGE... [--seconds 30]
 *
 * Prints how long `/healthz` took, by a process of its own, what became of the good requests and of the attacks, and the memory's peak.
 * "Without waiting for a core": less what the server's main thread could have run and was not let, because other processes had the cores.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { besiege, endAmid } from "../tests/serve/attacks.ts";
import type { Probed } from "../tests/serve/probe.ts";
import { serve } from "../tests/cli/served.ts";
import { table } from "./report.ts";

const { positionals: [model, ...images], values } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: "string", default: "30" } },
});
if (images.length === 0) {
  console.error("usage: serve_attack_bench.ts MODEL IMAGE...");
  Deno.exit(2);
}
const files = await Promise.all(images.map((image) => Deno.readFile(image)));
await using server = await serve(model);
const asked = [];
for (const file of files) {
  // What the server says while nobody harms it.
  const response = await fetch(`${server.url}predict?top=3`, { method: "POST", body: file });
  const { predictions: [prediction] } = await response.json();
  asked.push({ file, prediction });
}
const probe = new Deno.Command(Deno.execPath(), {
  args: [
    ...["run", "-A", new URL("../tests/serve/probe.ts", import.meta.url).pathname],
    ...[`${server.port}`, `${server.pid}`],
  ],
  stdin: "piped",
  stdout: "piped",
}).spawn();
const { attacked, longest, good, wrong } = await besiege(server.port, asked, {
  seconds: Number(values.seconds),
});
await probe.stdin.close();
const { wall, own, failed }: Probed = await new Response(probe.stdout).json();
await probe.status;
const peak = await server.peakMegabytes();
let code: number | undefined;
const waited = await endAmid(server.port, files[0], {
  end: async () => code = (await server.stop("SIGTERM")).code,
});

const told = (counts: ReadonlyMap<number | undefined, number>) =>
  [...counts].sort().map(([status, count]) => `${count} x ${status ?? "hung up on"}`).join(", ");
const times = (all: readonly number[]) => {
  const sorted = all.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * all.length))];
  return [at(0.5), at(0.99), at(1)].map((ms) => ms.toFixed(0)).join(", ");
};
console.log(table(["", ""], [
  [`/healthz, ms: median, 99 %, longest of ${wall.length}`, times(wall)],
  ["the same without waiting for a core", times(own)],
  ["/healthz failed", `${failed}`],
  ["good requests", `${told(good)}; ${wrong} answered wrongly`],
  ["memory at its peak, MB", peak.toFixed(0)],
  ["requests under way at SIGTERM; exit code", `${told(waited)}; ${code}`],
]));
console.log(table(
  ["attack", "answers", "longest, s"],
  [...attacked].map(([name, counts]) => [
    name,
    told(counts),
    ((longest.get(name) ?? 0) / 1000).toFixed(1),
  ]),
));
