/**
 * `npm run bench:parts`: what the shell's parts do by themselves: the storage, the transport, the
 * journal and its audit; and how long a snapshot holds up the rest. Figures of one machine: read
 * the ratios.
 */
import { auditFigures } from "./audit.ts";
import { snapshotFigures } from "./snapshots.ts";
import { storageFigures } from "./storage.ts";
import { transportFigures } from "./transport.ts";

/** Numbers, rounded, below the name of what they are of. */
function print(name: string, figures: object): void {
  console.log(name);
  for (const [key, value] of Object.entries(figures)) {
    const text = typeof value === "number" ? Math.round(value).toLocaleString("en-US") : value;
    console.log(`  ${key.replace(/[A-Z]/g, (it) => ` ${it.toLowerCase()}`)}: ${text}`);
  }
}

for (const figures of storageFigures()) print("storage", figures);
print("snapshot under puts", await snapshotFigures());
print("transport", await transportFigures());
print("journal and audit", await auditFigures());
