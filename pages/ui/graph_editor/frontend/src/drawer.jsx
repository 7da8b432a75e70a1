import { useState } from "react";

import { pathSort } from "./flow.js";
import { Icon } from "./icons.jsx";
import { PATH_SORTS } from "./inspector.jsx";
import { choicesOf, drawn, isDefinite, kindWords, markLabel, percent } from "./marks.js";

const TITLES = { paths: "Paths", broken: "Broken promises", proposed: "Proposed edges" };
const ORDER = ["biasing", "causal", "blocked"];
const THRESHOLDS = [0.95, 0.9, 0.8, 0.7, 0.6, 0.5];
const USUAL_THRESHOLD = 0.8;

/** The list beside the drawing (below it on a phone): every path, or every mark. */
export function Drawer({ name, canvas, state, marks, trace, selection }) {
  return (
    <aside className="drawer" data-testid="graph-drawer" aria-label={TITLES[name]} onKeyDown={(event) => walk(event, canvas)}>
      <header>
        <h2>{TITLES[name]}</h2>
        <button type="button" className="tool" aria-label="Close the list" title="Close (Escape)" onClick={() => canvas.openDrawer(null)}>
          <Icon name="close" />
        </button>
      </header>
      {name === "paths" && <Paths canvas={canvas} reading={state.reading} trace={trace} />}
      {name === "broken" && <Broken canvas={canvas} marks={marks.broken} selection={selection} readOnly={state.readOnly} />}
      {name === "proposed" && <Proposed canvas={canvas} marks={marks} selection={selection} readOnly={state.readOnly} />}
    </aside>
  );
}

function Paths({ canvas, reading, trace }) {
  const { paths, paths_complete: complete } = reading;
  const groups = ORDER.map((sort) => [sort, paths.filter((path) => pathSort(path) === sort)]).filter(([, group]) => group.length);
  return (
    <div className="list">
      {paths.length === 0 && <p className="nothing">No path joins treatment and outcome.</p>}
      {groups.map(([sort, group]) => (
        <section key={sort} aria-label={PATH_SORTS[sort].word}>
          <h3 className={PATH_SORTS[sort].tone}>
            <Icon name={PATH_SORTS[sort].icon} />
            {PATH_SORTS[sort].word}
            <span className="count">{group.length}</span>
          </h3>
          <ul>
            {group.map((path) => (
              <li key={path.text}>
                <PathRow canvas={canvas} path={path} sort={sort} pinned={trace.pinned === path.text} />
              </li>
            ))}
          </ul>
        </section>
      ))}
      {!complete && <p className="nothing">{`${paths.length} of many paths: short ones, and of the open and biasing ones as many as fit.`}</p>}
    </div>
  );
}

function PathRow({ canvas, path, sort, pinned }) {
  const byMouse = (event, text) => event.pointerType === "mouse" && canvas.trace(text);
  return (
    <button
      type="button"
      className={`row path ${sort}`}
      data-testid="graph-path"
      data-sort={sort}
      aria-pressed={pinned}
      title={path.sentence}
      onPointerEnter={(event) => byMouse(event, path.text)}
      onPointerLeave={(event) => byMouse(event, null)}
      onFocus={(event) => event.target.matches(":focus-visible") && canvas.trace(path.text)}
      onBlur={() => canvas.trace(null)}
      onClick={() => canvas.pin(path.text)}
    >
      <span className="path-text">{path.text}</span>
      {path.blocked_by.length > 0 && <span className="by">{`by ${path.blocked_by.join(", ")}`}</span>}
    </button>
  );
}

function Broken({ canvas, marks, selection, readOnly }) {
  return (
    <ul className="list">
      {marks.length === 0 && <li className="nothing">Every promise that broke has been mended.</li>}
      {marks.map((mark) => (
        <li key={mark.id} className="entry" data-id={mark.id} data-mark={mark.sort}>
          <MarkRow canvas={canvas} mark={mark} selected={selection.has(mark.id)}>
            <span className="by">{mark.sentence}</span>
          </MarkRow>
          {!readOnly && (
            <div className="mends">
              {choicesOf(mark).map((choice, place) => (
                <button key={markLabel(choice)} type="button" className="choice" title={`Draw ${markLabel(choice)} (${place + 1})`} onClick={() => canvas.choose(mark.id, place)}>
                  <span>{markLabel(choice)}</span>
                </button>
              ))}
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}

function Proposed({ canvas, marks, selection, readOnly }) {
  const sorted = [...marks.proposed].sort((a, b) => (b.confidence ?? 0) - (a.confidence ?? 0));
  return (
    <>
      {!readOnly && <AcceptMany canvas={canvas} proposed={sorted} />}
      <ul className="list">
        {sorted.length === 0 && <li className="nothing">Every proposal is decided.</li>}
        {sorted.map((mark) => (
          <li key={mark.id} className="entry proposal" data-id={mark.id} data-mark={mark.sort}>
            <MarkRow canvas={canvas} mark={mark} selected={selection.has(mark.id)}>
              <span className="by">
                {[percent(mark.confidence), kindWords(mark.kind), !drawn(mark) && "adds a variable"].filter(Boolean).join(" · ")}
              </span>
              <span className="bar" aria-hidden="true" style={{ "--share": mark.confidence ?? 0 }} />
            </MarkRow>
            {!readOnly && (
              <>
                {isDefinite(mark) && <Quick name="yes" label={`Accept ${markLabel(mark)}`} testid="graph-quick-accept" onClick={() => canvas.choose(mark.id, 0)} />}
                <Quick name="close" label={`Dismiss ${markLabel(mark)}`} testid="graph-quick-dismiss" onClick={() => canvas.dismiss(mark.id)} />
              </>
            )}
          </li>
        ))}
      </ul>
      {!readOnly && marks.dismissed.length > 0 && (
        <button type="button" className="row restore" data-testid="graph-restore" onClick={canvas.restore}>
          {`${marks.dismissed.length} dismissed. Bring back.`}
        </button>
      )}
    </>
  );
}

function AcceptMany({ canvas, proposed }) {
  const [threshold, setThreshold] = useState(USUAL_THRESHOLD);
  const sure = proposed.filter((mark) => isDefinite(mark) && (mark.confidence ?? 0) >= threshold);
  if (!proposed.some(({ confidence }) => confidence !== null && confidence !== undefined)) return null;
  return (
    <div className="accept-many">
      <label>
        Accept all from{" "}
        <select value={threshold} data-testid="graph-threshold" onChange={(event) => setThreshold(Number(event.target.value))}>
          {THRESHOLDS.map((each) => (
            <option key={each} value={each}>
              {percent(each)}
            </option>
          ))}
        </select>
      </label>
      <button type="button" className="primary" data-testid="graph-accept-many" aria-disabled={sure.length === 0} onClick={() => sure.length && canvas.acceptAll(sure)}>
        {`Draw ${sure.length}`}
      </button>
    </div>
  );
}

function MarkRow({ canvas, mark, selected, children }) {
  const byMouse = (event, id) => event.pointerType === "mouse" && canvas.hover(id);
  return (
    <button
      type="button"
      className="row"
      data-testid={`graph-row-${mark.sort}`}
      aria-pressed={selected}
      onPointerEnter={(event) => byMouse(event, mark.id)}
      onPointerLeave={(event) => byMouse(event, null)}
      onFocus={(event) => event.target.matches(":focus-visible") && canvas.pick(mark.id)}
      onClick={() => canvas.pick(mark.id)}
    >
      <span className="path-text">{markLabel(mark)}</span>
      {children}
    </button>
  );
}

function Quick({ name, label, testid, onClick }) {
  return (
    <button type="button" className="tool quick" aria-label={label} title={label} data-testid={testid} onClick={onClick}>
      <Icon name={name} />
    </button>
  );
}

/** Arrow keys go from row to row, Escape closes; digits and Delete go on to the canvas, which knows the mark in focus. */
function walk(event, canvas) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.target.closest("select")) event.stopPropagation();
  else if (event.key === "Escape") {
    event.stopPropagation();
    canvas.openDrawer(null);
  } else if (step) {
    event.preventDefault();
    event.stopPropagation();
    const rows = [...event.currentTarget.querySelectorAll(".row")];
    const here = rows.indexOf(event.target.closest("li")?.querySelector(".row") ?? event.target);
    rows[Math.max(0, Math.min(rows.length - 1, here + step))]?.focus();
  }
}
