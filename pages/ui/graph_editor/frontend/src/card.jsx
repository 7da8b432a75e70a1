import { Handle, Position } from "@xyflow/react";
import { memo, useEffect, useRef } from "react";

import { useCanvas } from "./context.js";
import { LONGEST_NAME } from "./graph.js";
import { roleColours, roleOf } from "./roles.js";

const DOTS = ["right", "left", "top", "bottom"];

/** One variable: its role as colour and letter, its name, and dots to draw arrows from. */
export const Card = memo(function Card({ id, data, selected }) {
  const { name, role, adjusted, renaming, readOnly, linking, trace } = data;
  const canvas = useCanvas();
  const classes = ["card", `role-${role ?? "none"}`, selected && "selected", adjusted && "adjusted", linking && `link-${linking}`, trace && `lit trace-${trace}`];
  return (
    <div
      className={classes.filter(Boolean).join(" ")}
      style={roleColours(role)}
      data-testid="graph-node"
      data-name={name}
      data-id={id}
      data-trace={trace}
      role="group"
      tabIndex={0}
      aria-label={spoken(name, role, adjusted)}
      aria-roledescription="variable"
      title={name}
      onFocus={(event) => canvas.focused(id, event)}
      onDoubleClick={() => canvas.rename(id)}
    >
      <Handle type="target" position={Position.Left} isConnectable={false} className="anchor" />
      <Handle type="source" position={Position.Right} isConnectable={false} className="anchor" />
      <span className="letter" aria-hidden="true">
        {role === null ? "" : roleOf(role).letter}
      </span>
      {renaming ? <NameField id={id} name={name} /> : <span className="name">{name}</span>}
      {(adjusted || trace === "blocks") && (
        <span className={trace === "blocks" ? "tag blocks" : "tag"} aria-hidden="true">
          {trace === "blocks" ? "blocks" : "adjust"}
        </span>
      )}
      {!readOnly && !renaming && DOTS.map((side) => <Dot key={side} id={id} side={side} />)}
    </div>
  );
});

function Dot({ id, side }) {
  const { pull } = useCanvas();
  return (
    <span
      className={`dot dot-${side} nodrag nopan`}
      data-testid={`graph-dot-${side}`}
      title="Drag to another variable to draw an arrow. Hold Alt for an unobserved common cause."
      onPointerDown={(event) => pull.start(event, id)}
      onPointerMove={pull.move}
      onPointerUp={pull.end}
      onPointerCancel={pull.cancel}
      onDoubleClick={(event) => event.stopPropagation()}
    />
  );
}

function NameField({ id, name }) {
  const canvas = useCanvas();
  const field = useRef(null);
  const settled = useRef(false);
  useEffect(() => field.current.select(), []);
  const finish = (value) => {
    if (settled.current) return;
    settled.current = true;
    canvas.renamed(id, value);
  };
  const onKeyDown = (event) => {
    if (event.key === "Enter") finish(event.target.value);
    if (event.key === "Escape") finish(name);
  };
  return (
    <input
      ref={field}
      className="name-field nodrag nopan"
      aria-label={`New name of ${name}`}
      defaultValue={name}
      maxLength={LONGEST_NAME}
      autoFocus
      onKeyDown={onKeyDown}
      onBlur={(event) => finish(event.target.value)}
      onDoubleClick={(event) => event.stopPropagation()}
    />
  );
}

function spoken(name, role, adjusted) {
  return [name, role ?? "no role", adjusted && "adjusted for"].filter(Boolean).join(", ");
}
