import { useEffect, useState } from "react";

const AS_IT_IS = "as it is";
const MODES = { set: "set to", shift: "shift by", scale: "scale by", randomise: "randomise" };
const MOST_CHIPS = 6;
/** Keeps the canvas library from taking a drag on a control for a drag of the sheet. */
const STILL = "nodrag nopan nowheel";

/** What can be done with a variable: leave it, set, shift or scale it, or draw it at random. */
export function ModeMenu({ name, info, change, scenario }) {
  if (!info.control) return null;
  const choose = (mode) => scenario.change(name, mode === AS_IT_IS ? null : begun(mode, info.control));
  return (
    <select
      className={`mode ${STILL}`}
      data-testid="what-if-mode"
      aria-label={`What to do with ${name}`}
      value={change?.do ?? AS_IT_IS}
      onChange={(event) => choose(event.target.value)}
    >
      {[AS_IT_IS, ...Object.keys(MODES).filter((mode) => mode in info.control.modes)].map((mode) => (
        <option key={mode} value={mode}>
          {MODES[mode] ?? mode}
        </option>
      ))}
    </select>
  );
}

/** The slider or the levels of a variable, with the way back. */
export function ChangeControl({ name, info, change, scenario }) {
  if (!info.control) return <p className="no-control">{info.note}</p>;
  const reset = change && (
    <button type="button" className={`reset ${STILL}`} data-testid="what-if-reset" aria-label={`Leave ${name} as it is`} title="Leave it as it is" onClick={() => scenario.change(name, null)}>
      ×
    </button>
  );
  if (change?.do === "randomise") {
    return (
      <div className="control">
        <span className="at-random">drawn from its own values</span>
        {reset}
      </div>
    );
  }
  const Part = info.control.levels ? Levels : Slider;
  return (
    <div className="control">
      <Part name={name} info={info} change={change} scenario={scenario} />
      {reset}
    </div>
  );
}

/** How many pixels the control of a variable needs in a card of this width. */
export function controlHeight(info, width) {
  if (!info.control?.levels || info.control.levels.length > MOST_CHIPS) return 34;
  let [rows, along] = [1, 0];
  for (const { label } of info.control.levels) {
    const chip = Math.min(width - 44, 26 + label.length * 7.2);
    if (along > 0 && along + chip > width - 44) [rows, along] = [rows + 1, 0];
    along += chip + 5;
  }
  return 4 + rows * 30;
}

function Slider({ name, info, change, scenario }) {
  const mode = change?.do ?? "set";
  const range = info.control.modes[mode];
  const value = change?.value ?? range.start;
  const move = (text, soon) => Number.isFinite(Number(text)) && text !== "" && scenario.change(name, { do: mode, value: Number(text) }, soon);
  return (
    <>
      <input
        type="range"
        className={STILL}
        data-testid="what-if-slider"
        aria-label={`${name}, ${MODES[mode]}`}
        aria-valuetext={`${shown(value)}${mode === "scale" ? " times" : ""}`}
        min={range.min}
        max={range.max}
        step="any"
        value={value}
        onChange={(event) => move(rounded(Number(event.target.value), range), true)}
        onPointerUp={() => change && scenario.change(name, change)}
        onKeyDown={(event) => step(event, value, range, (next) => move(next, true))}
        onKeyUp={() => change && scenario.change(name, change)}
      />
      <Field name={name} label={`${name}, ${MODES[mode]}, as a number`} value={change ? value : null} start={range.start} onTake={(text) => move(text, false)} />
    </>
  );
}

/** The value as a number that can be typed; it is taken with Enter or on leaving the field. */
function Field({ name, label, value, start, onTake }) {
  const [draft, setDraft] = useState(null);
  useEffect(() => setDraft(null), [value, name]);
  const finish = () => {
    if (draft !== null && draft.trim() !== "") onTake(draft.trim().replace("−", "-").replace(",", "."));
    setDraft(null);
  };
  return (
    <input
      type="text"
      inputMode="decimal"
      className={`field ${STILL}`}
      data-testid="what-if-number"
      aria-label={label}
      placeholder={shown(start)}
      value={draft ?? (value === null ? "" : shown(value))}
      onChange={(event) => setDraft(event.target.value)}
      onKeyDown={(event) => event.key === "Enter" && finish()}
      onBlur={finish}
    />
  );
}

function Levels({ name, info, change, scenario }) {
  const { levels } = info.control;
  const pick = (place) => scenario.change(name, change?.level === place ? null : { do: "set", level: place });
  if (levels.length > MOST_CHIPS) {
    return (
      <select
        className={`level-menu ${STILL}`}
        data-testid="what-if-level"
        aria-label={`Set ${name} to`}
        value={change?.level ?? ""}
        onChange={(event) => scenario.change(name, event.target.value === "" ? null : { do: "set", level: Number(event.target.value) })}
      >
        <option value="">as it is</option>
        {levels.map(({ label }, place) => (
          <option key={label} value={place}>
            {label}
          </option>
        ))}
      </select>
    );
  }
  return (
    <div className="levels" role="group" aria-label={`Set ${name} to`}>
      {levels.map(({ label }, place) => (
        <button
          key={label}
          type="button"
          className={`level ${STILL}`}
          data-testid="what-if-level"
          aria-pressed={change?.level === place}
          title={label}
          onClick={() => pick(place)}
        >
          {label}
        </button>
      ))}
    </div>
  );
}

/** The first change of a mode, where its slider stands then. */
function begun(mode, control) {
  if (mode === "randomise") return { do: mode };
  if (control.levels) return { do: "set", level: control.start ?? 0 };
  return { do: mode, value: control.modes[mode].start };
}

function step(event, value, range, move) {
  const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 };
  if (!(event.key in steps)) return;
  event.preventDefault();
  move(Math.min(range.max, Math.max(range.min, rounded(value + steps[event.key] * range.step, range))));
}

/** On the grid of the steps; the grid goes through zero, so that values are as round as the step. */
function rounded(value, range) {
  const places = Math.max(0, Math.ceil(-Math.log10(range.step)) + 1);
  const snapped = Math.round(value / range.step) * range.step;
  return Number(Math.min(range.max, Math.max(range.min, snapped)).toFixed(Math.min(12, places)));
}

function shown(value) {
  return String(Number(value.toPrecision(5))).replace("-", "−");
}
