/** The client for programs without Effect: every call a promise. */
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Scope from "effect/Scope";
import { type Client, type ClientOptions, makeClient } from "./client.ts";

type Promised<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => Effect.Effect<infer R, infer _E>
    ? (...args: A) => Promise<R>
    : Promised<T[K]>;
};

/** `Client` with promises, which reject with `Failed` or `Unknown`. */
export interface PromiseClient extends Promised<Client> {
  /** Ends the connections. */
  readonly close: () => Promise<void>;
}

/** A client whose calls are promises. Throws RangeError for bad endpoints. */
export function makePromiseClient(options: ClientOptions): PromiseClient {
  const scope = Effect.runSync(Scope.make());
  const client = Effect.runSync(makeClient(options).pipe(Scope.provide(scope)));
  const close = () => Effect.runPromise(Scope.close(scope, Exit.void));
  return { ...(promised(client) as Promised<Client>), close };
}

type Method = (...args: unknown[]) => Effect.Effect<unknown, unknown>;

function promised(methods: object): object {
  return Object.fromEntries(
    Object.entries(methods).map(([name, method]: [string, Method | object]) => [
      name,
      typeof method === "function"
        ? (...args: unknown[]) =>
            Effect.runPromise(Effect.suspend(() => (method as Method)(...args)))
        : promised(method),
    ]),
  );
}
