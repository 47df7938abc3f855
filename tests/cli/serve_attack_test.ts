// graft serve under every attack that has harmed it, all at once, while good requests run.
import assert from "node:assert/strict";
import { encodePng } from "../../src/data/encode_png.ts";
import { attacks, besiege, endAmid } from "../serve/attacks.ts";
import type { Probed } from "../serve/probe.ts";
import { DATA, modelBytes } from "../serve/server.ts";
import { emptyFolder, graftJson } from "./graft.ts";
import { serve } from "./served.ts";

/** What nobody may have to wait longer for, in milliseconds. */
const HEALTH_MS = 250;

Deno.test("under all attacks at once the server answers health in time, good requests rightly, and little memory is held", async () => {
  await using folder = await emptyFolder();
  const model = folder.file("m.safetensors");
  await Deno.writeFile(model, await modelBytes());
  const files: string[] = [];
  for (const row of [85, 86, 87, 88, 89, 90]) {
    files.push(folder.file(`${row}.png`));
    await Deno.writeFile(files.at(-1)!, await encodePng(await DATA.image(row)));
  }
  const { predictions } = await graftJson(["predict", model, ...files, "--top", "3"], [
    `--allow-read=${folder.path}`,
  ]) as { predictions: { label: string; probability: number; top: unknown }[] };
  const asked = await Promise.all(files.map(async (file, i) => {
    const { label, probability, top } = predictions[i];
    return { file: await Deno.readFile(file), prediction: { label, probability, top } };
  }));

  await using server = await serve(model);
  const probe = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--allow-net=127.0.0.1", `--allow-run=${Deno.execPath()}`],
      ...[new URL("../serve/probe.ts", import.meta.url).pathname, `${server.port}`],
    ],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const { attacked, good, wrong } = await besiege(server.port, asked, { seconds: 12 });
  await probe.stdin.close();
  const { health, control, failed }: Probed = await new Response(probe.stdout).json();
  await probe.status;
  const peak = await server.peakMegabytes();

  // What an idle server was late in the same minute is the machine's, not this server's.
  const [late, machine] = [Math.max(...health), Math.max(...control)];
  const said = `health ${late.toFixed(0)} ms, an idle server ${
    machine.toFixed(0)
  } ms, of ${health.length}`;
  assert.ok(health.length > 20, said);
  assert.ok(late <= HEALTH_MS + machine, said);
  assert.equal(failed, 0);
  assert.equal(wrong, 0);
  assert.ok((good.get(200) ?? 0) > 5, `${[...good]}`);
  assert.deepEqual([...good.keys()].filter((status) => status !== 200 && status !== 503), []);
  assert.ok(peak < 700, `${peak} MB`);
  for (const { name, expected } of attacks()) {
    const statuses = [...attacked.get(name)!.keys()];
    assert.ok(
      statuses.length > 0 && statuses.every((status) => expected.includes(status)),
      `${name}: ${statuses}`,
    );
  }

  let code: number | undefined;
  const end = async () => code = (await server.stop("SIGTERM")).code;
  const waited = await endAmid(server.port, asked[0].file, { end });
  assert.equal(code, 0, server.stderr());
  assert.deepEqual([...waited.keys()].filter((status) => status !== 200 && status !== 503), []);
  // A line for each request, with nothing of theirs.
  const [, ...lines] = server.stderr().trimEnd().split("\n");
  assert.deepEqual(lines.filter((line) => !line.startsWith('{"time":')), []);
  assert.ok(!/evil|::1/.test(lines.join()));
});
