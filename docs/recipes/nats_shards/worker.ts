/**
 * Takes shards from the queue, one at a time, until none is left: `worker.ts <arguments of graft extract>`. Any number of workers may
 * run, on any number of machines that see the data and the folder of the shards. A shard that fails `ATTEMPTS` times is given up, and
 * the worker that gave one up ends with exit code 1.
 */
import {
  ATTEMPTS,
  connect,
  CONSUMER,
  jetstream,
  jetstreamManager,
  PATIENCE_MS,
  SERVERS,
  STREAM,
} from "./queue.ts";

/** The command line of graft; once it is published: jsr:@graft/vision/cli. */
const GRAFT = Deno.env.get("GRAFT") ?? new URL("../../../cli.ts", import.meta.url).href;

const connection = await connect({ servers: SERVERS });
const manager = await jetstreamManager(connection);
const consumer = await jetstream(connection).consumers.get(STREAM, CONSUMER);
const givenUp: string[] = [];
for (;;) {
  const message = await consumer.next({ expires: 1000 });
  if (message === null) {
    // Nothing to take; but what another worker holds comes back if that worker dies.
    const { state } = await manager.streams.info(STREAM);
    if (state.messages === 0) break;
    continue;
  }
  const shard = message.string();
  const { deliveryCount: attempt } = message.info;
  if (attempt > ATTEMPTS) { // its last worker did not live to say that it failed
    giveUp(shard, () => message.term());
    continue;
  }
  console.log(`${shard} begun`);
  const heartbeat = setInterval(() => message.working(), PATIENCE_MS / 3);
  const { success, code } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", GRAFT, "extract", ...Deno.args, "--shard", shard],
    stdin: "null",
    stdout: "null",
    stderr: "inherit", // why it failed
  }).output();
  clearInterval(heartbeat);
  // A shard's file is there whole or not at all, and one that is there is left as it is: twice is as good as once.
  if (success) {
    await message.ackAck();
    console.log(`${shard} done`);
  } else {
    console.error(`${shard} failed with exit code ${code}, attempt ${attempt} of ${ATTEMPTS}`);
    if (attempt < ATTEMPTS) message.nak(PATIENCE_MS);
    else giveUp(shard, () => message.term());
  }
}
await connection.drain(); // what was said to the server arrives before the connection closes
if (givenUp.length > 0) {
  console.error(`given up: ${givenUp.join(", ")}; mend the cause, then enqueue and work again`);
  Deno.exit(1);
}

/** Takes a shard from the queue without its file: `graft merge` will miss it. */
function giveUp(shard: string, term: () => void): void {
  term();
  givenUp.push(shard);
  console.error(`${shard} given up after ${ATTEMPTS} attempts: its file is missing`);
}
