/** The client library: `quorate/client`. */
export {
  type Client,
  type ClientOptions,
  type Consistency,
  type Expectation,
  type ListQuery,
  makeClient,
} from "./client.ts";
export { Failed, Unknown } from "./outcome.ts";
export { makePromiseClient, type PromiseClient } from "./promises.ts";
