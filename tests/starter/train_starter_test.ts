// The script that made the starter: a short run of it, twice.
import assert from "node:assert/strict";
import { randomWeights } from "../../src/model/random_weights.ts";
import { loadWeights } from "../../src/weights/load.ts";
import { roundStarter } from "../../weights/embed_starter.ts";

const ROOT = new URL("../../", import.meta.url);

Deno.test("training the starter gives the same bytes again: a trunk that has learnt, ready to be embedded", async () => {
  const folder = await Deno.makeTempDir({ prefix: "graft_starter_" });
  try {
    const train = async (name: string) => {
      const out = `${folder}/${name}.safetensors`;
      const { success, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "-A", "--quiet", "weights/train_starter.ts", "--run", `${folder}/${name}`],
          ...["--out", out, "--epochs", "1", "--per-kind", "1", "--side", "32"],
        ],
        cwd: ROOT,
        env: { NO_COLOR: "1" },
      }).output();
      assert.ok(success, new TextDecoder().decode(stderr));
      return await Deno.readFile(out);
    };
    const trained = await train("a");
    assert.deepEqual(await train("b"), trained);
    const { tensors, details = [] } = await loadWeights(roundStarter(trained), {
      variant: "torchvision",
    });
    const untrained = (await randomWeights(7)).tensors;
    assert.deepEqual([...tensors.keys()].sort(), [...untrained.keys()].sort());
    const name = "features.8.0.weight";
    assert.notDeepEqual(tensors.get(name)!.data, untrained.get(name)!.data);
    assert.ok(details.length > 0, "a starter that is not the embedded one is told like any file");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
