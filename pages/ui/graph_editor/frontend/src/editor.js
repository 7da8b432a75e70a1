import { fromDocument, Refusal, toDocument } from "./graph.js";
import { placed } from "./layout.js";
import { NOTHING_MARKED } from "./marks.js";

const DEEPEST = 200;
const ONE_NUDGE = 800;
const NOTHING_READ = { causal: [], biasing: [], biasing_bidirected: [], adjust: [], advice: {}, paths: [], paths_complete: true };

/**
 * The drawing on one canvas with the proposals that were dismissed, their undo history, and the conversation with Python.
 * Python's document is taken only at the start and when its revision grew, so that a rerun never disturbs the hand; its
 * list of dismissals only where it has heard the last one made here.
 */
export class Editor {
  constructor(send) {
    this.send = send;
    this.state = {
      graph: { nodes: [], edges: [] },
      dismissed: [],
      past: [],
      future: [],
      message: null,
      columns: [],
      reading: NOTHING_READ,
      marks: NOTHING_MARKED,
      readOnly: false,
      height: 580,
      loads: 0,
    };
    this.revision = null;
    this.lastDismissal = 0;
    this.sequence = Date.now();
    this.screenWidth = 800;
    this.listeners = new Set();
  }

  subscribe = (listener) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  snapshot = () => this.state;

  /** Takes what Python sent: always the reading, the marks and the columns, the document only when it is newer. */
  receive(data) {
    const { dismissed, ...marks } = data.marks ?? {};
    const heard = dismissed !== undefined && (data.heard ?? 0) >= this.lastDismissal;
    const news = {
      columns: unlessSame(this.state.columns, data.columns ?? []),
      reading: unlessSame(this.state.reading, { ...NOTHING_READ, ...data.reading }),
      marks: unlessSame(this.state.marks, { ...NOTHING_MARKED, ...marks }),
      dismissed: heard ? unlessSame(this.state.dismissed, dismissed) : this.state.dismissed,
      readOnly: Boolean(data.read_only),
      height: data.height ?? 580,
    };
    if (this.revision !== null && !(data.pyrev > this.revision)) {
      if (Object.keys(news).some((field) => news[field] !== this.state[field])) this.update(news);
      return;
    }
    const first = this.revision === null;
    this.revision = data.pyrev;
    this.update({ ...news, ...this.replaced(data.doc, first), message: errorOf(data.message) });
  }

  /** Makes an edit: `change` takes the graph and returns the next one, or throws a refusal, which is shown. */
  edit(operation, change, spoken = null) {
    if (this.state.readOnly) return null;
    try {
      const next = change(this.state.graph);
      if (next === this.state.graph) return next;
      const past = this.continues(operation) ? this.state.past : this.remembered();
      this.commit(operation, { graph: next, past, future: [] }, spoken);
      return next;
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      this.say(refusal.message, "error");
      return null;
    }
  }

  /** Makes these the dismissed proposals: [left, right] each. */
  dismiss(dismissed, spoken) {
    if (!this.state.readOnly) this.commit("dismiss", { dismissed, past: this.remembered(), future: [] }, spoken);
  }

  undo() {
    const { past, future, readOnly } = this.state;
    if (readOnly || past.length === 0) return;
    this.commit("undo", { ...past.at(-1), past: past.slice(0, -1), future: [this.moment(), ...future] }, "Undone");
  }

  redo() {
    const { past, future, readOnly } = this.state;
    if (readOnly || future.length === 0) return;
    this.commit("redo", { ...future[0], past: [...past, this.moment()], future: future.slice(1) }, "Done again");
  }

  moment() {
    return { graph: this.state.graph, dismissed: this.state.dismissed };
  }

  remembered() {
    return [...this.state.past, this.moment()].slice(-DEEPEST);
  }

  /** Shows a sentence under the drawing; kind is "note" or "error". */
  say(text, kind = "note") {
    this.update({ message: text === null ? null : { text, kind } });
  }

  /** Whether this is one more press of a held arrow key, which one undo takes back as a whole. */
  continues(operation) {
    const since = performance.now() - (this.lastNudge ?? -Infinity);
    this.lastNudge = operation === "nudge" ? performance.now() : undefined;
    return operation === "nudge" && since < ONE_NUDGE;
  }

  replaced(document, first) {
    const { graph, past } = this.state;
    const next = placed(fromDocument(document, graph), this.screenWidth);
    const loads = this.state.loads + 1;
    if (first) return { graph: next, past: [], future: [], loads };
    const refused = past.length > 0 && same(past.at(-1).graph, next);
    return { graph: next, past: refused ? past.slice(0, -1) : this.remembered(), future: [], loads: refused ? this.state.loads : loads };
  }

  commit(operation, news, spoken) {
    const before = this.moment();
    this.update({ ...news, message: spoken === null ? null : { text: spoken, kind: "note" } });
    this.sequence += 1;
    const { graph, dismissed } = this.state;
    if (graph !== before.graph) this.send("doc", { doc: toDocument(graph), op: operation, seq: this.sequence, pyrev: this.revision });
    if (dismissed === before.dismissed) return;
    this.lastDismissal = this.sequence;
    this.send("dismissed", { pairs: dismissed, seq: this.sequence });
  }

  update(news) {
    this.state = { ...this.state, ...news };
    for (const listener of this.listeners) listener();
  }
}

function errorOf(message) {
  return message ? { text: message, kind: "error" } : null;
}

function unlessSame(old, next) {
  return JSON.stringify(old) === JSON.stringify(next) ? old : next;
}

function same(a, b) {
  return JSON.stringify(toDocument(a)) === JSON.stringify(toDocument(b));
}
