/**
 * A drawing as plain values: nodes {id, name, role, x, y, rest} and edges {id, kind, source, target}. Ids outlive a
 * rename; rest is what else Python said of a variable, and goes back to it untouched.
 * x and y are the middle of a card. Every function returns a new graph; a refusal throws a `Refusal`.
 */

export const LONGEST_NAME = 300;

/** An edit that cannot be made; its message is the sentence for the person. */
export class Refusal extends Error {}

/** The graph of a document that came from Python; known cards keep their ids. */
export function fromDocument(document, known = { nodes: [] }) {
  const ids = new Map(known.nodes.map((node) => [node.name, node.id]));
  const nodes = (document.nodes ?? []).map(({ name, role, x, y, ...rest }) => ({
    rest,
    id: ids.get(name) ?? freshId(),
    name,
    role: role ?? null,
    x: x ?? null,
    y: y ?? null,
  }));
  const idOf = new Map(nodes.map((node) => [node.name, node.id]));
  const edges = (kind, pairs) => (pairs ?? []).map(([a, b]) => edgeOf(kind, idOf.get(a), idOf.get(b)));
  return { nodes, edges: [...edges("directed", document.directed), ...edges("bidirected", document.bidirected)] };
}

/** The document for Python: names for ids, coordinates to a tenth of a pixel. */
export function toDocument(graph) {
  const nameOf = new Map(graph.nodes.map((node) => [node.id, node.name]));
  const pairs = (kind) =>
    graph.edges.filter((edge) => edge.kind === kind).map(({ source, target }) => [nameOf.get(source), nameOf.get(target)]);
  return {
    nodes: graph.nodes.map(({ name, role, x, y, rest }) => ({ ...rest, name, role, x: rounded(x), y: rounded(y) })),
    directed: pairs("directed"),
    bidirected: pairs("bidirected"),
  };
}

/** The graph with one more variable; throws where the name is empty, too long or taken. */
export function withNode(graph, name, { x, y }) {
  const node = { id: freshId(), name: acceptedName(graph, name, null), role: null, x, y, rest: {} };
  return { ...graph, nodes: [...graph.nodes, node] };
}

/** The graph with an arrow or a dashed arc; throws for a loop, a double or a cycle. */
export function withEdge(graph, kind, source, target) {
  const name = namesIn(graph);
  if (source === target) throw new Refusal(`"${name(source)}" cannot point at itself.`);
  const edge = edgeOf(kind, source, target);
  if (graph.edges.some((other) => other.id === edge.id)) {
    throw new Refusal(`${edgeLabel(graph, edge)} is already drawn.`);
  }
  if (kind === "directed") refuseCycle(graph, source, target);
  return { ...graph, edges: [...graph.edges, edge] };
}

/** The graph without these nodes and edges, and without the edges of removed nodes. */
export function without(graph, ids) {
  const gone = new Set(ids);
  return {
    nodes: graph.nodes.filter((node) => !gone.has(node.id)),
    edges: graph.edges.filter(({ id, source, target }) => !gone.has(id) && !gone.has(source) && !gone.has(target)),
  };
}

/** The graph with one variable renamed; the same graph where the name stays. */
export function renamed(graph, id, name) {
  const node = graph.nodes.find((other) => other.id === id);
  const accepted = acceptedName(graph, name, id);
  return accepted === node.name ? graph : changed(graph, [id], () => ({ name: accepted }));
}

/** The graph with these variables in this role; the same graph where all have it already. */
export function withRole(graph, ids, role) {
  const wanted = new Set(ids);
  const differs = graph.nodes.some((node) => wanted.has(node.id) && node.role !== role);
  return differs ? changed(graph, ids, () => ({ role })) : graph;
}

/** The graph with cards moved to `places`: id -> {x, y}. */
export function moved(graph, places) {
  return changed(graph, [...places.keys()], (node) => places.get(node.id));
}

/** `age → clicks` or `age ↔ clicks`. */
export function edgeLabel(graph, edge) {
  const name = namesIn(graph);
  return `${name(edge.source)} ${edge.kind === "directed" ? "→" : "↔"} ${name(edge.target)}`;
}

function edgeOf(kind, source, target) {
  const [first, last] = kind === "bidirected" && source > target ? [target, source] : [source, target];
  return { id: `${kind}:${first}:${last}`, kind, source, target };
}

function refuseCycle(graph, source, target) {
  const way = directedPath(graph, target, source);
  if (!way) return;
  const name = namesIn(graph);
  const cycle = [source, ...way].map(name).join(" → ");
  throw new Refusal(`${name(source)} → ${name(target)} would close the cycle ${cycle}. Remove one of its arrows first.`);
}

function directedPath(graph, start, goal) {
  const cameFrom = new Map([[start, null]]);
  const queue = [start];
  while (queue.length) {
    const here = queue.shift();
    if (here === goal) return backtrack(cameFrom, goal);
    for (const { kind, source, target } of graph.edges) {
      if (kind === "directed" && source === here && !cameFrom.has(target)) {
        cameFrom.set(target, here);
        queue.push(target);
      }
    }
  }
  return null;
}

function backtrack(cameFrom, goal) {
  const way = [];
  for (let here = goal; here !== null; here = cameFrom.get(here)) way.unshift(here);
  return way;
}

function acceptedName(graph, name, ownId) {
  const trimmed = name.trim();
  if (!trimmed) throw new Refusal("A variable needs a name.");
  if ([...trimmed].length > LONGEST_NAME) throw new Refusal(`A name has at most ${LONGEST_NAME} characters.`);
  if (graph.nodes.some((node) => node.name === trimmed && node.id !== ownId)) {
    throw new Refusal(`There is already a variable "${trimmed}". Choose another name.`);
  }
  return trimmed;
}

function changed(graph, ids, change) {
  const wanted = new Set(ids);
  return { ...graph, nodes: graph.nodes.map((node) => (wanted.has(node.id) ? { ...node, ...change(node) } : node)) };
}

function namesIn(graph) {
  const names = new Map(graph.nodes.map((node) => [node.id, node.name]));
  return (id) => names.get(id);
}

function rounded(value) {
  return value === null ? null : Math.round(value * 10) / 10;
}

let lastId = 0;

function freshId() {
  lastId += 1;
  return `v${lastId}`;
}
