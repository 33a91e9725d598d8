/**
 * Writes V8's coverage after each test file. Vitest ends its workers by a signal, and a process
 * that dies of a signal writes none: without this, c8 would report 0% whatever the tests do.
 */
import { takeCoverage } from "node:v8";
import { afterAll } from "vitest";

if (process.env["NODE_V8_COVERAGE"] !== undefined) afterAll(() => takeCoverage());
