/** Puts the shards of a data set into the queue: `enqueue.ts 8`. Called twice, it adds nothing. */
import {
  AckPolicy,
  connect,
  CONSUMER,
  jetstream,
  jetstreamManager,
  PATIENCE_MS,
  RetentionPolicy,
  SERVERS,
  STREAM,
  SUBJECT,
} from "./queue.ts";

const shards = Number(Deno.args[0]);
if (!Number.isInteger(shards) || shards < 1) {
  console.error("usage: enqueue.ts SHARDS");
  Deno.exit(2);
}
const connection = await connect({ servers: SERVERS });
const manager = await jetstreamManager(connection);
await manager.streams.add({
  name: STREAM,
  subjects: [SUBJECT],
  retention: RetentionPolicy.Workqueue,
});
await manager.consumers.add(STREAM, {
  durable_name: CONSUMER,
  ack_policy: AckPolicy.Explicit,
  ack_wait: PATIENCE_MS * 1e6, // nanoseconds
});
const stream = jetstream(connection);
for (let number = 1; number <= shards; number++) {
  const shard = `${number}/${shards}`;
  await stream.publish(SUBJECT, shard, { msgID: shard }); // the server drops a message that it has seen
}
console.log(`${shards} shards wait`);
await connection.close();
