/** The queue that both programs of the recipe speak of. */
export { connect } from "npm:@nats-io/transport-node@3.4.0";
export {
  AckPolicy,
  DiscardPolicy,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
} from "npm:@nats-io/jetstream@3.4.0";

/** Where the server is. */
export const SERVERS = Deno.env.get("NATS_URL") ?? "nats://127.0.0.1:4222";
/** The stream; a work queue, from which a message goes once it is acknowledged. */
export const STREAM = "GRAFT_SHARDS";
/** What its messages are about. */
export const SUBJECT = "graft.shards";
/** All workers share one consumer: each message goes to one of them. */
export const CONSUMER = "workers";
/** A worker that has not been heard of for so long has died; its shard goes to another. Milliseconds. */
export const PATIENCE_MS = Number(Deno.env.get("PATIENCE_MS") ?? 30_000);
/**
 * How often a shard is begun before it is given up. What fails for its data or its machine's memory fails again; what fails for a
 * network that is away for a moment does not.
 */
export const ATTEMPTS = Number(Deno.env.get("ATTEMPTS") ?? 3);
