/** Exactly-once holds of the kernel's sessions, and is seen to break where they are broken. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { openSession, sessionCommand, withSessions } from "../../kernel/index.ts";
import { exactlyOnceFault } from "../../spec/index.ts";
import { sessionCommands } from "../kernel/session-commands.ts";
import { agreesWithOracle } from "../kernel/session-oracle.ts";
import type { Mutant } from "../mutants/catalogue.ts";
import { mutatedText } from "../mutants/hooks.ts";
import { misbehaviours, sessionMutants } from "../mutants/sessions.ts";

const RUNS = 1000;
const folder = mkdtempSync(join(tmpdir(), "quorate-sessions-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** `withSessions` of a copy of the kernel with the bug in it. */
async function broken(mutant: Mutant): Promise<typeof withSessions> {
  const copy = join(folder, mutant.id);
  cpSync(join(import.meta.dirname, "../../kernel"), join(copy, "kernel"), { recursive: true });
  writeFileSync(join(copy, "package.json"), '{"type":"module"}');
  writeFileSync(join(copy, mutant.file), mutatedText(mutant));
  return (await import(pathToFileURL(join(copy, "kernel/sessions.ts")).href)).withSessions;
}

/** A shortest sequence with a fault; null where none of the runs has one. */
function search(faultOf: (commands: readonly string[]) => string | null) {
  const property = fc.property(sessionCommands, (commands) => faultOf(commands) === null);
  const { counterexample } = fc.check(property, { numRuns: RUNS, seed: 1 });
  return counterexample?.[0] ?? null;
}

describe("exactly-once", () => {
  it.each([1, 2, 3])("holds with at most %i sessions", (maxSessions) => {
    expect(search((commands) => exactlyOnceFault(commands, { maxSessions }))).toBeNull();
  });

  it("depends on the commands alone", () => {
    const commands = [openSession, sessionCommand(1, 1, "x"), sessionCommand(1, 1, "x")];
    expect(exactlyOnceFault(commands)).toBeNull();
    expect(exactlyOnceFault(commands)).toBeNull();
    expect(exactlyOnceFault([])).toBeNull();
  });

  it.each(sessionMutants)("breaks where $about ($id)", async (mutant) => {
    const wrap = await broken(mutant);
    const shortest = search((commands) => exactlyOnceFault(commands, { wrap }));
    expect(shortest).not.toBeNull();
    expect(exactlyOnceFault(shortest ?? [], { wrap })).toMatch(/^command \d|^the snapshot/);
  });

  it.each(misbehaviours)("is not all: $about ($id)", async (mutant) => {
    const wrap = await broken(mutant);
    expect(search((commands) => exactlyOnceFault(commands, { wrap }))).toBeNull();
    expect(search((it) => (agreesWithOracle(it, 2, wrap) ? null : "differs"))).not.toBeNull();
  });
});

describe("a fault says which command, and what is wrong", () => {
  const retried = [openSession, "session 1 1 x", "session 1 1 x"];

  it.each([
    ["B94", retried, 'command 2 "session 1 1 x": it takes effect again'],
    [
      "B94-snapshot",
      retried,
      'command 1 "session 1 1 x", from the snapshot after 1: answered with {"kind":"refused"',
    ],
    ["Q94-response", retried, 'command 2 "session 1 1 x": answered with null, and with 1 before'],
  ])("%s", async (id, commands, fault) => {
    const mutant = sessionMutants.find((it) => it.id === id) as Mutant;
    expect(exactlyOnceFault(commands, { wrap: await broken(mutant) })).toContain(fault);
  });

  it("a machine that takes what is no command of a session", () => {
    const wrap: typeof withSessions = (machine, options) => {
      const inner = withSessions(machine, options);
      const apply: typeof inner.apply = (state, text, index) => {
        const { state: next } = machine.apply(state.machine, text, index);
        return { ...inner.apply(state, text, index), state: { ...state, machine: next } };
      };
      return { ...inner, apply };
    };
    expect(exactlyOnceFault(["x"], { wrap })).toBe(
      'command 0 "x": it takes effect, and is refused',
    );
  });

  it("a machine that answers without an effect", () => {
    const wrap: typeof withSessions = (machine, options) => {
      const inner = withSessions(machine, options);
      const apply: typeof inner.apply = (...given) => {
        const next = inner.apply(...given);
        return { ...next, state: { ...next.state, machine: machine.initial } };
      };
      return { ...inner, apply };
    };
    expect(exactlyOnceFault([openSession, "session 1 1 x"], { wrap })).toBe(
      'command 1 "session 1 1 x": answered for the first time, it takes effect 0 times',
    );
  });

  it("a machine that restores nothing", () => {
    const wrap: typeof withSessions = (machine, options) => {
      const inner = withSessions(machine, options);
      return { ...inner, restore: () => inner.restore("") };
    };
    expect(exactlyOnceFault([], { wrap })).toContain(
      "the snapshot after 0 is not restored: SnapshotError: snapshot of sessions: ",
    );
  });

  it("a machine that does more once it was restored", () => {
    const wrap: typeof withSessions = (machine, options) => {
      const inner = withSessions(machine, options);
      let isRestored = false;
      const restore: typeof inner.restore = (text) => {
        isRestored = true;
        return inner.restore(text);
      };
      const apply: typeof inner.apply = (before, text, index) => {
        const { state, response } = inner.apply(before, text, index);
        if (!isRestored) return { state, response };
        const more = machine.apply(state.machine, text, index);
        return { state: { ...state, machine: more.state }, response };
      };
      return { ...inner, restore, apply };
    };
    expect(exactlyOnceFault([openSession], { wrap })).toBe(
      'command 0 "open-session", from the snapshot after 0: 1 effects, not 0',
    );
  });
});
