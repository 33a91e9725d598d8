/**
 * What a configuration puts in the place of constants and definitions, and where it reaches:
 * `name <- ...` and `name = ...` replace what the root module sees, `name <- [M] ...` what module
 * M sees. Either way the definition itself is replaced, for all modules that use it. Specifying
 * Systems §14.7.1; where that leaves something open, as TLC does.
 */
import { isBuiltin } from "./builtin.ts";
import type { ConfigValue, ModelConfig } from "./config.ts";
import type { FindModule, Meaning, Scope } from "./scope.ts";
import { standardModules } from "./standard/index.ts";
import { type Expression, TlaError } from "./syntax.ts";
import { finiteSet, modelValue, tlaString, type Value } from "./values/index.ts";

interface Replaced {
  readonly meaning: Meaning;
  /** It was `name <- [M] ...`. */
  readonly isScoped: boolean;
}

/** The replacements of one configuration, for the linker. */
export class Overrides {
  private readonly visible = new Map<string, Meaning>();
  private readonly definitions = new Map<string, Replaced>();
  private readonly pending: { scope: Scope | null }[] = [];

  /** What is read from `config`; @throws TlaError for a replacement of what does not exist. */
  constructor(root: string, find: FindModule, config: ModelConfig) {
    const modules = { find, root };
    // A value for what nobody declares changes nothing.
    for (const { name, module, value } of config.constants) {
      this.add(name, module, { kind: "value", value: configured(value) }, modules);
    }
    const replaced = new Set(config.replacements.map(({ name }) => name));
    for (const { name, module, replacement, at } of config.replacements) {
      if (replaced.has(replacement)) {
        throw new TlaError(`${replacement} is replaced itself: it cannot replace ${name}`, at);
      }
      const expression: Expression = {
        kind: "apply",
        instance: [],
        name: replacement,
        arguments: [],
        at,
      };
      // The scope exists only after linking; nothing is looked up before.
      const meaning = { kind: "alias" as const, expression, scope: null as Scope | null };
      this.pending.push(meaning);
      if (!this.add(name, module, meaning as Meaning, modules)) {
        throw new TlaError(`${module ?? root} has no ${name} to replace`, at);
      }
    }
  }

  private add(
    name: string,
    module: string | null,
    meaning: Meaning,
    { root, find }: { readonly root: string; readonly find: FindModule },
  ): boolean {
    const home = homeOf(name, module ?? root, find, module !== null);
    if (home === null) return false;
    if (module === null) this.visible.set(name, meaning);
    this.definitions.set(`${home}!${name}`, { meaning, isScoped: module !== null });
    return true;
  }

  /** Looks the names on the right side up in the root module's scope, from now on. */
  bindTo(scope: Scope): void {
    for (const meaning of this.pending) meaning.scope = scope;
  }

  /** What stands for a constant that the root module sees. */
  constant(name: string): Meaning | null {
    return this.visible.get(name) ?? null;
  }

  /** What stands for the definition of `name` in `module`, `isCopied` by INSTANCE from there. */
  definition(name: string, module: string, isCopied: boolean): Meaning | null {
    const replaced = this.definitions.get(`${module}!${name}`);
    return replaced === undefined || (isCopied && !replaced.isScoped) ? null : replaced.meaning;
  }

  /** What stands for a definition that the root module has from INSTANCE. */
  copy(name: string): Meaning | null {
    return this.visible.get(name) ?? null;
  }
}

/** The module that defines, or declares, what `name` is in `module`; null where nothing is. */
function homeOf(
  name: string,
  module: string,
  find: FindModule,
  isDefinition: boolean,
): string | null {
  const found = find(module);
  if (found === undefined) {
    const standard = standardModules.get(module);
    if (standard?.operators.has(name)) return module;
    return firstHome(name, standard?.extends ?? [], find, isDefinition);
  }
  for (const unit of found.units) {
    const isHere =
      unit.kind === "operator" || unit.kind === "function-definition"
        ? unit.name === name
        : unit.kind === "constants" &&
          !isDefinition &&
          unit.parameters.some((parameter) => parameter.name === name);
    if (isHere) return module;
  }
  const copied = found.units.flatMap((unit) =>
    unit.kind === "instance" && unit.name === null ? [unit.module] : [],
  );
  const extended = found.extends.map((each) => each.name);
  return firstHome(name, [...extended, ...copied], find, isDefinition);
}

function firstHome(
  name: string,
  modules: readonly string[],
  find: FindModule,
  isDefinition: boolean,
): string | null {
  for (const module of modules) {
    const home = homeOf(name, module, find, isDefinition);
    if (home !== null) return home;
  }
  return null;
}

/** @throws TlaError where the right side of a replacement is nothing in `scope`. */
export function checkReplacements({ replacements }: ModelConfig, scope: Scope): void {
  for (const { name, replacement, at } of replacements) {
    if (scope.lookup(replacement) === undefined && !isBuiltin(replacement)) {
      throw new TlaError(`${replacement}, to replace ${name}, is not defined`, at);
    }
  }
}

/** A value written in a configuration. */
function configured(value: ConfigValue): Value {
  switch (value.kind) {
    case "number":
    case "boolean":
      return value.value;
    case "string":
      return tlaString(value.value);
    case "model-value":
      return modelValue(value.name);
    case "set":
      return finiteSet(value.elements.map(configured));
  }
}
