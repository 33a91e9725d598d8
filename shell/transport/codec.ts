/**
 * Values as bytes: JSON in UTF-8, which is exact for every string, unpaired surrogates included.
 * The reader is derived from the schema once and does what `Schema.decodeUnknown` would, without
 * its cost: it takes what the schema describes, drops fields that the schema does not know, and
 * refuses everything else.
 */
import { isUtf8 } from "node:buffer";
import * as Result from "effect/Result";
import * as Schema from "effect/Schema";
import type * as AST from "effect/SchemaAST";

/** A reader's answer for what the schema does not describe. */
const NOTHING = Symbol("nothing");
/** Characters: what is wrong may quote what came, and that may be long. */
const MAX_EXPLANATION = 300;
type Read = (value: unknown) => unknown;

/** Reads bytes as a value of the schema, or says what is wrong with them. */
export type Decoder<A> = (bytes: Uint8Array) => Result.Result<A, string>;

/** The bytes of a value that has a schema. */
export function encode(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** The reader of a schema's values. Throws for a schema that uses what no message needs. */
export function decoderOf<A>(schema: Schema.Decoder<A>): Decoder<A> {
  const read = readerOf(schema.ast);
  const explain = Schema.decodeUnknownResult(schema);
  return (bytes) => {
    if (!isUtf8(bytes)) return Result.fail("not UTF-8");
    let json: unknown;
    try {
      json = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString());
    } catch {
      return Result.fail("not JSON");
    }
    const value = read(json);
    if (value !== NOTHING) return Result.succeed(value as A);
    // Only now, for the slow way can say what is wrong.
    return Result.mapError(explain(json), (error) => error.message.slice(0, MAX_EXPLANATION));
  };
}

function readerOf(ast: AST.AST): Read {
  const read = plainReaderOf(ast);
  if (ast.checks === undefined) return read;
  const filters = filtersOf(ast.checks);
  return (value) => {
    const result = read(value);
    if (result === NOTHING) return NOTHING;
    for (const isGood of filters) if (!isGood(result, ast)) return NOTHING;
    return result;
  };
}

type Filter = (value: unknown, ast: AST.AST) => boolean;

/** A schema's checks, groups resolved. */
function filtersOf(checks: readonly AST.Check<never>[]): readonly Filter[] {
  return checks.flatMap((check) => {
    if (check._tag === "FilterGroup") return filtersOf(check.checks);
    return [(value, ast) => check.run(value as never, ast, {}) === undefined];
  });
}

function plainReaderOf(ast: AST.AST): Read {
  switch (ast._tag) {
    case "String":
      return (value) => (typeof value === "string" ? value : NOTHING);
    case "Number":
      return (value) => (typeof value === "number" ? value : NOTHING);
    case "Boolean":
      return (value) => (typeof value === "boolean" ? value : NOTHING);
    case "Literal":
      return (value) => (value === ast.literal ? value : NOTHING);
    case "Objects":
      return objectReader(ast);
    case "Arrays":
      return listReader(ast);
    case "Union":
      return unionReader(ast);
    default:
      throw new TypeError(`no codec for a schema of ${ast._tag}`);
  }
}

/** Gives the object itself where nothing is to be dropped from it: most need no copy. */
function objectReader(ast: AST.Objects): Read {
  const names = ast.propertySignatures.map(({ name }) => name as string);
  const reads = ast.propertySignatures.map(({ type }) => readerOf(type));
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return NOTHING;
    const fields = value as Record<string, unknown>;
    let copy: Record<string, unknown> | null = null;
    if (Object.keys(fields).length !== names.length) copy = {};
    for (let at = 0; at < names.length; at++) {
      const name = names[at] as string;
      const field = fields[name];
      // What is not there is undefined, and no reader takes that.
      const result = (reads[at] as Read)(field);
      if (result === NOTHING) return NOTHING;
      if (result !== field) copy ??= { ...fields };
      if (copy !== null) copy[name] = result;
    }
    return copy ?? fields;
  };
}

/** Gives the list itself where nothing is to be dropped from what is in it. */
function listReader(ast: AST.Arrays): Read {
  const [item] = ast.rest;
  if (item === undefined || ast.rest.length > 1 || ast.elements.length > 0) {
    throw new TypeError("no codec for a tuple");
  }
  const read = readerOf(item);
  return (value) => {
    if (!Array.isArray(value)) return NOTHING;
    let copy: unknown[] | null = null;
    for (let at = 0; at < value.length; at++) {
      const result = read(value[at]);
      if (result === NOTHING) return NOTHING;
      if (result !== value[at]) copy ??= [...value];
      if (copy !== null) copy[at] = result;
    }
    return copy ?? value;
  };
}

/** The variant of an object is found by its `kind`, where that tells them apart. */
function unionReader(ast: AST.Union): Read {
  const reads = ast.types.map(readerOf);
  const byKind = new Map<unknown, Read>();
  for (const [at, type] of ast.types.entries()) {
    const kind = kindOf(type);
    const read = reads[at];
    if (kind !== null && read !== undefined) byKind.set(kind, read);
  }
  if (byKind.size === reads.length) {
    return (value) => {
      if (typeof value !== "object" || value === null) return NOTHING;
      return byKind.get((value as { readonly kind?: unknown }).kind)?.(value) ?? NOTHING;
    };
  }
  return (value) => {
    for (const read of reads) {
      const result = read(value);
      if (result !== NOTHING) return result;
    }
    return NOTHING;
  };
}

function kindOf(ast: AST.AST): unknown {
  if (ast._tag !== "Objects") return null;
  const type = ast.propertySignatures.find(({ name }) => name === "kind")?.type;
  return type?._tag === "Literal" ? type.literal : null;
}
