import { Background, ReactFlow, ReactFlowProvider, useReactFlow, ViewportPortal } from "@xyflow/react";
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";

import { Arrow, LooseArrow } from "./arrow.jsx";
import { AddBox, RoleBar, Toolbar } from "./bars.jsx";
import { Card } from "./card.jsx";
import { CanvasContext } from "./context.js";
import { deciding, NO_TRACE } from "./deciding.js";
import { Drawer } from "./drawer.jsx";
import { flowEdges, flowMarks, flowNodes, pathSort } from "./flow.js";
import { cardOf, focusedId, giveFocus } from "./focus.js";
import { boxOf, looseLine, routes } from "./geometry.js";
import { edgeLabel, moved, renamed, withEdge, without, withNode, withRole } from "./graph.js";
import { Inspector, subjectOf } from "./inspector.jsx";
import { press } from "./keys.js";
import { freePlace, laidOut } from "./layout.js";
import { MarkLine } from "./mark_line.jsx";
import { drawn, standingMarks } from "./marks.js";
import { savePicture } from "./picture.js";
import { usePull } from "./pull.js";

const NODE_TYPES = { card: Card };
const EDGE_TYPES = { arrow: Arrow, mark: MarkLine };
const MIDDLE = [0.5, 0.5];
const FIT = { padding: 0.14, maxZoom: 1.15, minZoom: 0.15 };
const SEVERAL = ["Shift", "Meta", "Control"];
const NONE = new Set();
const NO_WAYS = new Map();

/** The whole editor: tools, drawing, roles. */
export function Canvas({ editor }) {
  return (
    <ReactFlowProvider>
      <Desk editor={editor} />
    </ReactFlowProvider>
  );
}

function Desk({ editor }) {
  const state = useSyncExternalStore(editor.subscribe, editor.snapshot);
  const desk = useRef(null);
  const flow = useReactFlow();
  const [selection, setSelection] = useState(NONE);
  const [drag, setDrag] = useState(null);
  const [renaming, setRenaming] = useState(null);
  const [adding, setAdding] = useState(null);
  const [kind, setKind] = useState("directed");
  const [line, setLine] = useState(null);
  const [covering, setCovering] = useState(false);
  const [trace, setTrace] = useState(NO_TRACE);
  const [hovered, setHovered] = useState(null);
  const [drawer, setDrawer] = useState(null);
  const focusNext = useRef(null);

  const graph = useMemo(() => (drag ? moved(state.graph, drag) : state.graph), [state.graph, drag]);
  const marks = useMemo(() => standingMarks(state.graph, state.marks, state.dismissed), [state.graph, state.marks, state.dismissed]);
  const lines = useMemo(() => [...marks.removed, ...marks.proposed, ...marks.broken].filter(drawn), [marks]);
  const shown = trace.passing ?? trace.pinned;
  const path = state.reading.paths.find(({ text }) => text === shown) ?? null;
  const view = { selection, renaming, line, reading: state.reading, marks: state.marks, readOnly: state.readOnly, trace: path, hovered };
  const seen = Object.values(view);
  const nodes = useKept((previous) => flowNodes(graph, view, previous), [graph, ...seen]);
  const ways = useKept((previous) => routes(graph.nodes, [...graph.edges, ...lines], previous, drag), [graph, lines, drag], NO_WAYS);
  const arrows = useKept((previous) => flowEdges(graph, ways, view, previous), [graph, ways, ...seen]);
  const overlay = useKept((previous) => flowMarks(lines, graph.nodes, ways, view, previous), [lines, graph, ways, ...seen]);
  const edges = useMemo(() => [...arrows, ...overlay], [arrows, overlay]);

  const now = useRef(null);
  now.current = { state, selection, drag, kind, line, adding, desk, flow, editor, focusNext, marks, lines, path, drawer };
  const set = { setSelection, setDrag, setRenaming, setAdding, setKind, setLine, setCovering, setTrace, setHovered, setDrawer };
  const canvas = useMemo(() => actions(now, set), []);
  canvas.pull = usePull({
    toFlow: flow.screenToFlowPosition,
    nodes: () => now.current.state.graph.nodes,
    kindOf: (event) => (event.altKey ? "bidirected" : now.current.kind),
    onLine: setLine,
    onEnd: ({ from, over, kind: drawn }) => canvas.connect(drawn, from, over),
    onTap: (from) => canvas.beginLink(from),
  });

  useFitting(desk, canvas, state.loads);
  useEffect(() => {
    if (focusNext.current) giveFocus(desk.current, focusNext);
  });

  const classes = ["graph-desk", state.readOnly && "read-only", covering && "covering", line && "drawing", path && "tracing", drawer && "with-drawer"];
  const subject = subjectOf({ graph: state.graph, reading: state.reading, marks, added: state.marks.added.length, selection, hovered, path, readOnly: state.readOnly });
  const counts = {
    paths: `${state.reading.paths.length}${state.reading.paths_complete ? "" : "+"}`,
    open: state.reading.paths.filter((each) => pathSort(each) === "biasing").length,
    broken: marks.broken.length,
    proposed: marks.proposed.length,
    dismissed: marks.dismissed.length,
  };
  const loose = line?.point && graph.nodes.find((node) => node.id === line.from);
  return (
    <CanvasContext.Provider value={canvas}>
      <div
        ref={desk}
        className={classes.filter(Boolean).join(" ")}
        style={{ height: state.height }}
        data-testid="graph-canvas"
        role="region"
        aria-label="Causal graph"
        tabIndex={-1}
        onKeyDown={(event) => press(event, canvas, event.target.closest("[data-id]")?.dataset.id ?? null)}
        onDoubleClick={canvas.doubleClick}
      >
        <Toolbar canvas={canvas} state={state} kind={kind} adding={adding !== null} />
        <div className="stage">
          <div className="sheet">
            <ReactFlow
              nodes={nodes}
              edges={edges}
              nodeTypes={NODE_TYPES}
              edgeTypes={EDGE_TYPES}
              nodeOrigin={MIDDLE}
              onNodesChange={canvas.nodesChanged}
              onEdgesChange={canvas.edgesChanged}
              onNodeClick={canvas.nodeClicked}
              onPaneClick={canvas.letGo}
              onEdgeMouseEnter={canvas.edgeEntered}
              onEdgeMouseLeave={canvas.edgeLeft}
              onMoveStart={canvas.viewMoved}
              nodesDraggable={!state.readOnly}
              nodesConnectable={false}
              nodesFocusable={false}
              edgesFocusable={false}
              disableKeyboardA11y
              deleteKeyCode={null}
              multiSelectionKeyCode={SEVERAL}
              zoomOnScroll={false}
              preventScrolling={false}
              zoomOnDoubleClick={false}
              nodeDragThreshold={3}
              minZoom={0.15}
              maxZoom={2.5}
              proOptions={{ hideAttribution: true }}
            >
              <Background gap={22} size={1.4} />
              {loose && (
                <ViewportPortal>
                  <LooseArrow route={looseLine(boxOf(loose), line.point, line.kind)} kind={line.kind} />
                </ViewportPortal>
              )}
            </ReactFlow>
            {graph.nodes.length === 0 && <EmptyHint readOnly={state.readOnly} />}
            <div className={`message ${state.message?.kind ?? ""}`} role="status" aria-live="polite" data-testid="graph-message">
              {state.message?.text ?? ""}
            </div>
          </div>
          {drawer && <Drawer name={drawer} canvas={canvas} state={state} marks={marks} trace={trace} selection={selection} />}
        </div>
        {adding && (
          <div className="add-place" style={adding.corner}>
            <AddBox state={state} onAdd={canvas.add} onClose={canvas.closeAdd} />
          </div>
        )}
        <Inspector canvas={canvas} subject={subject} counts={counts} drawer={drawer} readOnly={state.readOnly} />
        <RoleBar canvas={canvas} state={state} selection={selection} />
      </div>
    </CanvasContext.Provider>
  );
}

function EmptyHint({ readOnly }) {
  return (
    <div className="empty-hint">
      <strong>{readOnly ? "Nothing is drawn yet." : "Which variables are there, and which one moves which?"}</strong>
      {!readOnly && <span>Double click to add a variable. Drag from its dot to another one to draw an arrow.</span>}
    </div>
  );
}

/** What a person can do; reads the newest state through `now`, so that its identity never changes. */
function actions(now, set) {
  const editor = () => now.current.editor;
  const graph = () => now.current.state.graph;
  const chosen = (id) => (id && !view.gathering && !now.current.selection.has(id) ? [id] : [...now.current.selection]);
  const nodesAmong = (ids) => ids.filter((id) => graph().nodes.some((node) => node.id === id));
  const view = { touched: false, gathering: false };
  const focusSoon = (find) => {
    now.current.focusNext.current = find;
    requestAnimationFrame(() => now.current.focusNext.current && giveFocus(now.current.desk.current, now.current.focusNext));
  };

  const canvas = {
    undo: () => editor().undo(),
    redo: () => editor().redo(),

    openAdd: () => set.setAdding((open) => (open || now.current.state.readOnly ? null : { corner: { left: 8, top: 52 }, place: null })),
    closeAdd: () => {
      set.setAdding(null);
      if (!now.current.focusNext.current) now.current.desk.current.focus({ preventScroll: true });
    },
    add: (name) => {
      const wanted = now.current.adding?.place ?? middleOfView(now.current);
      const next = editor().edit("add", (old) => withNode(old, name, freePlace(old.nodes, wanted, name)), `Added ${name.trim()}`);
      if (!next) return false;
      const { id } = next.nodes.at(-1);
      set.setSelection(new Set([id]));
      now.current.focusNext.current = cardOf(id);
      return true;
    },
    doubleClick: (event) => {
      if (now.current.state.readOnly || !event.target.classList.contains("react-flow__pane")) return;
      const box = now.current.desk.current.getBoundingClientRect();
      const corner = {
        left: Math.max(8, Math.min(event.clientX - box.left - 20, box.width - 268)),
        top: Math.max(52, Math.min(event.clientY - box.top - 20, box.height - 260)),
      };
      set.setAdding({ corner, place: now.current.flow.screenToFlowPosition({ x: event.clientX, y: event.clientY }) });
    },

    switchKind: () => set.setKind((kind) => (kind === "directed" ? "bidirected" : "directed")),
    connect: (kind, from, to) => {
      set.setLine(null);
      const next = editor().edit("connect", (old) => withEdge(old, kind, from, to));
      if (!next) return;
      editor().say(`Drew ${edgeLabel(next, next.edges.at(-1))}`);
    },

    linking: () => now.current.line !== null && !now.current.line.point,
    beginLink: (from) => {
      if (now.current.state.readOnly || nodesAmong([from]).length === 0) return;
      set.setLine({ from, kind: now.current.kind, over: null });
      const { name } = graph().nodes.find((node) => node.id === from);
      editor().say(`From ${name} to which variable? Tap it, or choose with Tab and press Enter. Escape cancels.`);
    },
    endLink: (to) => {
      const { from, kind } = now.current.line;
      if (to !== from && nodesAmong([to]).length) canvas.connect(kind, from, to);
    },
    nextTarget: (step) => {
      const targets = graph().nodes.filter((node) => node.id !== now.current.line.from);
      const here = targets.findIndex((node) => node.id === now.current.line.over);
      const next = here < 0 ? (step > 0 ? 0 : targets.length - 1) : (here + step + targets.length) % targets.length;
      if (targets.length) aim(now, set, targets[next].id);
    },
    targetTowards: ([dx, dy]) => {
      const { from, over } = now.current.line;
      const here = graph().nodes.find((node) => node.id === (over ?? from));
      const next = nearest(graph().nodes, here, dx, dy, from);
      if (next) aim(now, set, next.id);
    },
    letGo: () => {
      if (now.current.line || view.gathering) editor().say(null);
      view.gathering = false;
      set.setLine(null);
      set.setAdding(null);
      set.setSelection(NONE);
      set.setTrace(NO_TRACE);
      set.setHovered(null);
      set.setCovering(false);
    },

    rename: (id) => {
      if (!now.current.state.readOnly && nodesAmong([id]).length) set.setRenaming(id);
    },
    renamed: (id, name) => {
      set.setRenaming(null);
      editor().edit("rename", (old) => renamed(old, id, name));
      now.current.focusNext.current = cardOf(id);
    },
    setRole: (role, id = null) => {
      const ids = nodesAmong(chosen(id));
      if (ids.length) editor().edit("role", (old) => withRole(old, ids, role));
    },
    remove: () => {
      const all = chosen(focusedId(now.current.desk.current));
      const ids = all.filter((id) => !canvas.isMark(id));
      if (!ids.length) all.forEach(canvas.dismiss);
      if (!ids.length || now.current.state.readOnly) return;
      editor().edit("remove", (old) => without(old, ids), "Removed. Ctrl+Z brings it back.");
      set.setSelection(NONE);
      view.gathering = false;
      now.current.desk.current.focus({ preventScroll: true });
    },
    nudge: ([dx, dy], step) => {
      const ids = new Set(nodesAmong(chosen(focusedId(now.current.desk.current))));
      const places = new Map(graph().nodes.filter((node) => ids.has(node.id)).map((node) => [node.id, { x: node.x + dx * step, y: node.y + dy * step }]));
      if (places.size) editor().edit("nudge", (old) => moved(old, places));
    },
    layOut: () => {
      editor().edit("layout", (old) => laidOut(old, now.current.desk.current.clientWidth));
      requestAnimationFrame(canvas.fit);
    },

    selectAll: () => set.setSelection(new Set([...graph().nodes, ...graph().edges].map(({ id }) => id))),
    /** While cards are gathered by key, the focus moves on without choosing what it passes. */
    toggle: (id) => {
      if (!id) return;
      const first = !view.gathering && now.current.selection.has(id);
      view.gathering = true;
      editor().say("Go on with Tab; the space bar adds or drops a variable, Escape lets go of all.");
      if (!first) set.setSelection((old) => (old.has(id) ? new Set([...old].filter((other) => other !== id)) : new Set([...old, id])));
    },
    focused: (id, event) => {
      if (event.target === event.currentTarget && event.target.matches(":focus-visible") && !now.current.line && !view.gathering) set.setSelection(new Set([id]));
    },
    nodeClicked: (event, node) => {
      if (canvas.linking()) canvas.endLink(node.id);
    },
    nodesChanged: (changes) => {
      if (changes.some(({ type }) => type === "select")) view.gathering = false;
      takeSelection(changes, set);
      const moves = changes.filter((change) => change.type === "position" && change.position);
      if (!moves.length) return;
      const places = new Map([...(now.current.drag ?? []), ...moves.map(({ id, position }) => [id, position])]);
      if (moves.some((change) => change.dragging)) {
        set.setDrag(places);
        return;
      }
      editor().edit("move", (old) => moved(old, places));
      set.setDrag(null);
    },
    edgesChanged: (changes) => takeSelection(changes, set),

    viewMoved: (event) => {
      if (event) view.touched = true;
    },
    untouched: () => !view.touched,
    fit: () => {
      view.touched = false;
      now.current.flow.fitView(FIT);
    },
    zoomIn: () => zoom(now.current.flow.zoomIn),
    zoomOut: () => zoom(now.current.flow.zoomOut),
    savePicture: (format) => {
      const { state, lines, path } = now.current;
      savePicture({ graph: state.graph, reading: state.reading, added: state.marks.added, marks: lines, path }, format);
    },
    fullScreen: () => {
      const desk = now.current.desk.current;
      if (desk.getRootNode().fullscreenElement) document.exitFullscreen();
      else if (desk.requestFullscreen) desk.requestFullscreen().catch(() => set.setCovering((on) => !on));
      else set.setCovering((on) => !on);
    },
  };
  const zoom = (change) => {
    view.touched = true;
    change({ duration: 120 });
  };
  return Object.assign(canvas, deciding({ now, set, view, editor, focusSoon }));
}

function aim(now, set, id) {
  now.current.focusNext.current = cardOf(id);
  set.setLine((line) => ({ ...line, over: id }));
}

function nearest(nodes, here, dx, dy, from) {
  const cost = (node) => {
    const along = (node.x - here.x) * dx + (node.y - here.y) * dy;
    const across = Math.abs((node.x - here.x) * dy) + Math.abs((node.y - here.y) * dx);
    return along <= 0 ? Infinity : along + 2 * across;
  };
  const others = nodes.filter((node) => node.id !== from && node.id !== here.id && cost(node) < Infinity);
  return others.sort((a, b) => cost(a) - cost(b))[0];
}

function takeSelection(changes, set) {
  const picked = changes.filter((change) => change.type === "select");
  if (!picked.length) return;
  set.setSelection((old) => {
    const next = new Set(old);
    for (const { id, selected } of picked) selected ? next.add(id) : next.delete(id);
    return next;
  });
}

function middleOfView({ desk, flow }) {
  const box = desk.current.querySelector(".sheet").getBoundingClientRect();
  return flow.screenToFlowPosition({ x: box.left + box.width / 2, y: box.top + box.height / 2 });
}

/** A derived collection whose unchanged members keep their identity from one drawing to the next. */
function useKept(derive, dependencies, first = []) {
  const previous = useRef(first);
  const list = useMemo(() => derive(previous.current), dependencies);
  previous.current = list;
  return list;
}

/** Shows the whole drawing at the start, after each push from Python, and on a new size while nobody has moved the view. */
function useFitting(desk, canvas, loads) {
  const refit = useCallback(() => requestAnimationFrame(canvas.fit), [canvas]);
  useEffect(() => {
    refit();
  }, [loads, refit]);
  useEffect(() => {
    const observer = new ResizeObserver(() => canvas.untouched() && refit());
    observer.observe(desk.current.querySelector(".sheet"));
    return () => observer.disconnect();
  }, [desk, canvas, refit]);
}
