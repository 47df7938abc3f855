/**
 * Opening many small pictures, as a folder and as a zip archive, in this checkout and others in turns:
 * `deno run -A bench/open_many_bench.ts [checkout…]`. Prints medians of wall time and CPU time of the opening alone.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { encodePng } from "../src/data/encode_png.ts";
import { zipFile } from "../tests/data/sources/zip_file.ts";

const FILES = 20_000;
const ROUNDS = 5;

const folder = await Deno.makeTempDir();
try {
  const members = [];
  for (let i = 0; i < FILES; i++) {
    // Ever other noise, so that nothing is compressed away: 1 kB.
    const data = Uint8Array.from(
      { length: 1024 },
      (_, k) => Math.imul(k + 31 * i, 2654435761) >>> 24,
    );
    const content = await encodePng({ data, height: 32, width: 32, channels: 1 });
    const name = `${i % 20}/${i}.png`;
    members.push({ name, content });
    await Deno.mkdir(`${folder}/many/${i % 20}`, { recursive: true });
    await Deno.writeFile(`${folder}/many/${name}`, content);
  }
  await Deno.writeFile(`${folder}/many.zip`, zipFile(members));
  const here = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
  const results = new Map<string, [wall: number, cpu: number][]>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const data of ["many", "many.zip"]) {
      for (const checkout of [here, ...Deno.args]) {
        const key = `${data} in ${checkout}`;
        const times = await open(checkout, `${folder}/${data}`);
        results.set(key, [...results.get(key) ?? [], times]);
      }
    }
  }
  for (const [key, times] of results) {
    const [wall, cpu] = [0, 1].map((which) => median(times.map((one) => one[which])));
    console.log(`${key}: ${wall.toFixed(0)} ms, CPU ${cpu.toFixed(0)} ms`);
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}

/** Milliseconds that a process of its own takes to open data. */
async function open(checkout: string, data: string): Promise<[wall: number, cpu: number]> {
  const program = `import { ImageDataset } from ${JSON.stringify(`file://${checkout}/mod.ts`)};
    import process from "node:process";
    const [since, used] = [performance.now(), process.cpuUsage()];
    await ImageDataset.open(${JSON.stringify(data)});
    const { user, system } = process.cpuUsage(used);
    console.log(JSON.stringify([performance.now() - since, (user + system) / 1000]));
    Deno.exit();`;
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "-q", "--config", `${checkout}/deno.json`],
      `data:text/typescript,${encodeURIComponent(program)}`,
    ],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
