const PATHS = {
  add: "M12 5v14M5 12h14",
  bidirected: "M4 15c3-9 13-9 16 0M4 15l.3-5M4 15l4.6-1.8M20 15l-.3-5M20 15l-4.6-1.8",
  undo: "M9 5 4 10l5 5M4 10h10.5a5 5 0 0 1 0 10H11",
  redo: "m15 5 5 5-5 5M20 10H9.5a5 5 0 0 0 0 10H13",
  layout: "M3 9.5h5v5H3zM16 4h5v5h-5zM16 15h5v5h-5zM8 12h4M12 12V6.5h4M12 12v5.5h4",
  fit: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  fullScreen: "M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7",
  zoomIn: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.5 15.5 20 20M10.5 7.5v6M7.5 10.5h6",
  zoomOut: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.5 15.5 20 20M7.5 10.5h6",
  saveSvg: "M12 4v10M8 10.5l4 4 4-4M4 18c3-3 5 3 8 0s5 3 8 0",
  savePng: "M12 3v8M9 8l3 3 3-3M4 13v7h16v-7M7 17.5l3-2.5 3 2 3-2.5 2 2",
  rename: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  remove: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
};

/** A line drawing in the colour of the text; its name stands on the button around it. */
export function Icon({ name }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
