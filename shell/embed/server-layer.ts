/** A server as a service of an Effect program. */
import type * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { handOver } from "../driver/hand-over.ts";
import { makeServer, type ServerOptions } from "../driver/make-server.ts";
import type { Server } from "../driver/server.ts";
import type { Storage, StorageError, Transport, TransportError } from "../driver/services.ts";

/**
 * The layer of a server, which runs for as long as the layer lives; before it stops, it hands
 * leadership over as `PromiseServer.stop` does. `key` names the service and says what the machine's
 * states and responses are:
 *
 *     class Counter extends Context.Service<Counter, Server<number, number>>()("Counter") {}
 *     const counter = serverLayer(Counter, { id: "n1", peers, stateMachine });
 *
 * Fails and throws as `makeServer` does.
 */
export function serverLayer<Self, S, R>(
  key: Context.Key<Self, Server<S, R>>,
  options: ServerOptions<S, R>,
): Layer.Layer<Self, StorageError | TransportError, Storage | Transport> {
  const server = Effect.tap(makeServer(options), (it) => Effect.addFinalizer(() => handOver(it)));
  return Layer.effect(key, server);
}
