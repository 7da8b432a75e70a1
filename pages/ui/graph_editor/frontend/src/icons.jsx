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
  close: "M6 6l12 12M18 6 6 18",
  paths: "M4 17h2.5c3 0 3-10 6-10H15M12 4l3.5 3L12 10M4 7h2c1 0 1.7.5 2.3 1.3M12 17h8M17 14l3 3-3 3",
  broken: "M3 12c2-6 4 6 6 0M15 12c2-6 4 6 6 0M11 17l2-10",
  proposed: "M12 3a6 6 0 0 1 3.5 10.9c-.6.5-.9 1.1-.9 2.1H9.400c0-1-.3-1.6-.9-2.100A6 6 0 0 1 12 3zM10 20h4",
  yes: "m5 12.5 4.5 4.500L19 7.5",
  may: "M5 12c2.3-4 4.7-4 7 0s4.7 4 7 0",
  no: "M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM6.4 6.400l11.2 11.2",
  warn: "M12 4 21 19.500H3zM12 10v4.500M12 17v.01",
  causal: "M4 12h15M13.5 6.5 19 12l-5.5 5.5",
  point: "M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8z",
  minus: "M6 12h12",
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
