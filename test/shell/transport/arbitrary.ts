/** Random values of a schema, so that no kind of message and no field is forgotten. */
import type * as AST from "effect/SchemaAST";
import fc from "fast-check";

const count = fc.oneof(fc.nat(9), fc.maxSafeNat());
const text = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.constant("\ud800"));

/** Random values that the schema describes, where its numbers are counts. */
export function arbitraryOf(ast: AST.AST): fc.Arbitrary<unknown> {
  switch (ast._tag) {
    case "String":
      return ast.checks === undefined ? text : text.filter((it) => it !== "");
    case "Number":
      return count;
    case "Boolean":
      return fc.boolean();
    case "Literal":
      return fc.constant(ast.literal);
    case "Union":
      return fc.oneof(...ast.types.map(arbitraryOf));
    case "Arrays":
      return fc.array(fc.oneof(...ast.rest.map(arbitraryOf)), { maxLength: 4 });
    case "Objects": {
      const fields = ast.propertySignatures.map(
        ({ name, type }) => [String(name), arbitraryOf(type)] as const,
      );
      return fc.record(Object.fromEntries(fields), { noNullPrototype: true });
    }
    default:
      throw new TypeError(`no values of a schema of ${ast._tag}`);
  }
}
