/** A server that answers and does nothing else; writes its port. @module */

Deno.serve({
  port: 0,
  hostname: "127.0.0.1",
  onListen: ({ port }) => console.log(port),
}, () => new Response("ok"));
