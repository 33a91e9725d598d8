/**
 * Whether the kernel that is loaded strays from `tla/Raft.tla` within the small bounds of
 * `bounds.ts`: a transition that is no step of the specification. A mutant that is known to show
 * itself in some of them is looked for there only. Invariants are evaluated too,
 * for what breaks one is not searched further, but they count for nothing here. Prints a
 * `Finding` as JSON: run it in a process with `hooks.ts`.
 */
import { loadConformance } from "../../model-checker/conformance.ts";
import type { Conformance, ConformanceFault } from "../../model-checker/conformance-contract.ts";
import { Search } from "../../model-checker/engine/search.ts";
import { type Focus, MAX_SECONDS } from "./bounds.ts";
import type { Finding } from "./finding.ts";
import { focusesOfMutant } from "./focuses-of.ts";

/** States expanded between two looks at the clock. */
const SLICE = 4096;

/** The first stray transition within `focus`, or null. */
async function strayIn({ bounds }: Focus): Promise<Pick<Finding, "property" | "traceLength">> {
  const specification = await loadConformance(bounds);
  const faults: ConformanceFault[] = [];
  const noting: Conformance = {
    check: (move) => {
      const fault = specification.check(move);
      if (fault !== null) faults.push(fault);
      return fault;
    },
    figures: specification.figures,
  };
  const search = new Search(bounds, { symmetry: true, conformance: noting });
  const end = performance.now() + MAX_SECONDS * 1000;
  while (faults.length === 0 && search.expandSome(SLICE)) if (performance.now() > end) break;
  const [first] = faults;
  if (first === undefined) return { property: null, traceLength: null };
  return { property: first.action, traceLength: search.found()?.path.length ?? null };
}

/** What strays first, in the first of `list` in which anything does. */
async function run(list: readonly Focus[]): Promise<Finding> {
  const start = performance.now();
  const seconds = (): number => (performance.now() - start) / 1000;
  for (const focus of list) {
    const stray = await strayIn(focus);
    if (stray.property !== null) return { ...stray, seconds: seconds(), scope: focus.name };
  }
  return { property: null, traceLength: null, seconds: seconds(), scope: null };
}

console.log(JSON.stringify(await run(focusesOfMutant("hinted"))));
