/**
 * `graft serve` under load: wrk sends pictures and garbage on many connections, while others dribble bodies that never end.
 *
 *     /usr/bin/python3 bench/make_photos.py /tmp/small 16 64x64
 *     /usr/bin/python3 bench/make_photos.py /tmp/large 16 1000x750
 *     deno run -A bench/serve_load_bench.ts MODEL /tmp/small/a /tmp/large/a [--seconds 60] [--connections 64] [--slow 8]
 *
 * Each connection sends a picture of one folder and of the other in turn; one request in ten is garbage. Needs `wrk`. Prints how many
 * answers of which status came, how long they took, and the server's memory over time.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { table } from "./report.ts";

const { positionals: [model, ...folders], values } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "60" },
    connections: { type: "string", default: "64" },
    slow: { type: "string", default: "8" },
  },
});
if (folders.length === 0) {
  console.error("usage: serve_load_bench.ts MODEL FOLDER...");
  Deno.exit(2);
}
const seconds = Number(values.seconds);

/** What wrk runs; each of its threads counts for itself. */
const SCRIPT = `
local threads = {}
function setup(thread) table.insert(threads, thread) end
function init(args)
  counts, bodies, sent = "", {}, 0
  seen = {}
  for _, path in ipairs(args) do
    local file = io.open(path, "rb")
    table.insert(bodies, file:read("*a"))
    file:close()
  end
end
function request()
  sent = sent + 1
  if sent % 10 == 0 then
    return wrk.format("POST", "/predict", nil, string.rep("garbage " .. sent, 1 + sent % 999))
  end
  return wrk.format("POST", "/predict", nil, bodies[1 + sent % #bodies])
end
function response(status, headers, body)
  local key = status .. ((status == 503 and not headers["retry-after"]) and " without Retry-After" or "")
  seen[key] = (seen[key] or 0) + 1
  counts = ""
  for key, count in pairs(seen) do counts = counts .. key .. "=" .. count .. ";" end
end
function done(summary, latency)
  for _, thread in ipairs(threads) do print("COUNTS " .. thread:get("counts")) end
  print("ERRORS " .. summary.errors.connect .. " " .. summary.errors.read .. " " .. summary.errors.write .. " " .. summary.errors.timeout)
  print("LATENCY " .. latency:percentile(50) / 1000 .. " " .. latency:percentile(90) / 1000 .. " " .. latency:percentile(99) / 1000 .. " " .. latency.max / 1000)
end
`;

/** Picture files, those of the folders in turn. */
function pictures(): string[] {
  const lists = folders.map((folder) =>
    Array.from(Deno.readDirSync(folder), ({ name }) => `${folder}/${name}`).sort()
  );
  return lists[0].flatMap((_, i) => lists.map((list) => list[i % list.length]));
}

/** A started server, once it listens. */
async function startServer(): Promise<{ child: Deno.ChildProcess; port: number }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", `--allow-read=${model}`, "--allow-net=127.0.0.1"],
      ...["cli.ts", "serve", model, "--port", "0"],
    ],
    cwd: new URL("../", import.meta.url),
    stderr: "piped",
    stdout: "inherit",
  }).spawn();
  const port = Promise.withResolvers<number>();
  let log = "";
  const read = async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      if (log.length < 1000) log += text; // the rest is a line for each request
      const found = log.match(/listening on http:\/\/127\.0\.0\.1:(\d+)/)?.[1];
      if (found !== undefined) port.resolve(Number(found));
    }
    port.reject(new Error(`the server ended: ${log}`));
  };
  read();
  return { child, port: await port.promise };
}

/** Resident memory of a process, in MB. */
async function residentMegabytes(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1000;
}

/** Sends a byte of a body a second until it is told off, again and again; counts the statuses. */
async function dribble(port: number, until: number, counts: Map<string, number>): Promise<void> {
  while (performance.now() < until) {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port });
    const head =
      "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: 9000000\r\n\r\n";
    await connection.write(new TextEncoder().encode(head));
    const answer = new Uint8Array(4096);
    const answered = connection.read(answer).catch(() => null);
    let length: number | null | undefined;
    answered.then((bytes) => length = bytes);
    while (length === undefined && performance.now() < until) {
      await connection.write(Uint8Array.of(0x89)).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    if (length === undefined) continue;
    const status = length === null
      ? "closed"
      : new TextDecoder().decode(answer).match(/^HTTP\/1\.1 (\d+)/)?.[1] ?? "none";
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
}

const { child, port } = await startServer();
const script = await Deno.makeTempFile({ suffix: ".lua" });
await Deno.writeTextFile(script, SCRIPT);
const slow = new Map<string, number>();
const memory: number[] = [await residentMegabytes(child.pid)];
const watch = setInterval(async () => memory.push(await residentMegabytes(child.pid)), 1000);
const until = performance.now() + 1000 * seconds;
const dribbling = Array.from({ length: Number(values.slow) }, () => dribble(port, until, slow));
const { stdout } = await new Deno.Command("wrk", {
  args: [
    ...["-t", "2", "-c", values.connections, "-d", `${seconds}s`, "--timeout", "30s"],
    ...["-s", script, `http://127.0.0.1:${port}/predict`, "--", ...pictures()],
  ],
  stderr: "inherit",
}).output();
await Promise.all(dribbling);
clearInterval(watch);
await Deno.remove(script);
child.kill("SIGTERM");
const { code } = await child.status;

const said = new TextDecoder().decode(stdout);
const counts = new Map<string, number>();
for (const [, status, count] of said.matchAll(/(\d{3}[^=;\n]*)=(\d+);/g)) {
  counts.set(status, (counts.get(status) ?? 0) + Number(count));
}
const [p50, p90, p99, most] = said.match(/LATENCY (.*)/)![1].split(" ").map(Number);
const told = (map: ReadonlyMap<string, number>) =>
  [...map].sort().map(([status, count]) => `${count} x ${status}`).join(", ");
const highest = (part: readonly number[]) => Math.max(...part).toFixed(0);
const third = Math.ceil(memory.length / 3);
console.log(table(["", ""], [
  ["answers", told(counts)],
  ["pictures answered a second", ((counts.get("200") ?? 0) / seconds).toFixed(1)],
  ["connections that failed (connect, read, write, timeout)", said.match(/ERRORS (.*)/)![1]],
  [
    "latency, ms: median, 90 %, 99 %, longest",
    [p50, p90, p99, most].map((ms) => ms.toFixed(0)).join(", "),
  ],
  ["bodies that never end", told(slow)],
  [
    "memory, MB: at the start; highest in the first, second, last third",
    [
      memory[0].toFixed(0),
      highest(memory.slice(1, third)),
      highest(memory.slice(third, 2 * third)),
      highest(memory.slice(2 * third)),
    ].join("; "),
  ],
  ["exit code after SIGTERM", `${code}`],
]));
