import { fromDocument } from "./graph.js";

const SETTLES = 180;
const NO_NODES = {};

/**
 * The changes that a person makes to the variables of a drawing that stands still, and what Python answers to them.
 * Python's changes are taken only where it has heard the last one made here, so that a rerun never moves a slider back.
 */
export class Scenario {
  constructor(send) {
    this.send = send;
    this.state = { graph: { nodes: [], edges: [] }, nodes: NO_NODES, changes: {}, height: 560, present: false, waiting: false, loads: 0 };
    this.sequence = Date.now();
    this.lastChange = 0;
    this.revision = null;
    this.timer = null;
    this.listeners = new Set();
  }

  subscribe = (listener) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  snapshot = () => this.state;

  /** Takes what Python sent. */
  receive(data) {
    const { nodes, changes, heard, present } = data.what_if;
    const current = (heard ?? 0) >= this.lastChange && this.timer === null;
    const news = { nodes: unlessSame(this.state.nodes, nodes), height: data.height, present: Boolean(present) };
    if (current) Object.assign(news, { changes: unlessSame(this.state.changes, changes), waiting: false });
    const document = JSON.stringify(data.doc);
    if (document !== this.revision) {
      this.revision = document;
      Object.assign(news, { graph: fromDocument(data.doc, this.state.graph), loads: this.state.loads + 1 });
    }
    this.update(news);
  }

  /** Changes one variable, or with null leaves it as it is; `soon` waits for a hand that is still moving. */
  change(name, change, soon = false) {
    const { [name]: _, ...others } = this.state.changes;
    const changes = change === null ? others : { ...others, [name]: change };
    if (JSON.stringify(changes) !== JSON.stringify(this.state.changes)) this.settle(changes, soon);
    else if (!soon && this.timer !== null) this.tell();
  }

  /** Leaves every variable as it is. */
  reset() {
    if (Object.keys(this.state.changes).length) this.settle({}, false);
  }

  settle(changes, soon) {
    this.update({ changes, waiting: true });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tell(), SETTLES);
    if (!soon) this.tell();
  }

  tell() {
    clearTimeout(this.timer);
    this.timer = null;
    this.sequence += 1;
    this.lastChange = this.sequence;
    this.send("changes", { changes: this.state.changes, seq: this.sequence });
  }

  update(news) {
    this.state = { ...this.state, ...news };
    for (const listener of this.listeners) listener();
  }
}

/** The names of the variables that come after a changed one along the arrows. */
export function downstream(graph, changed) {
  const names = new Map(graph.nodes.map(({ id, name }) => [id, name]));
  const found = new Set();
  const queue = [...changed];
  while (queue.length) {
    const here = queue.pop();
    for (const { kind, source, target } of graph.edges) {
      const next = names.get(target);
      if (kind !== "directed" || names.get(source) !== here || found.has(next)) continue;
      found.add(next);
      queue.push(next);
    }
  }
  return found;
}

function unlessSame(old, next) {
  return JSON.stringify(old) === JSON.stringify(next) ? old : next;
}
