/** From files to a model: the module, what it extends and instantiates, and its configuration. */
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { parseConfig } from "./config.ts";
import { loadModel, type ModelOptions, type TlaModel } from "./model.ts";
import { holdsModule, sourceText } from "./parse/source-text.ts";
import { loadParser } from "./parser.ts";
import { numberTexts, numberValues, type ReadModule } from "./reading-order.ts";
import type { FindModule } from "./scope.ts";
import { standardModules } from "./standard/index.ts";
import { type Module, type Span, TlaError, type Unit } from "./syntax.ts";

/** Where modules are looked for, and what to leave out. */
export interface LoadOptions extends ModelOptions {
  /** Folders to look in after the one that holds the module. */
  readonly libraries?: readonly string[];
}

/**
 * Reads a .tla file with everything it needs, and its configuration.
 * @throws TlaError for what is wrong in a file, and the file system's error for the two given.
 */
export async function loadFile(
  moduleFile: string,
  configFile: string,
  options: LoadOptions = {},
): Promise<TlaModel> {
  // TLC reads the configuration first too: strings are ordered by their first appearance.
  const config = parseConfig(configFile, await readFile(configFile, "utf8"));
  numberValues(config);
  const { root, find } = await readModules(moduleFile, options.libraries);
  return loadModel(root, find, config, options);
}

/** A module and all that it needs, read from files. */
export interface Modules {
  readonly root: string;
  readonly find: FindModule;
}

/** Reads a .tla file with everything it needs. Errors as of `loadFile`. */
export async function readModules(
  moduleFile: string,
  libraries: readonly string[] = [],
): Promise<Modules> {
  const folders = [dirname(moduleFile), ...libraries];
  const modules = new Map<string, Module>();
  const read = new Map<string, ReadModule>();
  const files: SourceFile[] = [{ file: moduleFile, text: await readFile(moduleFile, "utf8") }];
  const parser = await loadParser();
  const add = ({ file, text }: SourceFile, name: string): readonly Needed[] => {
    const module = parser.parseModule(file, text, name);
    modules.set(module.name, module);
    const { extended, instanced } = neededBy(module);
    read.set(module.name, {
      text: sourceText(file, text, { module: name }).text,
      extended: extended.map((each) => each.name),
      instanced: instanced.map((each) => each.name),
    });
    return [...extended, ...instanced];
  };
  const pending = [...add(files[0] as SourceFile, basename(moduleFile, ".tla"))];
  const root = [...modules.keys()][0] as string;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (modules.has(next.name) || standardModules.has(next.name)) continue;
    const found = await findModule(next.name, next.at, folders, files);
    if (!files.includes(found)) files.push(found);
    pending.push(...add(found, next.name));
  }
  numberTexts(root, read);
  return { root, find: (name) => modules.get(name) };
}

interface SourceFile {
  readonly file: string;
  readonly text: string;
}

/** A file of the module's name, or one read already that holds the module beside another. */
async function findModule(
  name: string,
  at: Span,
  folders: readonly string[],
  known: readonly SourceFile[],
): Promise<SourceFile> {
  for (const folder of folders) {
    const file = join(folder, `${name}.tla`);
    const text = await readFile(file, "utf8").catch(() => null);
    if (text !== null) return { file, text };
  }
  const shared = known.find(({ text }) => holdsModule(text, name));
  if (shared !== undefined) return shared;
  if (UNSUPPORTED.includes(name)) {
    throw new TlaError(`the standard module ${name} is not supported`, at);
  }
  throw new TlaError(`module ${name} was not found in ${folders.join(", ")}`, at);
}

/** Modules that come with TLC, or with its users' collection, and need more than TLA+ to run. */
const UNSUPPORTED: readonly string[] = [
  "Reals",
  "RealTime",
  "Randomization",
  "TLCExt",
  "Toolbox",
  "IOUtils",
  "Json",
  "CSV",
];

/** A module's name, and where it is named. */
interface Needed {
  readonly name: string;
  readonly at: Span;
}

/** The modules that `module` names, those inside it left out. */
function neededBy(module: Module): {
  readonly extended: readonly Needed[];
  readonly instanced: readonly Needed[];
} {
  const extended: Needed[] = [...module.extends];
  const instanced: Needed[] = [];
  const inside = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    if (Array.isArray(node)) return node.forEach(visit);
    // An INSTANCE may stand in any LET.
    const { kind } = node as { kind?: unknown };
    if (kind === "instance") {
      const { module: name, at } = node as Extract<Unit, { kind: "instance" }>;
      instanced.push({ name, at });
    } else if (kind === "module") {
      const inner = (node as Extract<Unit, { kind: "module" }>).module;
      inside.add(inner.name);
      extended.push(...inner.extends);
    }
    for (const part of Object.values(node)) visit(part);
  };
  visit(module.units);
  const isOutside = ({ name }: Needed) => !inside.has(name);
  return { extended: extended.filter(isOutside), instanced: instanced.filter(isOutside) };
}

/** The configuration that belongs to a module if none is named: the same name, `.cfg`. */
export function configFileOf(moduleFile: string): string {
  return join(dirname(moduleFile), `${basename(moduleFile, ".tla")}.cfg`);
}
