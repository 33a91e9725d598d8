/**
 * Sequential specifications of common objects. `key` names one of several that are independent;
 * every model checks each by itself. Outputs are null where there is nothing to answer.
 */
import { type Data, hashData, hashText, sameData } from "./data.ts";
import { hopeless, type Model, type Unknown, unknown } from "./model.ts";

interface Keyed {
  /** Which of several objects; without it, the only one. */
  readonly key?: string;
}

const byKey = ({ key }: Keyed): string | undefined => key;

/** Whether an output may be `actual`. */
function allows(output: Data | Unknown, actual: Data | undefined): boolean {
  return output === unknown || sameData(output, actual);
}

/** An operation on a register. A read answers the value, null before the first write. */
export type RegisterInput = Keyed &
  ({ readonly kind: "read" } | { readonly kind: "write"; readonly value: Data });

/** One value that can be read and replaced. */
export const register: Model<Data, RegisterInput, Data> = {
  name: "register",
  initial: null,
  partition: byKey,
  isReadOnly: ({ kind }) => kind === "read",
  outlook: (value, _, output, hasOther) => {
    const canBe = (other: RegisterInput): boolean =>
      other.kind === "write" && sameData(other.value, output);
    return sameData(value, output) || hasOther(canBe) ? value : hopeless;
  },
  step: (value, input, output) => {
    if (input.kind === "write") return [input.value];
    return allows(output, value) ? [value] : [];
  },
};

/** As for a register; `cas` answers whether the value was `from`, and is `to` now. */
export type CasRegisterInput =
  | RegisterInput
  | (Keyed & { readonly kind: "cas"; readonly from: Data; readonly to: Data });

/** A register that can also be compared and set. */
export const casRegister: Model<Data, CasRegisterInput, Data> = {
  name: "cas-register",
  initial: null,
  partition: byKey,
  isReadOnly: ({ kind }, output) => kind === "read" || (kind === "cas" && output === false),
  outlook: (value, input, output, hasOther) => {
    const isRight = (it: Data): boolean =>
      input.kind === "cas" ? !sameData(it, input.from) : sameData(it, output);
    const canBe = (other: CasRegisterInput): boolean =>
      other.kind !== "read" && isRight(other.kind === "cas" ? other.to : other.value);
    return isRight(value) || hasOther(canBe) ? value : hopeless;
  },
  step: (value, input, output) => {
    if (input.kind !== "cas") return register.step(value, input, output);
    const isSet = sameData(value, input.from);
    return allows(output, isSet) ? [isSet ? input.to : value] : [];
  },
};

/**
 * An operation on a map. `get` answers the value, "" where there is none; `append` puts a text
 * behind the value, and cannot be done where that is not a text.
 */
export type KeyValueInput = { readonly key: string } & (
  | { readonly kind: "get" }
  | { readonly kind: "put"; readonly value: Data }
  | { readonly kind: "append"; readonly value: string }
);

/**
 * The value of one key, and its hash: that of a text which grows is not made anew. undefined
 * stands for any text that will be replaced before anyone reads it.
 */
interface KeyValueState {
  readonly value: Data | undefined;
  readonly hash: number;
}

const unread: KeyValueState = { value: undefined, hash: 0 };

function begins(start: Data | undefined, output: Data | Unknown, at = 0): boolean {
  return typeof start === "string" && typeof output === "string" && output.startsWith(start, at);
}

type Outlook = NonNullable<Model<KeyValueState, KeyValueInput, Data>["outlook"]>;

/** A read names all that was appended since the last put, and its order. */
const keyValueOutlook: Outlook = (state, _, output, hasOther) => {
  const { value } = state;
  if (sameData(value, output)) return state;
  const isNext = (other: KeyValueInput): boolean =>
    other.kind === "append" && begins(other.value, output, (value as string).length);
  if (begins(value, output) && hasOther(isNext)) return state;
  const canReplace = (other: KeyValueInput): boolean =>
    other.kind === "put" && (sameData(other.value, output) || begins(other.value, output));
  if (!hasOther(canReplace)) return hopeless;
  if (typeof value !== "string") return state;
  const reads = ({ kind }: KeyValueInput, answer: Data | Unknown): boolean =>
    kind === "get" && begins(value, answer);
  return hasOther(reads) ? state : unread;
};

/** A map from keys to values, each key an object of its own. */
export const keyValue: Model<KeyValueState, KeyValueInput, Data> = {
  name: "key-value",
  initial: { value: "", hash: hashText("") },
  partition: byKey,
  isReadOnly: ({ kind }) => kind === "get",
  equal: (a, b) => a === b || (a.hash === b.hash && sameData(a.value, b.value)),
  hash: ({ hash }) => hash,
  outlook: keyValueOutlook,
  step: (state, input, output) => {
    if (input.kind === "put") return [{ value: input.value, hash: hashData(input.value) }];
    const { value, hash } = state;
    if (input.kind === "get") return allows(output, value) ? [state] : [];
    if (value === undefined) return [state];
    if (typeof value !== "string") return [];
    return [{ value: value + input.value, hash: hashText(input.value, hash) }];
  },
};

/** An operation on a queue. `dequeue` answers what it took, null where the queue was empty. */
export type QueueInput = Keyed &
  ({ readonly kind: "enqueue"; readonly value: Data } | { readonly kind: "dequeue" });

/** First in, first out. */
export const queue: Model<readonly Data[], QueueInput, Data> = {
  name: "queue",
  initial: [],
  partition: byKey,
  isReadOnly: ({ kind }, output) => kind === "dequeue" && output === null,
  step: (items, input, output) => {
    if (input.kind === "enqueue") return [[...items, input.value]];
    const [first = null, ...others] = items;
    return allows(output, first) ? [others] : [];
  },
};

/**
 * An operation on a lock. Each answers whether it succeeded: `acquire` where nobody holds the
 * lock, `release` where its owner does.
 */
export type LockInput = Keyed & {
  readonly kind: "acquire" | "release";
  readonly owner: string;
};

/** A lock that at most one owner holds, and none twice. The state: who holds it, or null. */
export const lock: Model<string | null, LockInput, Data> = {
  name: "lock",
  initial: null,
  partition: byKey,
  isReadOnly: (_, output) => output === false,
  step: (holder, { kind, owner }, output) => {
    const succeeds = holder === (kind === "acquire" ? null : owner);
    if (!allows(output, succeeds)) return [];
    if (!succeeds) return [holder];
    return [kind === "acquire" ? owner : null];
  },
};
