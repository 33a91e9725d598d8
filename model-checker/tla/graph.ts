/**
 * The labelled graph of a model: its states, and its steps with the actions that take them. The
 * same graph has the same hash, whether it was explored here or is TLC's (`-dump
 * dot,actionlabels`): values count, not their order or their notation.
 */
import { createHash } from "node:crypto";
import { explore } from "./explore.ts";
import { type TlaModel, type TlaState, UNNAMED } from "./model.ts";
import { loadParser, type TlaParser } from "./parser.ts";
import type { Expression } from "./syntax.ts";
import { FunctionValue, ModelValue, SetValue, TlaString, type Value } from "./values/index.ts";

/** What is compared of a graph. */
export interface GraphDigest {
  readonly states: number;
  /** Different triples of a state, an action and a state. */
  readonly edges: number;
  /** SHA-256 of all states and edges. */
  readonly hash: string;
}

/** Explores `model`, which has no SYMMETRY and no VIEW: with them, states stand for others. */
export async function graphOf(model: TlaModel): Promise<GraphDigest> {
  const graph = new Graph();
  const parser = await loadParser();
  const labels = new Map<string, string>();
  const keys = new WeakMap<TlaState, string>();
  const texts = new WeakMap<object, string>();
  const keyOf = (state: TlaState): string => {
    let key = keys.get(state);
    if (key === undefined) {
      const parts = model.variables.map((name, i) => `${name}=${textOf(state[i] as Value, texts)}`);
      key = graph.add(parts);
      keys.set(state, key);
    }
    return key;
  };
  await explore(model, {
    onEdge: (before, action, after) => {
      if (before === null) return graph.begin(keyOf(after));
      let label = labels.get(action);
      if (label === undefined) {
        label = labelText(action, parser);
        labels.set(action, label);
      }
      graph.connect(keyOf(before), label, keyOf(after));
    },
  });
  return graph.digest();
}

/** The graph in what TLC writes with `-dump dot,actionlabels`. @throws Error where it is not. */
export async function graphOfDot(dot: string): Promise<GraphDigest> {
  const graph = new Graph();
  const parser = await loadParser();
  const keys = new Map<string, string>();
  const keyOf = (id: string): string => {
    const key = keys.get(id);
    if (key === undefined) throw new Error(`the dump has no state ${id}`);
    return key;
  };
  const lines = dot.split("\n");
  for (const line of lines) {
    const node = /^(-?\d+) \[label="((?:\\.|[^"\\])*)"(,style = filled\])?/.exec(line);
    if (node === null) continue;
    const key = graph.add(stateParts(unescaped(node[2] as string), parser));
    keys.set(node[1] as string, key);
    if (node[3] !== undefined) graph.begin(key);
  }
  for (const line of lines) {
    const edge = /^(-?\d+) -> (-?\d+) \[label="((?:\\.|[^"\\])*)"/.exec(line);
    if (edge === null) continue;
    const [, from, to, label] = edge as unknown as [string, string, string, string];
    graph.connect(keyOf(from), labelText(unescaped(label), parser), keyOf(to));
  }
  return graph.digest();
}

/** Collects states and edges in any order, and any number of times. */
class Graph {
  private readonly states = new Set<string>();
  private readonly initial = new Set<string>();
  private readonly edges = new Set<string>();

  /** A state by what its variables are; answers its key. */
  add(parts: readonly string[]): string {
    const key = sha256([...parts].sort());
    this.states.add(key);
    return key;
  }

  begin(key: string): void {
    this.initial.add(key);
  }

  connect(from: string, label: string, to: string): void {
    this.edges.add(`${from} ${label} ${to}`);
  }

  digest(): GraphDigest {
    const { states, initial, edges } = this;
    const all = [states, initial, edges].flatMap((set, i) => [...set].map((key) => `${i} ${key}`));
    return { states: states.size, edges: edges.size, hash: sha256(all.sort()) };
  }
}

function sha256(lines: readonly string[]): string {
  return createHash("sha256").update(lines.join("\n")).digest("hex");
}

/** A value as text: equal values have the same, whatever they are made of. */
function textOf(value: Value, known: WeakMap<object, string>): string {
  if (typeof value !== "object") return String(value);
  const before = known.get(value);
  if (before !== undefined) return before;
  const text = textOfObject(value, (part) => textOf(part, known));
  known.set(value, text);
  return text;
}

function textOfObject(value: Value & object, text: (part: Value) => string): string {
  if (value instanceof TlaString) return JSON.stringify(value.text);
  if (value instanceof ModelValue) return value.name;
  if (value instanceof SetValue) return setText(value.elements().map(text));
  if (!(value instanceof FunctionValue)) throw new Error("a state holds only values");
  const keys = value.domain().elements();
  return functionText(keys.map((key) => [text(key), text(value.apply(key))]));
}

function setText(elements: readonly string[]): string {
  return `{${[...new Set(elements)].sort().join()}}`;
}

/** Tuples and records are functions, and written as such. */
function functionText(pairs: readonly (readonly [string, string])[]): string {
  const written = pairs.map(([key, value]) => `${key}:${value}`);
  return `[${written.sort().join()}]`;
}

/** `/\ x = 1` for every variable, or `x = 1` for the only one. */
function stateParts(text: string, parser: TlaParser): readonly string[] {
  const state = parser.parseExpression(text);
  return (state.kind === "and" ? state.operands : [state]).map((part) => {
    if (part.kind !== "apply" || part.name !== "=") throw notANode(text);
    const [variable, value] = part.arguments as [Expression, Expression];
    if (variable.kind !== "apply") throw notANode(text);
    return `${variable.name}=${textOfWritten(value)}`;
  });
}

function notANode(text: string): Error {
  return new Error(`not a state that TLC writes: ${text}`);
}

/** The same text as `textOf`, from a value in TLC's notation. */
function textOfWritten(e: Expression): string {
  switch (e.kind) {
    case "number":
      return String(e.value);
    case "string":
      return JSON.stringify(e.value);
    case "set":
      return setText(e.elements.map(textOfWritten));
    case "tuple":
      return functionText(e.elements.map((element, i) => [String(i + 1), textOfWritten(element)]));
    case "record":
      return functionText(
        e.fields.map(({ name, value }) => [JSON.stringify(name), textOfWritten(value)]),
      );
    case "apply":
      return textOfApplied(e);
    default:
      throw new Error(`not a value that TLC writes: ${e.kind}`);
  }
}

function textOfApplied(e: Extract<Expression, { kind: "apply" }>): string {
  const [first, second] = e.arguments;
  if (first === undefined) return isTruth(e.name) ? e.name.toLowerCase() : e.name;
  if (e.name === "-." && first.kind === "number") return String(-first.value);
  if (e.name === ".." && second !== undefined) return intervalText(first, second);
  return functionText(pairsOf(e));
}

function isTruth(name: string): boolean {
  return name === "TRUE" || name === "FALSE";
}

function intervalText(first: Expression, last: Expression): string {
  const [low, high] = [Number(textOfWritten(first)), Number(textOfWritten(last))];
  return setText(Array.from({ length: high - low + 1 }, (_, i) => String(low + i)));
}

/** The pairs of `a :> 1 @@ b :> 2`. */
function pairsOf(e: Expression): readonly (readonly [string, string])[] {
  if (e.kind === "apply") {
    const [first, second] = e.arguments;
    if (first !== undefined && second !== undefined) {
      if (e.name === "@@") return [...pairsOf(first), ...pairsOf(second)];
      if (e.name === ":>") return [[textOfWritten(first), textOfWritten(second)]];
    }
  }
  throw new Error("not a function that TLC writes");
}

/** A label, its arguments as text that does not depend on how they are written. */
function labelText(label: string, parser: TlaParser): string {
  if (label === "UnnamedAction") return UNNAMED;
  const paren = label.indexOf("(");
  if (paren === -1) return label;
  const given = parser.parseExpression(`<<${label.slice(paren + 1, -1)}>>`);
  if (given.kind !== "tuple") throw new Error(`not a label that TLC writes: ${label}`);
  return `${label.slice(0, paren)}(${given.elements.map(textOfWritten).join()})`;
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
}
