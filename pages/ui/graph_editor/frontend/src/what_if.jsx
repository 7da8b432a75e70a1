import { Background, ReactFlow, ReactFlowProvider, useReactFlow, useStore } from "@xyflow/react";
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";

import { Arrow } from "./arrow.jsx";
import { CanvasContext } from "./context.js";
import { routes } from "./geometry.js";
import { edgeLabel } from "./graph.js";
import { Icon } from "./icons.jsx";
import { downstream } from "./scenario.js";
import { spread, zoomOf } from "./spread.js";
import { sizeOf, WhatIfCard, WhatIfRow } from "./what_if_card.jsx";

const NODE_TYPES = { card: WhatIfCard };
const EDGE_TYPES = { arrow: Arrow };
const MIDDLE = [0.5, 0.5];
const FIT = { padding: 0.05, maxZoom: 1.1, minZoom: 0.1 };
const PRESENTED = { padding: 0.02, maxZoom: 1.5, minZoom: 0.1 };
const LEGIBLE = 0.66;
const INERT = { focused: () => {} };
const CUTS = new Set(["set", "randomise"]);

/** The drawing with a control on each variable; where the cards would be too small for them, the controls stand below. */
export function WhatIf({ scenario }) {
  return (
    <ReactFlowProvider>
      <Desk scenario={scenario} />
    </ReactFlowProvider>
  );
}

function Desk({ scenario }) {
  const state = useSyncExternalStore(scenario.subscribe, scenario.snapshot);
  const { graph, nodes: infos, changes, present } = state;
  const desk = useRef(null);
  const sheet = useSize(desk);
  const placed = useMemo(() => arranged(graph, infos, sheet, state.height, present), [graph, infos, sheet, state.height, present]);
  const states = useMemo(() => statesOf(graph, infos, changes), [graph, infos, changes]);
  const nodes = placed.graph.nodes.map((node) => flowNode(node, { state, states, scenario, compact: placed.compact }));
  const ways = useMemo(() => routes(placed.graph.nodes, placed.graph.edges), [placed]);
  const edges = placed.graph.edges.map((edge) => flowEdge(edge, placed.graph, ways, states, changes));
  const listed = placed.compact && !present;
  const changed = Object.keys(changes).length > 0;
  return (
    <CanvasContext.Provider value={INERT}>
      <div
        ref={desk}
        className={["graph-desk", "what-if", listed && "listed", present && "presented"].filter(Boolean).join(" ")}
        style={{ height: state.height }}
        data-testid="what-if-canvas"
        role="region"
        aria-label="What if, on the causal graph"
        aria-busy={state.waiting}
      >
        {!present && <Tools scenario={scenario} desk={desk} changed={changed} waiting={state.waiting} />}
        <div className="stage">
          <div className="sheet">
            <ReactFlow
              nodes={nodes}
              edges={edges}
              nodeTypes={NODE_TYPES}
              edgeTypes={EDGE_TYPES}
              nodeOrigin={MIDDLE}
              nodesDraggable={false}
              nodesConnectable={false}
              nodesFocusable={false}
              edgesFocusable={false}
              elementsSelectable={false}
              disableKeyboardA11y
              deleteKeyCode={null}
              panOnDrag={!present}
              zoomOnScroll={false}
              zoomOnPinch={!present}
              preventScrolling={false}
              zoomOnDoubleClick={false}
              minZoom={0.1}
              maxZoom={2}
              proOptions={{ hideAttribution: true }}
            >
              <Background gap={22} size={1.4} />
              <Fitting on={placed} how={present ? PRESENTED : FIT} />
            </ReactFlow>
          </div>
        </div>
        {listed && (
          <ul className="what-if-list" aria-label="Every variable">
            {inOrder(graph.nodes.filter(({ name }) => infos[name]?.control)).map((node) => (
              <WhatIfRow key={node.id} node={node} info={infos[node.name]} change={changes[node.name]} state={states.get(node.name)} scenario={scenario} />
            ))}
          </ul>
        )}
      </div>
    </CanvasContext.Provider>
  );
}

function Tools({ scenario, desk, changed, waiting }) {
  const flow = useReactFlow();
  const tools = [
    ["zoomOut", "Zoom out", () => flow.zoomOut({ duration: 120 }), "wide-only"],
    ["zoomIn", "Zoom in", () => flow.zoomIn({ duration: 120 }), "wide-only"],
    ["fit", "Show everything", () => flow.fitView(FIT), ""],
    ["fullScreen", "Full screen", () => turnFullScreen(desk.current), ""],
  ];
  return (
    <div className="toolbar" role="toolbar" aria-label="What-if tools">
      <button type="button" className="tool with-text" data-testid="what-if-reset-all" aria-disabled={!changed} onClick={() => scenario.reset()}>
        <Icon name="undo" />
        <span>Leave all as it is</span>
      </button>
      <span className="working" role="status">
        {waiting ? "working it out …" : ""}
      </span>
      <span className="spacer" />
      {tools.map(([name, label, onClick, wide]) => (
        <button key={name} type="button" className={`tool ${wide}`} data-testid={`what-if-${name}`} aria-label={label} title={label} onClick={onClick}>
          <Icon name={name} />
        </button>
      ))}
    </div>
  );
}

/** Shows the whole drawing whenever it is arranged anew, or its sheet has another size. */
function Fitting({ on, how }) {
  const flow = useReactFlow();
  const size = useStore(({ width, height }) => `${width} ${height}`);
  useEffect(() => {
    const request = requestAnimationFrame(() => flow.fitView(how));
    return () => cancelAnimationFrame(request);
  }, [on.key, flow, how, size]);
  return null;
}

/** The drawing with cards that do not cover each other: with controls where they stay legible, else compact. */
function arranged(graph, infos, sheet, height, present) {
  const size = { width: sheet.width || 900, height: (present ? height : height - 60) || 500 };
  const made = (compact, area) => spread(graph, new Map(graph.nodes.map(({ id, name }) => [id, sizeOf(name, infos[name], compact)])), area);
  if (graph.nodes.length === 0) return { graph, compact: true, key: "empty" };
  const full = present || size.width < 560 ? null : made(false, size);
  const compact = full === null || zoomOf(full, size) < LEGIBLE;
  const shown = compact ? made(true, { ...size, height: size.height * (present ? 1 : 0.5) }) : full;
  const key = JSON.stringify([compact, Math.round(size.width / 8), height, ...shown.nodes.map(({ x, y, width, height }) => [x, y, width, height])]);
  return { graph: shown, compact, key };
}

/** What each variable is to the scenario: "changed", "moved" where it comes after a change, else "still". */
function statesOf(graph, infos, changes) {
  const moved = downstream(graph, Object.keys(changes));
  const state = (name) => (name in changes ? "changed" : moved.has(name) && infos[name]?.after !== null ? "moved" : "still");
  return new Map(graph.nodes.map(({ name }) => [name, state(name)]));
}

/** What the question asks about first, everything else in the order of the drawing's text. */
function inOrder(nodes) {
  const rank = ({ role }) => (role === "treatment" ? 0 : 1);
  return [...nodes].sort((a, b) => rank(a) - rank(b));
}

function flowNode(node, { state, states, scenario, compact }) {
  const { width, height, x, y, name, role } = node;
  const data = {
    name,
    role,
    info: state.nodes[name],
    change: state.changes[name],
    state: states.get(name),
    waiting: state.waiting && states.get(name) !== "still",
    compact,
    scenario,
  };
  return { id: node.id, type: "card", position: { x, y }, width, height, measured: { width, height }, data };
}

function flowEdge(edge, graph, ways, states, changes) {
  const names = new Map(graph.nodes.map(({ id, name }) => [id, name]));
  const [sourceName, targetName] = [names.get(edge.source), names.get(edge.target)];
  const cut = CUTS.has(changes[targetName]?.do);
  const carries = edge.kind === "directed" && states.get(sourceName) !== "still" && !cut;
  const data = {
    route: ways.get(edge.id),
    kind: edge.kind,
    label: `${edgeLabel(graph, edge)}${cut ? ", cut by the change" : ""}`,
    sourceName,
    targetName,
    mark: cut ? "cut" : carries ? "causal" : null,
    trace: null,
    added: false,
  };
  return { id: edge.id, type: "arrow", source: edge.source, target: edge.target, ariaRole: "presentation", ariaLabel: null, data };
}

function turnFullScreen(desk) {
  if (desk.getRootNode().fullscreenElement) document.exitFullscreen();
  else desk.requestFullscreen?.();
}

/** The size of the desk, kept as the screen changes. */
function useSize(desk) {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const measure = () => setSize({ width: desk.current?.clientWidth ?? 0, height: desk.current?.clientHeight ?? 0 });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(desk.current);
    return () => observer.disconnect();
  }, [desk]);
  return size;
}
