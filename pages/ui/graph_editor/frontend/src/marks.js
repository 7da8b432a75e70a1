/**
 * What lies over the drawing and is no part of it: promises that the data break, proposals, edges that another version
 * has more, and fitted numbers on edges. A mark is {id, sort, left, right, kind, source, target, …}; source and target are ids of cards, null
 * where the variable is not drawn.
 */

export const NOTHING_MARKED = { broken: [], proposed: [], added: [], removed: [], numbers: [] };

const SIGNS = { directed: "→", bidirected: "↔", undirected: "—", "partly directed": "∘→", broken: "≁" };
const WORDS = {
  directed: "",
  bidirected: "an unobserved common cause",
  undirected: "direction unknown",
  "partly directed": "an arrow, or an unobserved common cause",
};

/** The key of a pair of variables, the same in both orders. */
export function pairKey(left, right) {
  return JSON.stringify([left, right].sort());
}

/** The marks that still stand: {broken, proposed, dismissed, removed}; an edge between two cards hides the marks between them. */
export function standingMarks(graph, marks, dismissed) {
  const ids = new Map(graph.nodes.map((node) => [node.name, node.id]));
  const joined = new Set(graph.edges.map(({ source, target }) => pairKey(source, target)));
  const gone = new Set(dismissed.map(([left, right]) => pairKey(left, right)));
  const marked = (sort, entries) =>
    onePerId(
      entries.map((entry) => ({
        ...entry,
        sort,
        kind: entry.kind ?? sort,
        id: `${sort}:${pairKey(entry.left, entry.right)}`,
        source: ids.get(entry.left) ?? null,
        target: ids.get(entry.right) ?? null,
      })),
    ).filter(({ source, target, left, right }) => left !== right && !(source && target && joined.has(pairKey(source, target))));
  const proposed = marked("proposed", marks.proposed);
  const removed = marks.removed.map(([left, right, kind]) => ({ left, right, kind }));
  return {
    broken: marked("broken", marks.broken).filter(drawn),
    proposed: proposed.filter(({ left, right }) => !gone.has(pairKey(left, right))),
    dismissed: proposed.filter(({ left, right }) => gone.has(pairKey(left, right))),
    removed: marked("removed", removed).filter(drawn),
  };
}

/** Whether both ends of a mark are on the canvas. */
export function drawn({ source, target }) {
  return source !== null && target !== null;
}

/** `age → clicks`, with the sign of its kind. */
export function markLabel({ left, right, kind }) {
  return `${left} ${SIGNS[kind]} ${right}`;
}

/** What a kind of proposal means, where its sign does not say it. */
export function kindWords(kind) {
  return WORDS[kind];
}

/** The edges that a person can draw for a mark: {left, right, kind}, what was proposed first. */
export function choicesOf(mark) {
  if (mark.sort === "broken") return mark.mends;
  if (mark.sort !== "proposed") return [];
  const { left, right, kind } = mark;
  const onward = { left, right, kind: "directed" };
  const turned = { left: right, right: left, kind: "directed" };
  const hidden = { left, right, kind: "bidirected" };
  if (kind === "bidirected") return [hidden, onward, turned];
  return kind === "partly directed" ? [onward, hidden, turned] : [onward, turned, hidden];
}

/** Whether a proposal says by itself which edge to draw. */
export function isDefinite({ kind }) {
  return kind === "directed" || kind === "bidirected";
}

/** `83 %`, or nothing where there is no confidence. */
export function percent(confidence) {
  return confidence === null || confidence === undefined ? "" : `${Math.round(100 * confidence)} %`;
}

function onePerId(marks) {
  return [...new Map(marks.map((mark) => [mark.id, mark])).values()];
}
