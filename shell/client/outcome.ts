/** How a call ends where it does not succeed: a definite failure, or unknown. Never mixed up. */
import * as Schema from "effect/Schema";

/**
 * Definite: what was asked for did not happen, and will not. `code` is one of the API's problems,
 * or `deadline` where no server could take it in time.
 */
export class Failed extends Schema.TaggedError<Failed>()("Failed", {
  code: Schema.String,
  message: Schema.String,
}) {}

/** It may have happened, may happen later, or never. */
export class Unknown extends Schema.TaggedError<Unknown>()("Unknown", {
  message: Schema.String,
}) {}

/** What it means for a call if one attempt's outcome is unknown. */
export type Repeat =
  /** It changes nothing, or nothing that matters if it does so twice: try again. */
  | "harmless"
  /** It carries a number of a session, so that it takes effect once: try again. */
  | "once"
  /** Sent twice, it could take effect twice: the call is unknown. */
  | "harmful";

/** How one attempt at one server ended. */
export type Attempt =
  | { readonly kind: "answer"; readonly status: number; readonly body: unknown }
  /** No connection was made, so that nothing was sent. */
  | { readonly kind: "unsent"; readonly detail: string }
  /** The request may have been sent; no answer came. */
  | { readonly kind: "broken"; readonly detail: string };

/** What an attempt means for its call. */
export type Verdict =
  | { readonly kind: "success"; readonly body: unknown }
  /** The command did not take effect, and this is why. */
  | { readonly kind: "refused"; readonly code: string; readonly detail: string }
  /** Nothing happened, for a reason that may pass, or that another server has not. */
  | {
      readonly kind: "again";
      readonly code: string;
      readonly detail: string;
      /** Where the leader is, if the server said so. */
      readonly leader: string | null;
    }
  /** It may have happened. */
  | { readonly kind: "unknown"; readonly detail: string };

/** Problems that pass, or that another server has not. */
const PASSING: ReadonlySet<string> = new Set([
  "not-leader",
  "rate-limited",
  "overloaded",
  "transferring",
  "not-ready",
  "leader-lost",
  "stopped",
  "timed-out",
]);

/** The verdict on an attempt. What is not surely definite is unknown. */
export function verdictOf(attempt: Attempt): Verdict {
  if (attempt.kind === "unsent") {
    return { kind: "again", code: "unreachable", detail: attempt.detail, leader: null };
  }
  if (attempt.kind === "broken") return { kind: "unknown", detail: attempt.detail };
  const { status, body } = attempt;
  if (status >= 200 && status < 300) return { kind: "success", body };
  const problem = problemIn(body);
  // Something between, or another server altogether: no word of what became of the request.
  if (problem === null) return { kind: "unknown", detail: `status ${status} without a problem` };
  const { code, detail } = problem;
  if (code === "outcome-unknown" || code === "internal") return { kind: "unknown", detail };
  if (PASSING.has(code)) return { kind: "again", code, detail, leader: problem.leader };
  return { kind: "refused", code, detail };
}

function problemIn(
  body: unknown,
): { readonly code: string; readonly detail: string; readonly leader: string | null } | null {
  if (typeof body !== "object" || body === null) return null;
  const { code, detail, leader } = body as Record<string, unknown>;
  if (typeof code !== "string" || typeof detail !== "string") return null;
  const url = (leader as { url?: unknown } | null | undefined)?.url;
  return { code, detail, leader: typeof url === "string" ? url : null };
}
