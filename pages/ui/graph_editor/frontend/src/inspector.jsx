import { Icon } from "./icons.jsx";
import { marker, pathSort } from "./flow.js";
import { edgeLabel } from "./graph.js";
import { choicesOf, isDefinite, kindWords, markLabel, percent } from "./marks.js";

const VERDICTS = {
  adjust: { tone: "yes", icon: "yes", word: "Adjust" },
  "may adjust": { tone: "may", icon: "may", word: "May adjust" },
  "must not adjust": { tone: "no", icon: "no", word: "Must not adjust" },
};
const ENDS = {
  treatment: { tone: "note", icon: "point", word: "Treatment", text: "What is changed: its effect is asked for." },
  outcome: { tone: "note", icon: "point", word: "Outcome", text: "What may respond: the effect is measured on it." },
};
export const PATH_SORTS = {
  biasing: { tone: "no", icon: "warn", word: "Open, biasing" },
  causal: { tone: "yes", icon: "causal", word: "Causal" },
  blocked: { tone: "may", icon: "no", word: "Blocked" },
};
const EDGES = {
  causal: { tone: "yes", icon: "causal", word: "Causal", text: "lies on a path that carries the effect." },
  biasing: { tone: "no", icon: "warn", word: "Biasing", text: "lies on a path that is open and carries bias." },
};

/** The strip under the drawing: what is to be said of the thing in hand, what can be done with it, and what there is to open. */
export function Inspector({ canvas, subject, counts, drawer, readOnly }) {
  const { said, mark } = subject;
  const choices = mark && !readOnly ? choicesOf(mark) : [];
  return (
    <div className={`inspector ${choices.length ? "with-choices" : ""}`} data-testid="graph-inspector">
      <div className="said" role="status" aria-live="polite" data-testid="graph-said">
        {said.word && (
          <span className={`verdict ${said.tone}`}>
            <Icon name={said.icon} />
            {said.word}
          </span>
        )}
        <span className="sentence">
          {said.subject && <b>{said.subject} </b>}
          {said.text}
        </span>
      </div>
      {choices.length > 0 && <Choices canvas={canvas} mark={mark} choices={choices} />}
      <div className="openers">
        <Opener canvas={canvas} name="paths" icon="paths" label="Paths" count={counts.paths} alarm={counts.open > 0} open={drawer} />
        {counts.broken > 0 && <Opener canvas={canvas} name="broken" icon="broken" label="Broken" count={counts.broken} alarm open={drawer} />}
        {counts.proposed + counts.dismissed > 0 && <Opener canvas={canvas} name="proposed" icon="proposed" label="Proposed" count={counts.proposed} open={drawer} />}
      </div>
    </div>
  );
}

function Choices({ canvas, mark, choices }) {
  return (
    <div className="choices">
      {choices.map((choice, place) => (
        <button
          key={markLabel(choice)}
          type="button"
          className={place === 0 && (mark.sort === "broken" || isDefinite(mark)) ? "choice first" : "choice"}
          data-testid="graph-choice"
          aria-label={`Draw ${markLabel(choice)}`}
          title={`Draw ${markLabel(choice)} (${place + 1})`}
          onClick={() => canvas.choose(mark.id, place)}
        >
          <kbd aria-hidden="true">{place + 1}</kbd>
          <span>{markLabel(choice)}</span>
        </button>
      ))}
      {mark.sort === "proposed" && (
        <button type="button" className="choice" data-testid="graph-dismiss" title="Dismiss this proposal (Delete)" onClick={() => canvas.dismiss(mark.id)}>
          <Icon name="close" />
          <span>Dismiss</span>
        </button>
      )}
    </div>
  );
}

function Opener({ canvas, name, icon, label, count, alarm, open }) {
  return (
    <button
      type="button"
      className={`tool opener ${alarm ? "alarm" : ""}`}
      data-testid={`graph-open-${name}`}
      aria-expanded={open === name}
      title={name === "paths" ? `${label} (P)` : label}
      onClick={() => canvas.openDrawer(open === name ? null : name)}
    >
      <Icon name={icon} />
      <span className="opener-text">{label}</span>
      <span className="count">{count}</span>
    </button>
  );
}

/** What the strip is about: {said: {tone, icon, word, subject, text}, mark}. */
export function subjectOf({ graph, reading, marks, added, selection, hovered, path, readOnly }) {
  if (path) return { said: { ...PATH_SORTS[pathSort(path)], subject: path.text, text: path.sentence } };
  const known = new Map([...marks.broken, ...marks.proposed, ...marks.removed].map((mark) => [mark.id, mark]));
  const chosen = [...selection];
  const mark = known.get(hovered) ?? (chosen.length === 1 ? known.get(chosen[0]) : undefined);
  if (mark) return { mark, said: markSaid(mark) };
  if (chosen.length > 1) return { said: { text: `${chosen.length} selected.` } };
  const node = graph.nodes.find(({ id }) => id === chosen[0]);
  if (node) return { said: nodeSaid(node, reading) };
  const edge = graph.edges.find(({ id }) => id === chosen[0]);
  if (edge) return { said: edgeSaid(graph, edge, reading) };
  return { said: { text: summary(graph, reading, marks, added, readOnly) } };
}

function markSaid(mark) {
  if (mark.sort === "broken") return { tone: "broken", icon: "broken", word: "Broken promise", text: mark.sentence };
  if (mark.sort === "removed") return { tone: "may", icon: "minus", word: "Gone", subject: markLabel(mark), text: "is in the other version only." };
  const word = ["Proposed", percent(mark.confidence)].filter(Boolean).join(", ");
  const text = [kindWords(mark.kind), mark.sentence].filter(Boolean).join(": ");
  return { tone: "proposed", icon: "proposed", word, subject: markLabel(mark), text };
}

function nodeSaid(node, reading) {
  const advice = reading.advice[node.name];
  if (advice) return { ...VERDICTS[advice.verdict], text: advice.reason };
  return ENDS[node.role] ? { ...ENDS[node.role], subject: node.name } : { subject: node.name, text: node.role ?? "has no role yet." };
}

function edgeSaid(graph, edge, reading) {
  const label = edgeLabel(graph, edge);
  const names = new Map(graph.nodes.map(({ id, name }) => [id, name]));
  const sort = marker(reading)(edge.kind, names.get(edge.source), names.get(edge.target));
  if (sort) return { ...EDGES[sort], subject: label, text: EDGES[sort].text };
  return { subject: label, text: edge.kind === "bidirected" ? "an unobserved common cause of both." : "" };
}

function summary(graph, reading, marks, added, readOnly) {
  const sorts = reading.paths.map(pathSort);
  const count = (sort) => sorts.filter((each) => each === sort).length;
  const paths = reading.paths_complete ? `${sorts.length} ${sorts.length === 1 ? "path" : "paths"}` : `${sorts.length} of many paths`;
  const found = sorts.length ? `${paths}: ${count("causal")} causal, ${count("biasing")} open and biasing, ${count("blocked")} blocked. ` : "";
  const hint = Object.keys(reading.advice).length ? "Choose a variable to see whether to adjust for it." : "";
  const gone = marks.removed.length || added ? `Beside the other version: ${added} more (+), ${marks.removed.length} gone (−). ` : "";
  return `${gone}${found}${hint}` || (readOnly || graph.nodes.length ? "" : "The graph says here what to adjust for, and why.");
}
