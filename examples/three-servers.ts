import {
  type Event,
  initialDurable,
  kernelConfig,
  recover,
  type State,
  step,
} from "../kernel/index.ts";

const founding = { voters: ["n1", "n2", "n3"], outgoingVoters: [], learners: [] };
const start = (id: string): State => recover(kernelConfig(id), initialDurable(founding)).state;
const servers = new Map(founding.voters.map((id) => [id, start(id)]));
const todo: [id: string, event: Event][] = [];

function happen(id: string, event: Event): void {
  const { state, effects } = step(kernelConfig(id), servers.get(id) as State, event);
  servers.set(id, state);
  for (const effect of effects) {
    if (effect.kind === "send") todo.push([effect.message.to, { ...effect, kind: "message" }]);
    if (effect.kind === "persist") todo.push([id, { ...effect, kind: "persisted" }]);
    if (effect.kind === "apply") console.log(id, "applies", JSON.stringify(effect.entries));
  }
  for (let next = todo.shift(); next !== undefined; next = todo.shift()) happen(...next);
}

happen("n1", { kind: "election-timeout" });
happen("n1", { kind: "propose", command: "x = 1" });
happen("n1", { kind: "heartbeat-timeout" });
