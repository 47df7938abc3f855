/**
 * Takes shards from the queue, one at a time, until none is left: `worker.ts <arguments of graft extract>`. Any number of workers may
 * run, on any number of machines that see the data and the folder of the shards.
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
let failed = false;
for (;;) {
  const message = await consumer.next({ expires: 1000 });
  if (message === null) {
    // Nothing to take; but what another worker holds comes back if that worker dies.
    const { state } = await manager.streams.info(STREAM);
    if (state.messages === 0) break;
    continue;
  }
  const shard = message.string();
  console.log(`${shard} begun`);
  const heartbeat = setInterval(() => message.working(), PATIENCE_MS / 3);
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", GRAFT, "extract", ...Deno.args, "--shard", shard],
    stdin: "null",
    stdout: "null",
    stderr: "inherit", // says why a shard fails
  }).spawn().status;
  clearInterval(heartbeat);
  // A shard's file is there whole or not at all, and one that is there is left as it is: twice is as good as once.
  if (success) {
    await message.ackAck();
    console.log(`${shard} done`);
  } else if (message.info.deliveryCount < ATTEMPTS) {
    message.nak(PATIENCE_MS);
    console.error(`${shard} failed, and is given out again`);
  } else {
    message.term();
    console.error(`${shard} failed ${ATTEMPTS} times, and is given up: enqueue it again`);
    failed = true;
  }
}
await connection.close();
if (failed) Deno.exit(1);
