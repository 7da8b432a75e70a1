import { useEffect, useMemo, useRef, useState } from "react";

import { Icon } from "./icons.jsx";
import { LONGEST_NAME } from "./graph.js";
import { roleColours, ROLES } from "./roles.js";

const SHOWN_COLUMNS = 200;

/** The row of tools above the drawing. */
export function Toolbar({ canvas, state, kind, adding }) {
  const edit = !state.readOnly;
  return (
    <div className="toolbar" role="toolbar" aria-label="Graph tools">
      {edit && (
        <>
          <Tool name="add" label="Add a variable" keys="N" testid="graph-add" pressed={adding} onClick={canvas.openAdd} text="Variable" />
          <Tool name="bidirected" label="Draw unobserved common causes" keys="B, or hold Alt" testid="graph-mode-bidirected" pressed={kind === "bidirected"} onClick={canvas.switchKind} text="Unobserved cause" />
          <span className="divider" />
          <Tool name="undo" label="Undo" keys="Ctrl+Z" testid="graph-undo" disabled={!state.past.length} onClick={canvas.undo} />
          <Tool name="redo" label="Redo" keys="Ctrl+Y" testid="graph-redo" disabled={!state.future.length} onClick={canvas.redo} />
          <Tool name="layout" label="Lay out along the arrows" keys="L" testid="graph-layout" onClick={canvas.layOut} />
        </>
      )}
      <span className="spacer" />
      <Tool name="zoomOut" label="Zoom out" keys="−" testid="graph-zoom-out" onClick={canvas.zoomOut} wide />
      <Tool name="zoomIn" label="Zoom in" keys="+" testid="graph-zoom-in" onClick={canvas.zoomIn} wide />
      <Tool name="fit" label="Show everything" keys="F" testid="graph-fit" onClick={canvas.fit} />
      <Tool name="saveSvg" label="Save as SVG" testid="graph-save-svg" disabled={!state.graph.nodes.length} onClick={() => canvas.savePicture("svg")} wide />
      <Tool name="savePng" label="Save as PNG" testid="graph-save-png" disabled={!state.graph.nodes.length} onClick={() => canvas.savePicture("png")} />
      <Tool name="fullScreen" label="Full screen" keys="M" testid="graph-full-screen" onClick={canvas.fullScreen} />
    </div>
  );
}

/** The legend of roles; with variables selected it is the palette that gives them one. */
export function RoleBar({ canvas, state, selection }) {
  const nodes = state.graph.nodes.filter((node) => selection.has(node.id));
  const role = nodes.length && nodes.every((node) => node.role === nodes[0].role) ? nodes[0].role : undefined;
  const idle = state.readOnly || nodes.length === 0;
  return (
    <div className="role-bar" role="toolbar" aria-label="Role of the selected variables">
      {ROLES.map((entry) => (
        <button
          key={entry.key}
          type="button"
          className={`chip role-${entry.role ?? "none"}`}
          style={roleColours(entry.role)}
          data-testid={`graph-role-${entry.role ?? "none"}`}
          aria-pressed={!idle && role === entry.role}
          aria-label={`${entry.role ?? "no role"}: ${entry.hint}`}
          title={`${entry.role ?? "No role"}: ${entry.hint}. Key ${entry.key}.`}
          aria-disabled={idle}
          onClick={() => !idle && canvas.setRole(entry.role)}
        >
          <span className="letter">{entry.letter}</span>
          <span className="chip-name">{entry.role ?? "none"}</span>
        </button>
      ))}
      {!state.readOnly && (
        <>
          <span className="spacer" />
          <Tool name="rename" label="Rename" keys="F2" testid="graph-rename" disabled={nodes.length !== 1} onClick={() => canvas.rename(nodes[0].id)} />
          <Tool name="remove" label="Remove" keys="Delete" testid="graph-delete" disabled={selection.size === 0} onClick={canvas.remove} />
        </>
      )}
    </div>
  );
}

/** Asks for the name of a new variable and offers the columns that are not drawn yet. */
export function AddBox({ state, onAdd, onClose }) {
  const [name, setName] = useState("");
  const field = useRef(null);
  const left = useMemo(() => columnsLeft(state), [state.columns, state.graph]);
  const matching = left.filter((column) => column.toLowerCase().includes(name.trim().toLowerCase()));
  useEffect(() => field.current.focus({ preventScroll: true }), []);
  const submit = (event) => {
    event.preventDefault();
    if (onAdd(name)) onClose();
  };
  const onKeyDown = (event) => {
    event.stopPropagation();
    if (event.key === "Escape") onClose();
    if (event.key === "ArrowDown") walk(event, 1);
    if (event.key === "ArrowUp") walk(event, -1);
  };
  const pick = (column) => {
    if (onAdd(column)) setName("");
    field.current.focus({ preventScroll: true });
  };
  return (
    <form className="add-box" data-testid="graph-add-box" onSubmit={submit} onKeyDown={onKeyDown}>
      <div className="add-row">
        <input
          ref={field}
          value={name}
          maxLength={LONGEST_NAME}
          onChange={(event) => setName(event.target.value)}
          aria-label="Name of the new variable"
          placeholder={left.length ? "Name, or pick a column" : "Name"}
          autoComplete="off"
        />
        <button type="submit" className="primary">
          Add
        </button>
      </div>
      {matching.length > 0 && (
        <ul aria-label="Columns not on the canvas">
          {matching.slice(0, SHOWN_COLUMNS).map((column) => (
            <li key={column}>
              <button type="button" title={column} data-testid="graph-add-column" onClick={() => pick(column)}>
                {column}
              </button>
            </li>
          ))}
          {matching.length > SHOWN_COLUMNS && <li className="more">{`${matching.length - SHOWN_COLUMNS} more: type to narrow`}</li>}
        </ul>
      )}
    </form>
  );
}

/** One button. It is never `disabled`: a disabled button that has the focus swallows the keys of the canvas. */
function Tool({ name, label, keys, testid, text, wide, pressed, disabled, onClick }) {
  return (
    <button
      type="button"
      className={["tool", wide && "wide-only", text && "with-text"].filter(Boolean).join(" ")}
      data-testid={testid}
      aria-label={label}
      title={keys ? `${label} (${keys})` : label}
      aria-pressed={pressed}
      aria-disabled={Boolean(disabled)}
      onClick={() => !disabled && onClick()}
    >
      <Icon name={name} />
      {text && <span className="tool-text">{text}</span>}
    </button>
  );
}

function columnsLeft({ columns, graph }) {
  const drawn = new Set(graph.nodes.map((node) => node.name));
  return columns.filter((column) => !drawn.has(column));
}

function walk(event, step) {
  const stops = [...event.currentTarget.querySelectorAll("input, li button")];
  const here = stops.indexOf(event.target);
  event.preventDefault();
  stops[Math.min(stops.length - 1, Math.max(0, here + step))]?.focus();
}
