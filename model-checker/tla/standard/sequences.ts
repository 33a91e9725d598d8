/** Module Sequences; as in TLC, some operators take strings too. */
import {
  asSet,
  asTuple,
  EvaluationError,
  emptyTuple,
  sequences as sequencesOver,
  shared,
  show,
  TlaString,
  Tuple,
  tlaString,
  tuple,
  type Value,
} from "../values/index.ts";
import {
  argumentError,
  type Operator,
  onlyArgumentError,
  operator,
  type Position,
  type StandardOperator,
  sequenceArgument,
  standardModule,
} from "./operator.ts";

/** `Len(s)`. */
export function length(s: Value): number {
  if (s instanceof Tuple) return s.elements.length;
  if (s instanceof TlaString) return s.text.length;
  return onlySequence(s, "Len").elements.length;
}

/** `Head(s)`. */
export function head(s: Value): Value {
  const { elements } = onlySequence(s, "Head");
  if (elements.length === 0) throw emptySequence("Head");
  return elements[0]!;
}

/** `Tail(s)`. */
export function tail(s: Value): Value {
  if (s instanceof TlaString) {
    if (s.text === "") throw emptySequence("Tail");
    return tlaString(s.text.slice(1));
  }
  const { elements } = onlySequence(s, "Tail");
  if (elements.length === 0) throw emptySequence("Tail");
  return tuple(elements.slice(1));
}

/** `Append(s, v)`. */
export function append(s: Value, value: Value): Value {
  const sequence = asTuple(s);
  if (sequence === null) throw evaluating("Append(s, v)", "sequence", s);
  return shared(sequence.append(value));
}

/** `s \o t`. */
export function concatenate(s: Value, t: Value): Value {
  if (s instanceof TlaString) {
    if (!(t instanceof TlaString)) throw evaluating("t \\o s", "string", t);
    return tlaString(s.text + t.text);
  }
  const left = asTuple(s);
  if (left === null) throw evaluating("s \\o t", "sequence", s);
  const right = asTuple(t);
  if (right === null) throw evaluating("t \\o s", "sequence", t);
  if (left.elements.length === 0) return right;
  if (right.elements.length === 0) return left;
  return new Tuple(left.elements.concat(right.elements));
}

/** `SubSeq(s, m, n)`. */
export function subSequence(s: Value, m: Value, n: Value): Value {
  const text = s instanceof TlaString ? s.text : null;
  const elements = text === null ? sequenceArgument(s, "first", "SubSeq").elements : [];
  if (typeof m !== "number") throw argumentError("second", "SubSeq", "a natural number", m);
  if (typeof n !== "number") throw argumentError("third", "SubSeq", "a natural number", n);
  if (m > n) return text === null ? emptyTuple : tlaString("");
  const size = text === null ? elements.length : text.length;
  if (m < 1 || m > size) throw outsideDomain("second", s, m);
  if (n < 1 || n > size) throw outsideDomain("third", s, n);
  if (text !== null) return tlaString(text.slice(m - 1, n));
  return m === 1 && n === size ? s : shared(tuple(elements.slice(m - 1, n)));
}

/** `SelectSeq(s, Test)`. */
export function selectSequence(s: Value, test: Operator): Value {
  const { elements } = sequenceArgument(s, "first", "SelectSeq");
  const selected: Value[] = [];
  for (const element of elements) {
    const verdict = test(element);
    if (typeof verdict !== "boolean") {
      throw argumentError("second", "SelectSeq", "a boolean-valued operator", verdict);
    }
    if (verdict) selected.push(element);
  }
  return selected.length === elements.length ? s : tuple(selected);
}

function onlySequence(value: Value, name: string): Tuple {
  const sequence = asTuple(value);
  if (sequence === null) throw onlyArgumentError(name, "a sequence", value);
  return sequence;
}

function emptySequence(name: string): EvaluationError {
  return new EvaluationError(`Attempted to apply ${name} to the empty sequence.`);
}

function evaluating(form: string, kind: string, value: Value): EvaluationError {
  return new EvaluationError(
    `Evaluating an expression of the form ${form} when s is not a ${kind}:\n${show(value)}`,
  );
}

function outsideDomain(position: Position, s: Value, index: number): EvaluationError {
  return new EvaluationError(
    `The ${position} argument of SubSeq must be in the domain of its first argument:\n` +
      `${show(s)}\n, but instead it is\n${index}`,
  );
}

const selectSeq: StandardOperator = {
  name: "SelectSeq",
  parameters: ["value", "operator"],
  apply: selectSequence,
};

export const sequences = standardModule(
  [],
  [
    operator("Seq", 1, (base: Value) => sequencesOver(asSet(base, "Seq"))),
    operator("Len", 1, length),
    operator("Head", 1, head),
    operator("Tail", 1, tail),
    operator("Append", 2, append),
    operator("\\o", 2, concatenate),
    operator("SubSeq", 3, subSequence),
    selectSeq,
  ],
);
